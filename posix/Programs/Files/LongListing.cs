using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>The columns of ls -l. Users and groups have numbers only, but for root; the time is UTC.</summary>
internal static class LongListing
{
    public static void Print(Libc libc, List<DirectoryLine> lines, Options options)
    {
        var rows = new List<string[]>();
        Span<int> widths = new int[5];
        foreach (DirectoryLine line in lines)
        {
            string[] row = Columns(line.Attributes, options);
            rows.Add(row);
            for (int column = 0; column < widths.Length; column++)
            {
                widths[column] = Math.Max(widths[column], row[column].Length);
            }
        }

        for (int index = 0; index < lines.Count; index++)
        {
            string[] row = rows[index];
            string inode = options.Has('i') ? Padding.Left(row[4], widths[4]) + " " : "";
            string owners = $"{Padding.Right(row[1], widths[1])} {Padding.Right(row[2], widths[2])}";
            FileAttributes attributes = lines[index].Attributes;
            string time = DateText.Short(attributes.ModificationTime, libc.Context.WallClockMicros / 1_000_000);
            libc.Print($"{inode}{ModeText.Of(attributes.Mode)} {Padding.Left(row[0], widths[0])} {owners} ");
            libc.Print($"{Padding.Left(row[3], widths[3])} {time} ");
            libc.PrintLine(lines[index].Name + LinkTarget(libc, lines[index]));
        }
    }

    private static string[] Columns(in FileAttributes attributes, Options options)
    {
        bool isDevice = (attributes.Mode & FileMode.TypeMask) is FileMode.CharacterDevice or FileMode.BlockDevice;
        string size = isDevice ? $"{attributes.DeviceNumber >> 8}, {attributes.DeviceNumber & 0xFF}"
            : options.Has('h') ? SizeText.Human(attributes.SizeBytes)
            : $"{attributes.SizeBytes}";
        bool isNumeric = options.Has('n');
        return
        [
            $"{attributes.LinkCount}",
            attributes.UserId == 0 && !isNumeric ? "root" : $"{attributes.UserId}",
            attributes.GroupId == 0 && !isNumeric ? "root" : $"{attributes.GroupId}",
            size,
            $"{attributes.Inode}",
        ];
    }

    private static string LinkTarget(Libc libc, DirectoryLine line)
    {
        bool isLink = (line.Attributes.Mode & FileMode.TypeMask) == FileMode.SymbolicLink;
        return isLink && libc.ReadLink(line.Path, out string target) == Errno.None ? $" -> {target}" : "";
    }
}
