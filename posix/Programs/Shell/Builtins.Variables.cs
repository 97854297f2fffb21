namespace RedLeafSharp.Posix.Programs.Shell;

/// <content>The utilities that change variables and options.</content>
internal sealed partial class Builtins
{
    /// <summary>export and readonly: without names, what has been marked so far.</summary>
    private int Mark(Libc libc, bool exports)
    {
        List<string> arguments = libc.Arguments;
        if (arguments.Count == 1 || (arguments.Count == 2 && arguments[1] == "-p"))
        {
            foreach (string name in exports ? state.Variables.ExportedNames : state.Variables.ReadOnlyNames)
            {
                string value = state.Variables.ContainsKey(name) ? $"={Quoting.Quote(state.Variables[name])}" : "";
                libc.PrintLine($"{arguments[0]} {name}{value}");
            }

            return 0;
        }

        for (int index = 1; index < arguments.Count; index++)
        {
            string name = AssignOperand(arguments[index]);
            if (exports)
            {
                state.Variables.Export(name);
            }
            else
            {
                state.Variables.MakeReadOnly(name);
            }
        }

        return 0;
    }

    /// <summary>local: a function's own variables. Without a value a variable keeps that of the caller, as in dash.</summary>
    private int MakeLocal(Libc libc)
    {
        if (state.Locals is not { } locals)
        {
            return libc.Complain("not in a function") + 1;
        }

        for (int index = 1; index < libc.Arguments.Count; index++)
        {
            string operand = libc.Arguments[index];
            int equals = operand.IndexOf('=');
            string name = equals < 0 ? operand : operand[..equals];
            locals.Add((name, state.Variables.GetValueOrDefault(name)));
            _ = AssignOperand(operand);
        }

        return 0;
    }

    /// <summary>Assigns NAME=VALUE.</summary>
    /// <returns>The name; it may be all there is.</returns>
    private string AssignOperand(string operand)
    {
        int equals = operand.IndexOf('=');
        string name = equals < 0 ? operand : operand[..equals];
        if (!Parser.IsName(name))
        {
            throw new ShellExpansionException($"{name}: bad variable name");
        }

        if (equals >= 0)
        {
            state.Variables[name] = operand[(equals + 1)..];
        }

        return name;
    }

    private int Unset(List<string> arguments)
    {
        bool isFunction = arguments.Count > 1 && arguments[1] == "-f";
        int first = arguments.Count > 1 && arguments[1] is "-f" or "-v" ? 2 : 1;
        for (int index = first; index < arguments.Count; index++)
        {
            if (isFunction)
            {
                state.Functions.Remove(arguments[index]);
            }
            else
            {
                state.Variables.Unset(arguments[index]);
            }
        }

        return 0;
    }

    private int Set(Libc libc)
    {
        List<string> arguments = libc.Arguments;
        if (arguments.Count == 1)
        {
            foreach (string name in state.Variables.Names)
            {
                libc.PrintLine($"{name}={Quoting.Quote(state.Variables[name])}");
            }

            return 0;
        }

        int index = 1;
        while (index < arguments.Count && IsFlags(arguments[index]))
        {
            foreach (char flag in arguments[index].AsSpan(1))
            {
                if (!SetFlag(flag, arguments[index][0] == '-'))
                {
                    return libc.Complain($"Illegal option {arguments[index][0]}{flag}") + 1;
                }
            }

            index++;
        }

        bool hasParameters = index < arguments.Count;
        index += hasParameters && arguments[index] == "--" ? 1 : 0;
        if (hasParameters)
        {
            state.Parameters = arguments.GetRange(index, arguments.Count - index);
        }

        return 0;
    }

    private static bool IsFlags(string argument) => argument.Length > 1 && (argument[0] is '-' or '+') && argument != "--";

    private bool SetFlag(char flag, bool isOn)
    {
        switch (flag)
        {
            case 'e':
                state.ExitsOnError = isOn;
                return true;
            case 'f':
                state.IsGlobbingOff = isOn;
                return true;
            case 'u':
                state.RefusesUnset = isOn;
                return true;
            case 'x':
                state.ShowsCommands = isOn;
                return true;
            default:
                return false;
        }
    }
}
