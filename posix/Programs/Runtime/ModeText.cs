using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>File modes as text: "drwxr-xr-x", octal numbers, and chmod's symbolic changes.</summary>
internal static class ModeText
{
    private const string Letters = "rwxrwxrwx";

    /// <summary>The ten characters that ls -l starts a line with.</summary>
    public static string Of(uint mode)
    {
        Span<char> text = new char[10];
        text[0] = (mode & FileMode.TypeMask) switch
        {
            FileMode.Directory => 'd',
            FileMode.SymbolicLink => 'l',
            FileMode.CharacterDevice => 'c',
            FileMode.BlockDevice => 'b',
            FileMode.Fifo => 'p',
            FileMode.Socket => 's',
            _ => '-',
        };
        for (int bit = 0; bit < 9; bit++)
        {
            text[bit + 1] = (mode & (0x100u >> bit)) != 0 ? Letters[bit] : '-';
        }

        Mark(text, 3, (mode & 0x800) != 0, 's');
        Mark(text, 6, (mode & 0x400) != 0, 's');
        Mark(text, 9, (mode & 0x200) != 0, 't');
        return text.ToString();
    }

    /// <summary>What coreutils calls the type of a file.</summary>
    public static string TypeOf(in FileAttributes attributes) => (attributes.Mode & FileMode.TypeMask) switch
    {
        FileMode.Directory => "directory",
        FileMode.SymbolicLink => "symbolic link",
        FileMode.CharacterDevice => "character special file",
        FileMode.BlockDevice => "block special file",
        FileMode.Fifo => "fifo",
        FileMode.Socket => "socket",
        _ => attributes.SizeBytes == 0 ? "regular empty file" : "regular file",
    };

    /// <summary>A mode in octal digits.</summary>
    public static bool TryParseOctal(string text, out uint mode)
    {
        mode = 0;
        foreach (char digit in text)
        {
            if (digit is < '0' or > '7' || mode > 0x1FF)
            {
                return false;
            }

            mode = (mode * 8) + (uint)(digit - '0');
        }

        return text.Length > 0;
    }

    private static void Mark(Span<char> text, int position, bool isSet, char mark)
    {
        if (isSet)
        {
            text[position] = text[position] == 'x' ? mark : char.ToUpperInvariant(mark);
        }
    }
}
