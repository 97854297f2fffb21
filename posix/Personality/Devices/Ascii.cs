namespace RedLeafSharp.Posix.Personality;

/// <summary>Text of the personality as bytes.</summary>
internal static class Ascii
{
    /// <summary>A character stands for a byte.</summary>
    public static byte[] ToBytes(string text)
    {
        var bytes = new byte[text.Length];
        for (int index = 0; index < text.Length; index++)
        {
            bytes[index] = (byte)text[index];
        }

        return bytes;
    }

    public static string ToText(ReadOnlySpan<byte> bytes)
    {
        var characters = new char[bytes.Length];
        for (int index = 0; index < bytes.Length; index++)
        {
            characters[index] = (char)bytes[index];
        }

        return new string(characters);
    }

    public static bool IsEqual(ReadOnlySpan<byte> bytes, string text)
    {
        bool isEqual = bytes.Length == text.Length;
        for (int index = 0; index < text.Length && isEqual; index++)
        {
            isEqual = bytes[index] == text[index];
        }

        return isEqual;
    }
}
