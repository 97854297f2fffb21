using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Shell;

/// <summary>The utilities that run inside the shell: those that change it, and small ones that are used in loops.</summary>
internal sealed partial class Builtins(ShellState state, Interpreter interpreter)
{
    private readonly EchoProgram echo = new();
    private readonly OptionReader options = new(state);
    private readonly PrintfProgram printf = new();
    private readonly TestProgram test = new();

    /// <summary>Whether the shell runs a utility itself.</summary>
    public bool Contains(string name) => name is "cd" or "exit" or "export" or "unset" or "set" or "shift" or "read" or "return"
        or "break" or "continue" or ":" or "eval" or "exec" or "wait" or "." or "umask" or "readonly" or "local" or "command"
        or "getopts" or "trap"
        || IsProgram(name);

    /// <summary>Whether a utility of the shell is a program as well, so that a pipeline can run it as a process.</summary>
    public static bool IsProgram(string name) => name is "echo" or "printf" or "test" or "[" or "true" or "false" or "pwd";

    /// <summary>Runs a utility.</summary>
    public int Run(Libc libc)
    {
        List<string> arguments = libc.Arguments;
        int status = arguments[0] switch
        {
            ":" or "true" => 0,
            "false" => 1,
            "echo" => echo.RunInside(libc),
            "test" or "[" => test.RunInside(libc),
            "printf" => printf.RunInside(libc),
            "pwd" => PrintWorkingDirectory(libc),
            "cd" => ChangeDirectory(libc),
            "exit" => Leave(libc, Flow.Exit),
            "return" => Leave(libc, Flow.Return),
            "break" => LeaveLoops(libc, Flow.Break),
            "continue" => LeaveLoops(libc, Flow.Continue),
            "export" or "readonly" => Mark(libc, exports: arguments[0] == "export"),
            "local" => MakeLocal(libc),
            "unset" => Unset(arguments),
            "getopts" => options.Run(libc),
            "trap" => Trap(libc),
            "set" => Set(libc),
            "shift" => Shift(libc),
            "read" => Read(libc),
            "eval" => interpreter.Run(libc, string.Join(' ', arguments.GetRange(1, arguments.Count - 1).ToArray())),
            "." => Source(libc),
            "wait" => Wait(libc),
            "umask" => SetMask(libc),
            _ => Execute(libc),
        };
        return libc.Finish(status);
    }

    private static int PrintWorkingDirectory(Libc libc) => new PwdProgram().RunInside(libc);

    private int ChangeDirectory(Libc libc)
    {
        string path = libc.Arguments.Count > 1 ? libc.Arguments[1] : state.Variables.GetValueOrDefault("HOME", "/");
        bool isBack = path == "-";
        path = isBack ? state.Variables.GetValueOrDefault("OLDPWD", "/") : path;
        string previous = PwdProgram.Ask(libc);
        Reply<Unit, Errno> reply = libc.System.ChangeDirectory(libc.Context, ByteText.ToBytes(path));
        if (!reply.IsOk)
        {
            return libc.Complain(path, Errors.Of(reply));
        }

        state.Variables["OLDPWD"] = previous;
        state.Variables["PWD"] = PwdProgram.Ask(libc);
        if (isBack)
        {
            libc.PrintLine(path);
        }

        return 0;
    }

    private int Leave(Libc libc, Flow flow)
    {
        int status = state.Status;
        if (libc.Arguments.Count > 1 && !int.TryParse(libc.Arguments[1], out status))
        {
            status = 2;
            libc.Complain($"Illegal number: {libc.Arguments[1]}");
        }

        state.Flow = flow;
        return status & 0xFF;
    }

    private int LeaveLoops(Libc libc, Flow flow)
    {
        int count = 1;
        if (libc.Arguments.Count > 1 && (!int.TryParse(libc.Arguments[1], out count) || count < 1))
        {
            return libc.Complain($"Illegal number: {libc.Arguments[1]}");
        }

        state.Flow = flow;
        state.FlowDepth = count;
        return 0;
    }

    /// <summary>trap: of EXIT. Signals reach nobody here, so that what they would do is not kept.</summary>
    private int Trap(Libc libc)
    {
        List<string> arguments = libc.Arguments;
        if (arguments.Count == 1)
        {
            libc.Print(state.ExitTrap is null ? "" : $"trap -- {Quoting.Quote(state.ExitTrap)} EXIT\n");
            return 0;
        }

        int first = arguments[1] == "--" ? 2 : 1;
        for (int index = first + 1; index < arguments.Count; index++)
        {
            if (arguments[index] is "EXIT" or "0")
            {
                state.ExitTrap = arguments[first] == "-" ? null : arguments[first];
            }
        }

        return 0;
    }

