namespace RedLeafSharp.Posix.Programs;

/// <summary>
/// The options and operands of a command line, by POSIX.1-2017, 12.2 (Utility Syntax Guidelines), with GNU's long options and
/// options after operands.
/// </summary>
internal sealed class Options
{
    private readonly Dictionary<char, string> values = new();

    private Options()
    {
    }

    public List<string> Operands { get; } = new();

    /// <summary>What is wrong with the command line, in coreutils' words; null when nothing.</summary>
    public string? Error { get; private set; }

    /// <summary>Whether an option was given.</summary>
    public bool Has(char option) => values.ContainsKey(option);

    /// <summary>The argument of an option, or null when it was not given.</summary>
    public string? ValueOf(char option) => values.GetValueOrDefault(option);

    /// <summary>Reads a command line.</summary>
    /// <param name="arguments">The arguments, the program's name first.</param>
    /// <param name="letters">The options as getopt(3) has them: a colon after an option with an argument.</param>
    /// <param name="longNames">Long names and the options that they stand for: "recursive=r force=f".</param>
    public static Options Parse(List<string> arguments, string letters, string longNames = "")
    {
        var options = new Options();
        bool isEnded = false;
        for (int index = 1; index < arguments.Count && options.Error is null; index++)
        {
            string argument = arguments[index];
            if (isEnded || argument.Length < 2 || argument[0] != '-')
            {
                options.Operands.Add(argument);
            }
            else if (argument == "--")
            {
                isEnded = true;
            }
            else if (argument[1] == '-')
            {
                options.TakeLong(argument, longNames);
            }
            else
            {
                options.TakeShort(arguments, ref index, letters);
            }
        }

        return options;
    }

    private void TakeShort(List<string> arguments, ref int index, string letters)
    {
        string argument = arguments[index];
        for (int position = 1; position < argument.Length; position++)
        {
            char letter = argument[position];
            int found = letter == ':' ? -1 : letters.IndexOf(letter);
            if (found < 0)
            {
                Error = $"invalid option -- '{letter}'";
                return;
            }

            bool hasValue = found + 1 < letters.Length && letters[found + 1] == ':';
            if (!hasValue)
            {
                values[letter] = "";
                continue;
            }

            if (position + 1 < argument.Length)
            {
                values[letter] = argument[(position + 1)..];
            }
            else if (index + 1 < arguments.Count)
            {
                index++;
                values[letter] = arguments[index];
            }
            else
            {
                Error = $"option requires an argument -- '{letter}'";
            }

            return;
        }
    }

    private void TakeLong(string argument, string longNames)
    {
        int equals = argument.IndexOf('=');
        string name = equals < 0 ? argument[2..] : argument[2..equals];
        foreach (string pair in longNames.Split(' '))
        {
            if (pair.Length == name.Length + 2 && pair.StartsWith(name, StringComparison.Ordinal))
            {
                values[pair[^1]] = equals < 0 ? "" : argument[(equals + 1)..];
                return;
            }
        }

        Error = $"unrecognized option '{argument}'";
    }
}
