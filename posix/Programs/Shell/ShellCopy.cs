using System.Text;

namespace RedLeafSharp.Posix.Programs.Shell;

/// <summary>
/// A subshell environment (POSIX.1-2017, XCU 2.12) as arguments of a new shell: there is no fork, and the environment of a process
/// has only what is exported.
/// </summary>
internal static class ShellCopy
{
    /// <summary>The option that only the shell itself gives to a shell.</summary>
    public const string Option = "--subshell";

    // sh --subshell STATUS PRELUDE TEXT NAME PARAMETER...
    private const int StatusIndex = 2;
    private const int PreludeIndex = 3;
    private const int TextIndex = 4;
    private const int NameIndex = 5;

    /// <summary>The arguments of a shell that runs a text as a copy of this one would.</summary>
    public static List<string> ToArguments(ShellState state, string text)
    {
        var prelude = new StringBuilder();
        foreach (string name in state.Variables.Names)
        {
            prelude.Append(name).Append('=').Append(Quoting.Quote(state.Variables[name])).Append('\n');
        }

        Append(prelude, "export", state.Variables.ExportedNames);
        Append(prelude, "readonly", state.Variables.ReadOnlyNames);

        foreach (FunctionDefinition function in state.Functions.Values)
        {
            prelude.Append(function.Text).Append('\n');
        }

        string flags = (state.IsGlobbingOff ? "f" : "") + (state.RefusesUnset ? "u" : "") + (state.ShowsCommands ? "x" : "")
            + (state.ExitsOnError ? "e" : "");
        if (flags.Length > 0)
        {
            prelude.Append("set -").Append(flags).Append('\n');
        }

        var arguments = new List<string> { "sh", Option, $"{state.Status}", prelude.ToString(), text, state.Name };
        arguments.AddRange(state.Parameters);
        return arguments;
    }

    private static void Append(StringBuilder prelude, string utility, List<string> names)
    {
        foreach (string name in names)
        {
            prelude.Append(utility).Append(' ').Append(name).Append('\n');
        }
    }

    /// <summary>Whether a shell is such a copy.</summary>
    public static bool IsCopy(List<string> arguments) => arguments.Count > NameIndex && arguments[1] == Option;

    /// <summary>Takes the environment over.</summary>
    /// <returns>The text to run.</returns>
    public static string Restore(Libc libc, ShellState state, Interpreter interpreter)
    {
        List<string> arguments = libc.Arguments;
        _ = interpreter.Run(libc, arguments[PreludeIndex]);
        state.Status = int.TryParse(arguments[StatusIndex], out int status) ? status : 0;
        state.Name = arguments[NameIndex];
        state.Parameters = arguments.GetRange(NameIndex + 1, arguments.Count - NameIndex - 1);
        return arguments[TextIndex];
    }
}
