using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Shell;

/// <content>Parameter expansion (POSIX.1-2017, XCU 2.6.2).</content>
internal sealed partial class Expander
{
    /// <summary>The value of a parameter, or null when it is unset.</summary>
    private string? ValueOf(Libc libc, string name) => name switch
    {
        "?" => $"{state.Status}",
        "#" => $"{state.Parameters.Count}",
        "$" => $"{libc.System.GetProcessId(libc.Context).Value}",
        "!" => state.BackgroundProcess == 0 ? null : $"{state.BackgroundProcess}",
        "-" => (state.ExitsOnError ? "e" : "") + (state.IsGlobbingOff ? "f" : "") + (state.RefusesUnset ? "u" : "")
            + (state.ShowsCommands ? "x" : ""),
        "0" => state.Name,
        "@" or "*" => state.Parameters.Count == 0 ? null : string.Join(' ', state.Parameters.ToArray()),
        _ when char.IsAsciiDigit(name[0]) => ParameterAt(name),
        _ => state.Variables.GetValueOrDefault(name),
    };

    private string? ParameterAt(string digits) =>
        int.TryParse(digits, out int number) && number >= 1 && number <= state.Parameters.Count
            ? state.Parameters[number - 1]
            : null;

    private string ValueOrError(Libc libc, string name) =>
        ValueOf(libc, name)
        ?? (state.RefusesUnset ? throw new ShellExpansionException($"{name}: parameter not set") : "");

    /// <summary>${...}.</summary>
    private void AppendBraces(Libc libc, string inner, bool isQuoted, FieldBuilder builder)
    {
        if (inner.Length > 1 && inner[0] == '#' && IsParameter(inner[1..]))
        {
            AppendValue($"{ValueOrError(libc, inner[1..]).Length}", isQuoted, builder);
            return;
        }

        int nameEnd = NameEnd(inner);
        string name = inner[..nameEnd];
        string rest = inner[nameEnd..];
        if (name.Length == 0 || (rest.Length > 0 && !":-=?+%#".Contains(rest[0], StringComparison.Ordinal)))
        {
            throw new ShellExpansionException($"${{{inner}}}: Bad substitution");
        }

        if (rest.Length == 0 && name is "@" or "*")
        {
            AppendParameters(name == "@", isQuoted, builder);
        }
        else if (rest.Length == 0)
        {
            AppendValue(ValueOrError(libc, name), isQuoted, builder);
        }
        else if (rest[0] is '%' or '#')
        {
            AppendValue(Trim(libc, ValueOrError(libc, name), rest), isQuoted, builder);
        }
        else
        {
            AppendAlternative(libc, name, rest, isQuoted, builder);
        }
    }

    private static int NameEnd(string inner)
    {
        int end = WordScanner.SkipName(inner, 0);
        end = end > 0 ? end : DigitsEnd(inner);
        return end > 0 ? end : inner.Length > 0 && "?#@*$!-".Contains(inner[0], StringComparison.Ordinal) ? 1 : 0;
    }

    private static int DigitsEnd(string inner)
    {
        int end = 0;
        while (end < inner.Length && char.IsAsciiDigit(inner[end]))
        {
            end++;
        }

        return end;
    }

    private static bool IsParameter(string name) => name.Length > 0 && NameEnd(name) == name.Length;

    /// <summary>The forms with a word: -, =, ? and +, with or without a colon.</summary>
    private void AppendAlternative(Libc libc, string name, string rest, bool isQuoted, FieldBuilder builder)
    {
        bool hasColon = rest[0] == ':';
        if (hasColon && (rest.Length < 2 || !"-=?+".Contains(rest[1], StringComparison.Ordinal)))
        {
            throw new ShellExpansionException($"${{{name}{rest}}}: Bad substitution");
        }

        char kind = rest[hasColon ? 1 : 0];
        string word = rest[(hasColon ? 2 : 1)..];
        string? value = ValueOf(libc, name);
        bool isSet = value is not null && !(hasColon && value.Length == 0);
        if (kind == '+')
        {
            if (isSet)
            {
                Append(libc, word, isQuoted, builder);
            }
        }
        else if (isSet)
        {
            AppendValue(value!, isQuoted, builder);
        }
        else if (kind == '-')
        {
            Append(libc, word, isQuoted, builder);
        }
        else if (kind == '=')
        {
            string assigned = ExpandText(libc, word);
            state.Variables[name] = assigned;
            AppendValue(assigned, isQuoted, builder);
        }
        else
        {
            string message = ExpandText(libc, word);
            throw new ShellExpansionException($"{name}: {(message.Length > 0 ? message : "parameter not set")}");
        }
    }

    /// <summary>The forms that take a prefix (#) or a suffix (%) away, the shortest one or (doubled) the longest.</summary>
    private string Trim(Libc libc, string value, string rest)
    {
        bool isPrefix = rest[0] == '#';
        bool isLongest = rest.Length > 1 && rest[1] == rest[0];
        string pattern = ExpandPattern(libc, rest[(isLongest ? 2 : 1)..]);
        for (int step = 0; step <= value.Length; step++)
        {
            int length = isLongest ? value.Length - step : step;
            ReadOnlySpan<char> part = isPrefix ? value.AsSpan(0, length) : value.AsSpan(value.Length - length);
            if (Pattern.Matches(pattern, part))
            {
                return isPrefix ? value[length..] : value[..^length];
            }
        }

        return value;
    }
}
