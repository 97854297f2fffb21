namespace RedLeafSharp.Posix.Programs.Shell;

/// <summary>Word expansions (POSIX.1-2017, XCU 2.6).</summary>
internal sealed partial class Expander(ShellState state, Interpreter interpreter)
{
    private int depth;

    /// <summary>Expands words to the arguments of a command.</summary>
    public List<string> ExpandWords(Libc libc, List<string> words)
    {
        var arguments = new List<string>();
        foreach (string word in words)
        {
            var builder = new FieldBuilder(state.Variables.GetValueOrDefault("IFS", " \t\n"));
            Append(libc, word, isQuoted: false, builder);
            builder.Break();
            foreach (Field field in builder.Fields)
            {
                AddPaths(libc, field, arguments);
            }
        }

        return arguments;
    }

    /// <summary>Expands a word to one text: of an assignment, a redirection or a case.</summary>
    public string ExpandText(Libc libc, string word)
    {
        Field? field = ExpandOne(libc, word, isQuoted: false);
        return field?.Text ?? "";
    }

    /// <summary>Expands a word to a pattern.</summary>
    public string ExpandPattern(Libc libc, string word) => ExpandOne(libc, word, isQuoted: false)?.Pattern ?? "";

    /// <summary>Expands the text of a here-document: as within double quotes, but a double quote is ordinary.</summary>
    public string ExpandDocument(Libc libc, string text) => ExpandOne(libc, text, isQuoted: true)?.Text ?? "";

    private Field? ExpandOne(Libc libc, string word, bool isQuoted)
    {
        var builder = new FieldBuilder(separators: null);
        Append(libc, word, isQuoted, builder);
        builder.Break();
        return builder.Fields.Count == 0 ? null : builder.Fields[0];
    }

    private void AddPaths(Libc libc, Field field, List<string> arguments)
    {
        if (field.IsPattern && !state.IsGlobbingOff)
        {
            List<string> paths = PathnameExpansion.Expand(libc, field.Pattern);
            if (paths.Count > 0)
            {
                arguments.AddRange(paths);
                return;
            }
        }

        arguments.Add(field.Text);
    }

    /// <summary>Expands a piece of text into fields.</summary>
    /// <param name="libc">The process.</param>
    /// <param name="text">With its quotes.</param>
    /// <param name="isQuoted">Whether it is within double quotes.</param>
    /// <param name="builder">Receives the fields.</param>
    private void Append(Libc libc, string text, bool isQuoted, FieldBuilder builder)
    {
        if (++depth > ShellLimits.DepthMax)
        {
            throw new ShellExpansionException("expansions nested too deeply");
        }

        int position = isQuoted ? 0 : AppendHome(text, builder);
        while (position < text.Length)
        {
            char character = text[position];
            position = character switch
            {
                '\\' => AppendEscape(text, position, isQuoted, builder),
                '\'' when !isQuoted => AppendSingleQuotes(text, position, builder),
                '"' when !isQuoted => AppendDoubleQuotes(libc, text, position, builder),
                '$' => AppendDollar(libc, text, position, isQuoted, builder),
                '`' => AppendBackquotes(libc, text, position, isQuoted, builder),
                _ => AppendCharacter(character, position, isQuoted, builder),
            };
        }

        depth--;
    }

    private int AppendHome(string text, FieldBuilder builder)
    {
        bool isHome = text.StartsWith('~') && (text.Length == 1 || text[1] == '/') && state.Variables.ContainsKey("HOME");
        if (isHome)
        {
            builder.AppendQuoted(state.Variables["HOME"]);
        }

        return isHome ? 1 : 0;
    }

    private static int AppendCharacter(char character, int position, bool isQuoted, FieldBuilder builder)
    {
        if (isQuoted)
        {
            builder.AppendQuoted([character]);
        }
        else
        {
            builder.AppendLiteral(character);
        }

        return position + 1;
    }

