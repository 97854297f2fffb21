using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <content>Processes, signals and time.</content>
internal sealed partial class SystemCalls
{
    private const int SignalKill = 9;
    private const int SignalPipe = 13;
    private const int SignalTerminate = 15;

    public Reply<int, Errno> GetArguments(CallContext context, Span<byte> buffer)
    {
        if (!TryFindCaller(context, out Process? process))
        {
            return Errno.NoProcess;
        }

        if (process.Arguments.Length > buffer.Length)
        {
            return Errno.Range;
        }

        process.Arguments.AsSpan().CopyTo(buffer);
        return process.Arguments.Length;
    }

    public Reply<int, Errno> GetEnvironment(CallContext context, Span<byte> buffer)
    {
        if (!TryFindCaller(context, out Process? process))
        {
            return Errno.NoProcess;
        }

        if (process.Environment.Length > buffer.Length)
        {
            return Errno.Range;
        }

        process.Environment.AsSpan().CopyTo(buffer);
        return process.Environment.Length;
    }

    public Reply<ExitStatus, Errno> WaitForChild(CallContext context, int processId, WaitFlags flags)
    {
        if (!TryFindCaller(context, out Process? process))
        {
            return Errno.NoProcess;
        }

        while (state.Processes.TryFindChild(process, processId, out Process? zombie))
        {
            if (zombie is not null)
            {
                state.Processes.Remove(zombie);
                return new ExitStatus(zombie.Id, zombie.ExitStatus);
            }

            if ((flags & WaitFlags.NoHang) != 0)
            {
                return default(ExitStatus);
            }

            Errno error = process.ChildEnded.WaitFor(context);
            if (error != Errno.None)
            {
                return error;
            }
        }

        return Errno.NoChild;
    }

    public Reply<Unit, Errno> Kill(CallContext context, int processId, int signal)
    {
        if (!TryFindCaller(context, out Process? process))
        {
            return Errno.NoProcess;
        }

        if (signal is not (0 or SignalKill or SignalPipe or SignalTerminate))
        {
            return Errno.InvalidArgument;
        }

        // There are no process groups: only single processes can be named.
        if (processId <= 0 || !state.Processes.TryFind(processId, out Process? target))
        {
            return Errno.NoProcess;
        }

        bool isPermitted = MaySignal(process.Credentials, target.Credentials);
        if (!isPermitted || (target.IsAdopted && signal != 0))
        {
            return Errno.NotPermitted;
        }

        if (signal == 0 || target.IsZombie || (signal == SignalPipe && target.IgnoresPipeSignal))
        {
            return default(Unit);
        }

        target.NoteKill(signal);
        return state.Loader.Kill(context, target.Domain).ErrorOf().ToReply();
    }

    public Reply<bool, Errno> SetSignalIgnored(CallContext context, int signal, bool isIgnored)
    {
        if (!TryFindCaller(context, out Process? process))
        {
            return Errno.NoProcess;
        }

        if (signal != SignalPipe)
        {
            return Errno.InvalidArgument;
        }

        bool before = process.IgnoresPipeSignal;
        process.IgnoresPipeSignal = isIgnored;
        return before;
    }

    /// <summary>A write that nobody will ever read ends the process; one to a socket of messages does not (POSIX.1-2017, write: EPIPE).</summary>
    private Reply<int, Errno> SignalFor(CallContext context, Process process, OpenFile file, Reply<int, Errno> reply) =>
        file is SocketFile { Kind: not SocketKind.Stream } ? reply : Signal(context, process, reply);

    /// <summary>Unless the process ignores the signal.</summary>
    private Reply<int, Errno> Signal(CallContext context, Process process, Reply<int, Errno> reply)
    {
        if (reply.Error == Errno.BrokenPipe && !reply.IsFault && !process.IsAdopted && !process.IgnoresPipeSignal && !process.IsZombie)
        {
            process.NoteKill(SignalPipe);
            _ = state.Loader.Kill(context, process.Domain);
        }

        return reply;
    }

    /// <summary>The sender's real or effective user must be the receiver's real or saved one (POSIX.1-2017, kill).</summary>
    private static bool MaySignal(Credentials sender, Credentials receiver) =>
        sender.Effective.IsPrivileged
        || sender.User.Real == receiver.User.Real || sender.User.Real == receiver.User.Saved
        || sender.User.Effective == receiver.User.Real || sender.User.Effective == receiver.User.Saved;

    public Reply<int, Errno> ListProcesses(CallContext context, Span<ProcessStatus> processes)
    {
        int count = 0;
        Process? process = state.Processes.Next(0);
        while (process is not null && count < processes.Length)
        {
            processes[count] = new ProcessStatus
            {
                ProcessId = process.Id,
                ParentId = process.ParentId,
                Domain = process.Domain,
                AgeMicros = context.UptimeMicros - process.StartMicros,
                IsZombie = process.IsZombie,
                UserId = process.Credentials.User.Real,
            };
            count++;
            process = state.Processes.Next(process.Id);
        }

        return count;
    }

    public Reply<int, Errno> GetProcessName(CallContext context, int processId, Span<byte> name)
    {
        if (!state.Processes.TryFind(processId, out Process? process))
        {
            return Errno.NoProcess;
        }

        if (process.Name.Length > name.Length)
        {
            return Errno.Range;
        }

        process.Name.CopyTo(name);
        return process.Name.Length;
    }

    public Reply<Unit, Errno> Sleep(CallContext context, long micros)
    {
        if (!TryFindCaller(context, out Process? process))
        {
            return Errno.NoProcess;
        }

        if (micros < 0)
        {
            return Errno.InvalidArgument;
        }

        long now = context.UptimeMicros;
        return process.SleepUntil(context, micros > long.MaxValue - now ? long.MaxValue : now + micros).ToReply();
    }

    public Reply<FileTime, Errno> GetTime(CallContext context) => TimeOf(context);
}
