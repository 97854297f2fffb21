using System.Text;

namespace RedLeafSharp.Posix.Programs.Shell;

/// <summary>Quotes words so that a shell reads them as they are.</summary>
internal static class Quoting
{
    /// <summary>A word in single quotes.</summary>
    public static string Quote(string word) => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>A simple command of these words.</summary>
    public static string Join(List<string> words)
    {
        var text = new StringBuilder();
        foreach (string word in words)
        {
            text.Append(text.Length > 0 ? " " : "").Append(Quote(word));
        }

        return text.ToString();
    }
}
