using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>
/// grep: prints the lines that match basic (-G), extended (-E) or fixed (-F) expressions. Exit status 0 when a line was selected,
/// 1 when none was, 2 after an error.
/// </summary>
public sealed class GrepProgram : Utility
{
    private const int StatusError = 2;

    private readonly List<string> fixedTexts = new();
    private readonly List<RegularExpression> expressions = new();

    private protected override string Synopsis => "[-EFGHchilnqsvx] {-e PATTERNS|PATTERNS} [FILE]...";

    private protected override int Run(Libc libc)
    {
        Options options = Options.Parse(libc.Arguments, "EFGHce:hilnqsvx", "ignore-case=i invert-match=v count=c quiet=q");
        string? patterns = options.ValueOf('e');
        if (options.Error is not null || (patterns is null && options.Operands.Count == 0))
        {
            libc.Complain(options.Error ?? "no pattern\nUsage: grep [OPTION]... PATTERNS [FILE]...");
            return StatusError;
        }

        if (patterns is null)
        {
            patterns = options.Operands[0];
            options.Operands.RemoveAt(0);
        }

        try
        {
            Compile(patterns, options);
        }
        catch (ExpressionSyntaxException exception)
        {
            libc.Complain(exception.Message);
            return StatusError;
        }

        return SearchAll(libc, options);
    }

    private void Compile(string patterns, Options options)
    {
        foreach (string pattern in patterns.Split('\n'))
        {
            if (options.Has('F') && !options.Has('i'))
            {
                fixedTexts.Add(pattern);
            }
            else
            {
                var compiler = new ExpressionCompiler(options.Has('E'), options.Has('i'));
                expressions.Add(compiler.Compile(options.Has('F') ? Quote(pattern) : pattern));
            }
        }
    }

    private static string Quote(string pattern)
    {
        var text = new System.Text.StringBuilder();
        foreach (char character in pattern)
        {
            // In a basic expression a letter after a backslash may be an operator, so that only what is special gets one.
            text.Append(character is '.' or '[' or '\\' or '*' or '^' or '$' ? "\\" : "").Append(character);
        }

        return text.ToString();
    }

    private int SearchAll(Libc libc, Options options)
    {
        if (options.Operands.Count == 0)
        {
            options.Operands.Add("-");
        }

        bool showsName = options.Has('H') || (options.Operands.Count > 1 && !options.Has('h'));
        bool isFound = false;
        bool hasFailed = false;
        foreach (string path in options.Operands)
        {
            Errno error = Search(libc, path, showsName, options, out long count);
            isFound |= count > 0;
            if (isFound && options.Has('q'))
            {
                return 0;
            }

            hasFailed |= error != Errno.None;
            if (error != Errno.None && !options.Has('s'))
            {
                libc.Complain(path, error);
            }
        }

        return hasFailed ? StatusError : isFound ? 0 : 1;
    }

    private Errno Search(Libc libc, string path, bool showsName, Options options, out long count)
    {
        count = 0;
        var reader = new LineReader();
        Errno error = reader.Open(libc, path);
        if (error != Errno.None)
        {
            return error;
        }

        string shown = path == "-" ? "(standard input)" : path;
        bool isQuiet = options.Has('q') || options.Has('l');
        long number = 0;
        while (!libc.IsOutputClosed && !(isQuiet && count > 0) && reader.TryReadLine(libc, out string line))
        {
            number++;
            if (IsMatch(line, options.Has('x')) == options.Has('v'))
            {
                continue;
            }

            count++;
            if (!isQuiet && !options.Has('c'))
            {
                libc.Print(showsName ? $"{shown}:" : "");
                libc.Print(options.Has('n') ? $"{number}:" : "");
                libc.PrintLine(line);
            }
        }

        reader.Close(libc);
        if (reader.Error == Errno.None && !options.Has('q'))
        {
            Summarize(libc, options, showsName, shown, count);
        }

        return reader.Error;
    }

    private static void Summarize(Libc libc, Options options, bool showsName, string shown, long count)
    {
        if (options.Has('l') && count > 0)
        {
            libc.PrintLine(shown);
        }
        else if (options.Has('c') && !options.Has('l'))
        {
            libc.PrintLine(showsName ? $"{shown}:{count}" : $"{count}");
        }
    }

    private bool IsMatch(string line, bool isWhole)
    {
        foreach (string text in fixedTexts)
        {
            if (isWhole ? line == text : line.Contains(text, StringComparison.Ordinal))
            {
                return true;
            }
        }

        foreach (RegularExpression expression in expressions)
        {
            if (expression.Matches(line, isWhole))
            {
                return true;
            }
        }

        return false;
    }
}
