using System.Text;

namespace RedLeafSharp.Posix.Programs.Shell;

/// <summary>What a token is.</summary>
internal enum TokenKind
{
    /// <summary>A word, with its quotes.</summary>
    Word,

    /// <summary>A control or redirection operator.</summary>
    Operator,

    /// <summary>Digits directly before a redirection.</summary>
    Number,

    /// <summary>A line's end.</summary>
    Newline,

    /// <summary>The end of the text.</summary>
    End,
}

/// <summary>A token and where it was found.</summary>
internal readonly record struct Token(TokenKind Kind, string Text, int Start, int End);

/// <summary>Token recognition (POSIX.1-2017, XCU 2.3), and the bodies of here-documents.</summary>
internal sealed class Lexer(string text)
{
    // Longest first.
    private static readonly string[] Operators =
        ["&>>", "<<-", "&&", "||", ";;", "<<", ">>", "<&", ">&", "<>", ">|", "&>", ";", "&", "|", "<", ">", "(", ")"];

    private readonly List<HereDocument> pending = new();
    private int position;

    public string Text => text;

    /// <summary>Asks for the body of a here-document, which follows the line that is being read.</summary>
    /// <returns>What will hold the body once the line's end has been read.</returns>
    public HereDocument Expect(string delimiter, bool stripsTabs, bool isLiteral)
    {
        var document = new HereDocument(delimiter, stripsTabs, isLiteral);
        pending.Add(document);
        return document;
    }

    public Token Next()
    {
        SkipBlanks();
        int start = position;
        if (start >= text.Length)
        {
            if (pending.Count > 0)
            {
                throw new ShellSyntaxException("unterminated here-document", isIncomplete: true);
            }

            return new Token(TokenKind.End, "end of file", start, start);
        }

        if (text[start] == '\n')
        {
            position++;
            ReadDocuments();
            return new Token(TokenKind.Newline, "newline", start, start + 1);
        }

        foreach (string symbol in Operators)
        {
            if (string.CompareOrdinal(text, start, symbol, 0, symbol.Length) == 0)
            {
                position += symbol.Length;
                return new Token(TokenKind.Operator, symbol, start, position);
            }
        }

        SkipWord();
        string word = text[start..position];
        bool isNumber = position < text.Length && text[position] is '<' or '>' && IsDigits(word);
        return new Token(isNumber ? TokenKind.Number : TokenKind.Word, word, start, position);
    }

    private static bool IsDigits(string word)
    {
        foreach (char character in word)
        {
            if (!char.IsAsciiDigit(character))
            {
                return false;
            }
        }

        return true;
    }

    private void SkipBlanks()
    {
        while (position < text.Length)
        {
            if (text[position] is ' ' or '\t')
            {
                position++;
            }
            else if (text[position] == '\\' && position + 1 < text.Length && text[position + 1] == '\n')
            {
                position += 2;
            }
            else if (text[position] == '#')
            {
                int end = text.IndexOf('\n', position);
                position = end < 0 ? text.Length : end;
            }
            else
            {
                return;
            }
        }
    }

    private void SkipWord()
    {
        while (position < text.Length && !WordScanner.EndsWord(text[position]))
        {
            position = text[position] switch
            {
                '\\' when position + 1 >= text.Length => throw new ShellSyntaxException("unterminated \\", isIncomplete: true),
                '\\' => position + 2,
                '\'' => WordScanner.SkipSingleQuotes(text, position),
                '"' => WordScanner.SkipDoubleQuotes(text, position),
                '`' => WordScanner.SkipBackquotes(text, position),
                '$' => WordScanner.SkipDollar(text, position),
                _ => position + 1,
            };
        }
    }

    private void ReadDocuments()
    {
        foreach (HereDocument document in pending)
        {
            var body = new StringBuilder();
            while (true)
            {
                if (position >= text.Length)
                {
                    throw new ShellSyntaxException("unterminated here-document", isIncomplete: true);
                }

                int end = text.IndexOf('\n', position);
                end = end < 0 ? text.Length : end;
                string line = text[position..end];
                position = Math.Min(end + 1, text.Length);
                line = document.StripsTabs ? line.TrimStart('\t') : line;
                if (line == document.Delimiter)
                {
                    break;
                }

                body.Append(line).Append('\n');
            }

            document.Body = body.ToString();
        }

        pending.Clear();
    }
}
