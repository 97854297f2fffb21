namespace RedLeafSharp.Posix.Programs;

/// <summary>Texts made as wide as a column; one that is wider stays as it is.</summary>
internal static class Padding
{
    internal static string Left(string text, int width, char filler = ' ')
    {
        char[] padded = Blank(text, width, filler);
        text.CopyTo(0, padded, padded.Length - text.Length, text.Length);
        return new string(padded);
    }

    internal static string Right(string text, int width)
    {
        char[] padded = Blank(text, width, ' ');
        text.CopyTo(0, padded, 0, text.Length);
        return new string(padded);
    }

    private static char[] Blank(string text, int width, char filler)
    {
        var padded = new char[Math.Max(text.Length, width)];
        Array.Fill(padded, filler);
        return padded;
    }
}