    private static int AppendEscape(string text, int position, bool isQuoted, FieldBuilder builder)
    {
        if (position + 1 >= text.Length)
        {
            builder.AppendQuoted("\\");
            return position + 1;
        }

        char next = text[position + 1];
        if (next == '\n')
        {
            return position + 2;
        }

        // Within double quotes only these are escaped (XCU 2.2.3).
        bool isEscape = !isQuoted || next is '$' or '`' or '"' or '\\';
        if (!isEscape)
        {
            builder.AppendQuoted("\\");
        }

        builder.AppendQuoted([next]);
        return position + 2;
    }

    private static int AppendSingleQuotes(string text, int position, FieldBuilder builder)
    {
        int end = WordScanner.SkipSingleQuotes(text, position);
        builder.AppendQuoted(text.AsSpan()[(position + 1)..(end - 1)]);
        return end;
    }

    private int AppendDoubleQuotes(Libc libc, string text, int position, FieldBuilder builder)
    {
        int end = WordScanner.SkipDoubleQuotes(text, position);
        string inner = text[(position + 1)..(end - 1)];

        // "$@" without parameters is no field at all; everything else in quotes is at least an empty one.
        if (inner != "$@")
        {
            builder.AppendQuoted("");
        }

        Append(libc, inner, isQuoted: true, builder);
        return end;
    }

    private int AppendBackquotes(Libc libc, string text, int position, bool isQuoted, FieldBuilder builder)
    {
        int end = WordScanner.SkipBackquotes(text, position);
        string command = text[(position + 1)..(end - 1)].Replace("\\`", "`", StringComparison.Ordinal)
            .Replace("\\$", "$", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal);
        AppendValue(interpreter.Substitute(libc, command), isQuoted, builder);
        return end;
    }

    private int AppendDollar(Libc libc, string text, int position, bool isQuoted, FieldBuilder builder)
    {
        int next = position + 1;
        if (next >= text.Length)
        {
            return AppendCharacter('$', position, isQuoted, builder);
        }

        int end = WordScanner.SkipDollar(text, position);
        if (text.AsSpan(next).StartsWith("((") && text[end - 2] == ')')
        {
            string expression = ExpandOne(libc, text[(next + 2)..(end - 2)], isQuoted: true)?.Text ?? "";
            AppendValue($"{Arithmetic.Evaluate(state, expression)}", isQuoted, builder);
            return end;
        }

        if (text[next] == '(')
        {
            AppendValue(interpreter.Substitute(libc, text[(next + 1)..(end - 1)]), isQuoted, builder);
            return end;
        }

        if (text[next] == '{')
        {
            AppendBraces(libc, text[(next + 1)..(end - 1)], isQuoted, builder);
            return end;
        }

        return AppendPlain(libc, text, position, isQuoted, builder);
    }

    /// <summary>$NAME, $1 or $? without braces.</summary>
    private int AppendPlain(Libc libc, string text, int position, bool isQuoted, FieldBuilder builder)
    {
        int start = position + 1;
        int end = WordScanner.SkipName(text, start);
        if (end == start)
        {
            if (!char.IsAsciiDigit(text[start]) && !"?#@*$!-".Contains(text[start], StringComparison.Ordinal))
            {
                return AppendCharacter('$', position, isQuoted, builder);
            }

            end = start + 1;
        }

        string name = text[start..end];
        if (name is "@" or "*")
        {
            AppendParameters(name == "@", isQuoted, builder);
        }
        else
        {
            AppendValue(ValueOrError(libc, name), isQuoted, builder);
        }

        return end;
    }

    private static void AppendValue(string value, bool isQuoted, FieldBuilder builder)
    {
        if (isQuoted)
        {
            builder.AppendQuoted(value);
        }
        else
        {
            builder.AppendExpanded(value);
        }
    }

    /// <summary>$@ and $*: all positional parameters (XCU 2.5.2).</summary>
    private void AppendParameters(bool isAt, bool isQuoted, FieldBuilder builder)
    {
        if (isQuoted && !isAt)
        {
            string separators = state.Variables.GetValueOrDefault("IFS", " ");
            builder.AppendQuoted(string.Join(separators.Length > 0 ? separators[..1] : "", state.Parameters.ToArray()));
            return;
        }

        for (int index = 0; index < state.Parameters.Count; index++)
        {
            if (index > 0)
            {
                builder.Break();
            }

            AppendValue(state.Parameters[index], isQuoted, builder);
        }
    }
}
