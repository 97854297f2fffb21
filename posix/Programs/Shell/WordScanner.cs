namespace RedLeafSharp.Posix.Programs.Shell;

/// <summary>Finds where quotes and expansions end: from the place of the opening to the one after the end.</summary>
internal static class WordScanner
{
    public static int SkipSingleQuotes(string text, int start)
    {
        int end = text.IndexOf('\'', start + 1);
        return end < 0 ? throw Unterminated("'") : end + 1;
    }

    public static int SkipDoubleQuotes(string text, int start)
    {
        int position = start + 1;
        while (position < text.Length && text[position] != '"')
        {
            position = text[position] switch
            {
                '\\' => position + 2,
                '$' => SkipDollar(text, position),
                '`' => SkipBackquotes(text, position),
                _ => position + 1,
            };
        }

        return position >= text.Length ? throw Unterminated("\"") : position + 1;
    }

    public static int SkipBackquotes(string text, int start)
    {
        int position = start + 1;
        while (position < text.Length && text[position] != '`')
        {
            position += text[position] == '\\' ? 2 : 1;
        }

        return position >= text.Length ? throw Unterminated("`") : position + 1;
    }

    /// <summary>Skips a dollar and what belongs to it.</summary>
    public static int SkipDollar(string text, int start)
    {
        int next = start + 1;
        return next >= text.Length ? next : text[next] switch
        {
            '(' => SkipNested(text, next, '(', ')'),
            '{' => SkipNested(text, next, '{', '}'),
            _ => next,
        };
    }

    /// <summary>Whether a character ends a word that is not quoted.</summary>
    public static bool EndsWord(char character) =>
        character is ' ' or '\t' or '\n' or ';' or '&' or '|' or '<' or '>' or '(' or ')';

    public static bool IsNameStart(char character) => char.IsAsciiLetter(character) || character == '_';

    public static bool IsNamePart(char character) => char.IsAsciiLetterOrDigit(character) || character == '_';

    /// <summary>Where the name that starts here ends.</summary>
    public static int SkipName(string text, int start)
    {
        int position = start;
        while (position < text.Length && (position == start ? IsNameStart(text[position]) : IsNamePart(text[position])))
        {
            position++;
        }

        return position;
    }

    private static int SkipNested(string text, int start, char open, char close)
    {
        int depth = 0;
        int position = start;
        while (position < text.Length)
        {
            char character = text[position];
            depth += character == open ? 1 : character == close ? -1 : 0;
            if (depth == 0)
            {
                return position + 1;
            }

            position = character switch
            {
                '\\' => position + 2,
                '\'' => SkipSingleQuotes(text, position),
                '"' => SkipDoubleQuotes(text, position),
                '`' => SkipBackquotes(text, position),
                '$' when position + 1 < text.Length && text[position + 1] == '{' && open != '{' => SkipDollar(text, position),
                _ => position + 1,
            };
        }

        throw Unterminated(open == '(' ? "$(" : "${");
    }

    private static ShellSyntaxException Unterminated(string what) => new($"unterminated {what}", isIncomplete: true);
}
