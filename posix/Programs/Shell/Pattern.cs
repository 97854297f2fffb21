namespace RedLeafSharp.Posix.Programs.Shell;

/// <summary>Pattern matching (POSIX.1-2017, XCU 2.13).</summary>
internal static class Pattern
{
    /// <summary>Whether a pattern matches a whole text.</summary>
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        // Only the last asterisk needs to be gone back to: what an earlier one takes can be given to a later one.
        int p = 0, t = 0, afterStar = -1, starText = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                p++;
                afterStar = p;
                starText = t;
            }
            else if (p < pattern.Length && MatchesOne(pattern, ref p, text[t]))
            {
                t++;
            }
            else if (afterStar >= 0)
            {
                p = afterStar;
                starText++;
                t = starText;
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '*')
        {
            p++;
        }

        return p == pattern.Length;
    }

    /// <summary>Takes the backslashes away.</summary>
    public static string Unescape(string pattern)
    {
        if (!pattern.Contains('\\', StringComparison.Ordinal))
        {
            return pattern;
        }

        var text = new System.Text.StringBuilder();
        for (int index = 0; index < pattern.Length; index++)
        {
            index += pattern[index] == '\\' && index + 1 < pattern.Length ? 1 : 0;
            text.Append(pattern[index]);
        }

        return text.ToString();
    }

    private static bool MatchesOne(ReadOnlySpan<char> pattern, ref int p, char character)
    {
        int next = p + 1;
        bool isMatch;
        switch (pattern[p])
        {
            case '?':
                isMatch = true;
                break;
            case '\\' when next < pattern.Length:
                isMatch = pattern[next] == character;
                next++;
                break;
            case '[' when TryMatchSet(pattern, ref next, character, out isMatch):
                break;
            default:
                isMatch = pattern[p] == character;
                break;
        }

        p = isMatch ? next : p;
        return isMatch;
    }

    /// <summary>A bracket expression; without its closing bracket it is an ordinary character.</summary>
    private static bool TryMatchSet(ReadOnlySpan<char> pattern, ref int next, char character, out bool isMatch)
    {
        int p = next;
        bool isNegated = p < pattern.Length && pattern[p] is '!' or '^';
        p += isNegated ? 1 : 0;
        int first = p;
        isMatch = false;
        while (p < pattern.Length && (pattern[p] != ']' || p == first))
        {
            if (TryMatchClass(pattern, ref p, character, ref isMatch))
            {
                continue;
            }

            char low = TakeMember(pattern, ref p);
            char high = low;
            if (p + 1 < pattern.Length && pattern[p] == '-' && pattern[p + 1] != ']')
            {
                p++;
                high = TakeMember(pattern, ref p);
            }

            isMatch |= low <= character && character <= high;
        }

        if (p >= pattern.Length)
        {
            isMatch = false;
            return false;
        }

        isMatch ^= isNegated;
        next = p + 1;
        return true;
    }

    /// <summary>A class such as [:alpha:] within brackets.</summary>
    private static bool TryMatchClass(ReadOnlySpan<char> pattern, ref int p, char character, ref bool isMatch)
    {
        int end = pattern[p..].StartsWith("[:") ? pattern[p..].IndexOf(":]") : -1;
        if (end < 0 || CharacterClass.Contains(pattern[(p + 2)..(p + end)].ToString(), character) is not { } isIn)
        {
            return false;
        }

        isMatch |= isIn;
        p += end + 2;
        return true;
    }

    private static char TakeMember(ReadOnlySpan<char> pattern, ref int p)
    {
        p += pattern[p] == '\\' && p + 1 < pattern.Length ? 1 : 0;
        char member = pattern[p];
        p++;
        return member;
    }
}
