namespace RedLeafSharp.Posix.Programs.Shell;

/// <summary>getopts (POSIX.1-2017, XCU getopts): each call takes one option. OPTIND says where it is.</summary>
internal sealed class OptionReader(ShellState state)
{
    // OPTIND as this has left it: a script that sets it starts anew.
    private int knownIndex = 1;
    private int offset;

    /// <summary>Takes the next option.</summary>
    /// <returns>The exit status: 1 at the end of the options.</returns>
    public int Run(Libc libc)
    {
        List<string> operands = libc.Arguments;
        if (operands.Count < 3)
        {
            return libc.Complain("usage: getopts optstring var [arg ...]") + 1;
        }

        List<string> arguments = operands.Count > 3 ? operands.GetRange(3, operands.Count - 3) : state.Parameters;
        string letters = operands[1];
        int index = TakeIndex();
        if (offset == 0 && !StartsOptions(arguments, ref index))
        {
            return Finish(operands[2], "?", index, status: 1);
        }

        string argument = arguments[index - 1];
        char option = argument[Math.Min(offset, argument.Length - 1)];
        offset++;
        int found = option == ':' ? -1 : letters.IndexOf(option);
        bool isSilent = letters.StartsWith(':');
        string name = $"{option}";
        string value = "";
        if (found < 0)
        {
            name = "?";
            value = isSilent ? $"{option}" : Say(libc, $"Illegal option -{option}");
        }
        else if (found + 1 < letters.Length && letters[found + 1] == ':')
        {
            bool isThere = TryTakeValue(arguments, ref index, argument, out value);
            name = isThere ? name : isSilent ? ":" : "?";
            value = isThere ? value : isSilent ? $"{option}" : Say(libc, $"No arg for -{option} option");
        }

        if (offset >= argument.Length)
        {
            offset = 0;
            index++;
        }

        state.Variables["OPTARG"] = value;
        return Finish(operands[2], name, index, status: 0);
    }

    private int TakeIndex()
    {
        bool isNumber = int.TryParse(state.Variables.GetValueOrDefault("OPTIND", "1"), out int index) && index >= 1;
        index = isNumber ? index : 1;
        offset = index == knownIndex ? offset : 0;
        return index;
    }

    private bool StartsOptions(List<string> arguments, ref int index)
    {
        string argument = index <= arguments.Count ? arguments[index - 1] : "";
        index += argument == "--" ? 1 : 0;
        bool isOption = argument.Length > 1 && argument[0] == '-' && argument != "--";
        offset = isOption ? 1 : 0;
        return isOption;
    }

    /// <summary>The value of an option: the rest of its argument, or the next one.</summary>
    private bool TryTakeValue(List<string> arguments, ref int index, string argument, out string value)
    {
        bool isRest = offset < argument.Length;
        bool isNext = !isRest && index < arguments.Count;
        value = isRest ? argument[offset..] : isNext ? arguments[index] : "";
        index += isNext ? 1 : 0;
        offset = argument.Length;
        return isRest || isNext;
    }

    private int Finish(string variable, string name, int index, int status)
    {
        state.Variables[variable] = name;
        state.Variables["OPTIND"] = $"{index}";
        knownIndex = index;
        return status;
    }

    private static string Say(Libc libc, string message)
    {
        libc.Complain(message);
        return "";
    }
}
