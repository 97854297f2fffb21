using System.Text;

namespace RedLeafSharp.Posix.Programs;

/// <summary>
/// File names in lists of one name a line, as the checksum utilities of coreutils write them: a line feed, a carriage return and
/// a backslash are escaped, and the line then starts with a backslash.
/// </summary>
internal static class LineName
{
    /// <returns>The name itself when there is nothing to escape.</returns>
    internal static string Escape(string name) =>
        name.Replace("\\", "\\\\").Replace("\n", "\\n").Replace("\r", "\\r");

    /// <returns>False when a backslash is followed by what no escape has.</returns>
    internal static bool TryUnescape(string escaped, out string name)
    {
        var text = new StringBuilder();
        name = escaped;
        for (int i = 0; i < escaped.Length; i++)
        {
            char character = escaped[i];
            if (character == '\\')
            {
                i++;
                switch (i < escaped.Length ? escaped[i] : '\0')
                {
                    case 'n': character = '\n'; break;
                    case 'r': character = '\r'; break;
                    case '\\': break;
                    default: return false;
                }
            }

            text.Append(character);
        }

        name = text.ToString();
        return true;
    }
}
