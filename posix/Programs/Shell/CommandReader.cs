using System.Text;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Shell;

/// <summary>Reads commands from the standard input, with prompts when a person types them.</summary>
internal sealed class CommandReader(ShellState state, Interpreter interpreter)
{
    private readonly StringBuilder pending = new();
    private readonly byte[] buffer = new byte[1];

    /// <summary>Runs commands until the end of the input, or exit.</summary>
    public int Run(Libc libc)
    {
        bool isInteractive = libc.System.IsTerminal(libc.Context, libc.Streams.Input).Value;
        while (state.Flow == Flow.Normal)
        {
            if (isInteractive)
            {
                libc.Print(state.Variables.GetValueOrDefault(pending.Length == 0 ? "PS1" : "PS2", ""));
                libc.Flush();
            }

            bool isEnd = !TryReadLine(libc);
            if (isEnd && pending.Length == 0)
            {
                break;
            }

            RunPending(libc, isEnd);
            state.Flow = isInteractive && state.Flow != Flow.Exit ? Flow.Normal : state.Flow;
            if (isEnd)
            {
                break;
            }
        }

        return state.Status;
    }

    /// <summary>Appends a line to what is pending, byte by byte: the rest of the input belongs to the commands.</summary>
    private bool TryReadLine(Libc libc)
    {
        int start = pending.Length;
        Errno error = libc.Read(libc.Streams.Input, buffer, out int length);
        while (error == Errno.None && length > 0)
        {
            pending.Append((char)buffer[0]);
            if (buffer[0] == (byte)'\n' || pending.Length >= ShellLimits.TextBytesMax)
            {
                return true;
            }

            error = libc.Read(libc.Streams.Input, buffer, out length);
        }

        if (error != Errno.None)
        {
            Report(libc, $"read error: {Errors.TextOf(error)}");
        }

        return pending.Length > start;
    }

    private void RunPending(Libc libc, bool isEnd)
    {
        try
        {
            Node list = Parser.Parse(pending.ToString());
            pending.Clear();
            interpreter.Execute(libc, list, state.Streams);
        }
        catch (ShellSyntaxException exception)
        {
            if (!exception.IsIncomplete || isEnd)
            {
                Report(libc, exception.Message);
            }
        }
        catch (ShellExpansionException exception)
        {
            Report(libc, exception.Message);
        }
    }

    private void Report(Libc libc, string message)
    {
        pending.Clear();
        libc.Complain(message);
        state.Status = 2;
    }
}
