using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Shell;

/// <summary>sh: the shell command language of POSIX.1-2017. docs/posix.md says what is left out.</summary>
public sealed class ShellProgram : IProgram
{
    private const int StatusSyntaxError = 2;

    /// <inheritdoc/>
    public Reply<int, ProgramError> Main(CallContext context, ProgramServices services)
    {
        ISystem system = services.System;
        var arguments = Libc.ReadArguments(context, system);
        var libc = new Libc(context, system, new List<string> { "sh" }, Streams.Standard);
        var state = new ShellState();
        state.Variables.Import(Libc.ReadEnvironment(context, system));
        var interpreter = new Interpreter(state);
        int status = Start(libc.With(arguments, Streams.Standard), libc, state, interpreter);
        status = RunTrap(libc, state, interpreter, status);
        return libc.Finish(status) & 0xFF;
    }

    private static int Start(Libc own, Libc libc, ShellState state, Interpreter interpreter)
    {
        List<string> arguments = own.Arguments;
        if (ShellCopy.IsCopy(arguments))
        {
            return RunText(libc, state, interpreter, ShellCopy.Restore(own, state, interpreter));
        }

        int index = 1;
        string? command = null;
        while (index < arguments.Count && arguments[index].Length > 1 && arguments[index][0] == '-')
        {
            string option = arguments[index];
            index++;
            if (option == "--")
            {
                break;
            }

            state.ExitsOnError |= option.Contains('e', StringComparison.Ordinal);
            state.ShowsCommands |= option.Contains('x', StringComparison.Ordinal);
            if (option.Contains('c', StringComparison.Ordinal))
            {
                if (index == arguments.Count)
                {
                    return libc.Complain("-c requires an argument") + 1;
                }

                command = arguments[index];
                index++;
            }
        }

        string? script = null;
        if (index < arguments.Count)
        {
            script = command is null ? arguments[index] : null;
            state.Name = arguments[index];
            state.Parameters = arguments.GetRange(index + 1, arguments.Count - index - 1);
        }

        return command is not null ? RunText(libc, state, interpreter, command)
            : script is not null ? RunScript(libc, state, interpreter, script)
            : new CommandReader(state, interpreter).Run(libc);
    }

    /// <summary>Runs the commands of trap EXIT; the status stays what it was unless they exit with another one.</summary>
    private static int RunTrap(Libc libc, ShellState state, Interpreter interpreter, int status)
    {
        if (state.ExitTrap is not { } text)
        {
            return status;
        }

        state.ExitTrap = null;
        state.Flow = Flow.Normal;
        state.Status = status;
        int own = RunText(libc, state, interpreter, text);
        return state.Flow == Flow.Exit ? own : status;
    }

    private static int RunScript(Libc libc, ShellState state, Interpreter interpreter, string path)
    {
        Errno error = libc.OpenToRead(path, out int descriptor);
        if (error != Errno.None)
        {
            libc.Complain($"cannot open {path}", error);
            return error == Errno.NoEntry ? 127 : 126;
        }

        return RunText(libc, state, interpreter, text: null, descriptor);
    }

    /// <summary>Runs a whole text, of a descriptor unless it is given; an error of reading, syntax or expansion ends it.</summary>
    private static int RunText(Libc libc, ShellState state, Interpreter interpreter, string? text, int descriptor = -1)
    {
        try
        {
            text ??= Interpreter.ReadAll(libc, descriptor);
            libc.Close(descriptor);
            interpreter.Run(libc, text);
            return state.Status;
        }
        catch (ShellSyntaxException exception)
        {
            libc.Complain(exception.Message);
        }
        catch (ShellExpansionException exception)
        {
            libc.Complain(exception.Message);
        }

        return StatusSyntaxError;
    }
}