    private int Shift(Libc libc)
    {
        int count = 1;
        if (libc.Arguments.Count > 1 && !int.TryParse(libc.Arguments[1], out count))
        {
            return libc.Complain($"Illegal number: {libc.Arguments[1]}");
        }

        if (count < 0 || count > state.Parameters.Count)
        {
            return libc.Complain("can't shift that many");
        }

        state.Parameters = state.Parameters.GetRange(count, state.Parameters.Count - count);
        return 0;
    }

    private int Read(Libc libc)
    {
        Options options = Options.Parse(libc.Arguments, "r");
        string line = ReadLine(libc, options.Has('r'), out bool hasNewline);
        var builder = new FieldBuilder(state.Variables.GetValueOrDefault("IFS", " \t\n"));
        List<string> names = options.Operands;
        for (int index = 0; index < names.Count; index++)
        {
            state.Variables[names[index]] = TakeField(ref line, builder, isLast: index == names.Count - 1);
        }

        return hasNewline ? 0 : 1;
    }

    /// <summary>Reads byte by byte: what is after the line belongs to the next reader.</summary>
    private static string ReadLine(Libc libc, bool isRaw, out bool hasNewline)
    {
        var text = new System.Text.StringBuilder();
        var buffer = new byte[1];
        hasNewline = false;
        bool isEscaped = false;
        while (libc.Read(libc.Streams.Input, buffer, out int length) == Errno.None && length > 0)
        {
            char character = (char)buffer[0];
            if (character == '\n' && !isEscaped)
            {
                hasNewline = true;
                break;
            }

            bool isBackslash = character == '\\' && !isRaw && !isEscaped;
            if (!isBackslash && !(isEscaped && character == '\n') && text.Length < ShellLimits.TextBytesMax)
            {
                text.Append(character);
            }

            isEscaped = isBackslash;
        }

        return text.ToString();
    }

    private string TakeField(ref string line, FieldBuilder builder, bool isLast)
    {
        string separators = state.Variables.GetValueOrDefault("IFS", " \t\n");
        string blanks = string.Concat(separators.Split(['.', ':', ',', ';', '/', '=', '|', '-', '_']));
        line = line.TrimStart(blanks.ToCharArray());
        if (isLast)
        {
            return line.TrimEnd(blanks.ToCharArray());
        }

        int end = line.AsSpan().IndexOfAny(separators);
        string field = end < 0 ? line : line[..end];
        line = end < 0 ? "" : line[(end + 1)..];
        return field;
    }

    private int Source(Libc libc)
    {
        if (libc.Arguments.Count < 2)
        {
            return libc.Complain("filename argument required") + 1;
        }

        Errno error = libc.OpenToRead(libc.Arguments[1], out int descriptor);
        if (error != Errno.None)
        {
            return libc.Complain(libc.Arguments[1], error);
        }

        string text = Interpreter.ReadAll(libc, descriptor);
        libc.Close(descriptor);
        int status = interpreter.Run(libc, text);
        state.Flow = state.Flow == Flow.Return ? Flow.Normal : state.Flow;
        return status;
    }

    private int Wait(Libc libc)
    {
        int status = 0;
        if (libc.Arguments.Count > 1)
        {
            for (int index = 1; index < libc.Arguments.Count; index++)
            {
                status = int.TryParse(libc.Arguments[index], out int process) && state.BackgroundProcesses.Remove(process)
                    ? interpreter.WaitFor(libc, process)
                    : 127;
            }

            return status;
        }

        foreach (int process in state.BackgroundProcesses)
        {
            interpreter.WaitFor(libc, process);
        }

        state.BackgroundProcesses.Clear();
        return 0;
    }

    private static int SetMask(Libc libc)
    {
        uint mask = 0;
        if (libc.Arguments.Count > 1 && !ModeText.TryParseOctal(libc.Arguments[1], out mask))
        {
            return libc.Complain($"Illegal mode: {libc.Arguments[1]}");
        }

        uint previous = libc.System.SetFileModeMask(libc.Context, mask).Value;
        if (libc.Arguments.Count == 1)
        {
            _ = libc.System.SetFileModeMask(libc.Context, previous);
            libc.PrintLine(Padding.Left(Convert.ToString(previous, 8), 4, '0'));
        }

        return 0;
    }

    /// <summary>exec and command: there is no replacing of a process, so exec waits for the program and ends with it.</summary>
    private int Execute(Libc libc)
    {
        if (libc.Arguments.Count == 1)
        {
            return 0;
        }

        List<string> arguments = libc.Arguments.GetRange(1, libc.Arguments.Count - 1);
        if (libc.Arguments[0] == "command" && Contains(arguments[0]))
        {
            return Run(libc.With(arguments, libc.Streams));
        }

        int status = interpreter.RunProgram(libc, arguments);
        state.Flow = libc.Arguments[0] == "exec" ? Flow.Exit : state.Flow;
        return status;
    }
}
