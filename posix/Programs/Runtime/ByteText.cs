namespace RedLeafSharp.Posix.Programs;

/// <summary>
/// Text of a program as bytes and back. A character of a string stands for one byte, so that names and data survive whatever
/// their encoding is; text of the programs themselves is ASCII.
/// </summary>
internal static class ByteText
{
    /// <summary>A string with one character for each byte.</summary>
    public static string ToText(ReadOnlySpan<byte> bytes)
    {
        var characters = new char[bytes.Length];
        for (int index = 0; index < bytes.Length; index++)
        {
            characters[index] = (char)bytes[index];
        }

        return new string(characters);
    }

    /// <summary>The bytes that a string stands for.</summary>
    public static byte[] ToBytes(ReadOnlySpan<char> text)
    {
        var bytes = new byte[text.Length];
        Copy(text, bytes);
        return bytes;
    }

    /// <summary>Writes the bytes of a string to a buffer that is at least as long.</summary>
    public static void Copy(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        for (int index = 0; index < text.Length; index++)
        {
            bytes[index] = (byte)text[index];
        }
    }

    /// <summary>Appends each string and a NUL, as arguments are passed.</summary>
    public static byte[] ToArguments(List<string> arguments)
    {
        int length = 0;
        foreach (string argument in arguments)
        {
            length += argument.Length + 1;
        }

        var bytes = new byte[length];
        int position = 0;
        foreach (string argument in arguments)
        {
            Copy(argument, bytes.AsSpan(position));
            position += argument.Length + 1;
        }

        return bytes;
    }

    /// <summary>Splits a block of strings that each end with NUL.</summary>
    public static List<string> FromArguments(ReadOnlySpan<byte> block)
    {
        var arguments = new List<string>();
        while (block.Length > 0)
        {
            int length = block.IndexOf((byte)0);
            length = length < 0 ? block.Length : length;
            arguments.Add(ToText(block[..length]));
            block = block[Math.Min(length + 1, block.Length)..];
        }

        return arguments;
    }
}
