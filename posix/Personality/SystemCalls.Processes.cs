using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <content>Processes, signals and time.</content>
internal sealed partial class SystemCalls
{
    private const int SignalKill = 9;
    private const int SignalTerminate = 15;
    private const int MicrosPerSecond = 1_000_000;

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

    public Reply<int, Errno> Spawn(
        CallContext context, ReadOnlySpan<byte> arguments, int standardInput, int standardOutput, int standardError)
    {
        if (!TryFindCaller(context, out Process? parent))
        {
            return Errno.NoProcess;
        }

        Errno error = CheckSpawn(parent, arguments, standardInput, standardOutput, standardError);
        if (error != Errno.None)
        {
            return error;
        }

        // The child has its part of everything before it is loaded; if that fails, it is given back.
        var child = new Process(context, parent.Session, state.Processes.TakeId(), arguments.ToArray(), parent.WorkingDirectory)
        {
            ParentId = parent.Id,
            FileModeMask = parent.FileModeMask,
            UserId = parent.UserId,
            GroupId = parent.GroupId,
        };
        Reply<Unit, Errno> held = fileSystem.Hold(context, child.WorkingDirectory);
        if (!held.IsOk)
        {
            return held.ErrorOf();
        }

        // Others of the session may have started children while the file system worked.
        if (!state.Processes.HasRoomFor(parent.Session))
        {
            state.GiveBack(context, child);
            return Errno.TryAgain;
        }

        Inherit(child, 0, parent, standardInput);
        Inherit(child, 1, parent, standardOutput);
        Inherit(child, 2, parent, standardError);
        parent.StartingChild = child;
        error = LoadAndRun(context, parent, child);
        parent.StartingChild = null;
        if (error != Errno.None)
        {
            state.GiveBack(context, child);
            return error;
        }

        return child.Id;
    }

    private Errno CheckSpawn(Process parent, ReadOnlySpan<byte> arguments, int input, int output, int error) =>
        arguments.Length > Limits.ArgumentBytesMax ? Errno.ArgumentsTooLong
            : arguments.Length == 0 || arguments[^1] != 0 ? Errno.InvalidArgument
            : !IsOpenOrNone(parent, input) || !IsOpenOrNone(parent, output) || !IsOpenOrNone(parent, error) ? Errno.BadDescriptor
            : !state.Processes.HasRoomFor(parent.Session) ? Errno.TryAgain
            : Errno.None;

    private static bool IsOpenOrNone(Process process, int descriptor) =>
        descriptor == -1 || process.Descriptors[descriptor] is not null;

    private static void Inherit(Process child, int descriptor, Process parent, int parentDescriptor)
    {
        OpenFile? file = parent.Descriptors[parentDescriptor];
        if (file is not null)
        {
            child.Descriptors.Set(descriptor, file);
        }
    }

    private Errno LoadAndRun(CallContext context, Process parent, Process child)
    {
        Errno error = FindProgram(context, parent, child.Name, out int nameStart);
        if (error != Errno.None)
        {
            return error;
        }

        Reply<DomainId, Errno> loaded = state.Loader.Load(context, child.Name[nameStart..]);
        if (!loaded.IsOk)
        {
            return loaded.ErrorOf();
        }

        child.Domain = loaded.Value;
        state.Processes.Add(child);
        parent.StartingChild = null;
        Reply<Unit, Errno> run = state.Loader.Run(context, child.Domain);
        if (!run.IsOk)
        {
            state.Processes.Remove(child);
        }

        return run.ErrorOf();
    }

    /// <summary>
    /// Programs come from the system's list, not from the file system. A name without a slash, or under /bin or /usr/bin, is
    /// looked for there; any other path is a file, which this system cannot execute.
    /// </summary>
    private Errno FindProgram(CallContext context, Process parent, ReadOnlySpan<byte> name, out int nameStart)
    {
        nameStart = 0;
        int slash = name.LastIndexOf((byte)'/');
        if (slash < 0)
        {
            return name.Length == 0 ? Errno.NoEntry : Errno.None;
        }

        if (name[..slash].SequenceEqual("/bin"u8) || name[..slash].SequenceEqual("/usr/bin"u8))
        {
            nameStart = slash + 1;
            return Errno.None;
        }

        Errno error = BeginWalkToFile(context, name, FinalLink.Follow, out _);
        if (error != Errno.None)
        {
            return error;
        }

        PathWalk walk = state.Names.First;
        bool isExecutable = walk.Type == FileMode.Regular && Access.Allows(walk.File, parent, Access.Execute);
        state.Names.Release();
        return isExecutable ? Errno.NotExecutable : Errno.AccessDenied;
    }

    public Reply<ExitStatus, Errno> WaitForChild(CallContext context, int processId)
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

        if (signal is not (0 or SignalKill or SignalTerminate))
        {
            return Errno.InvalidArgument;
        }

        // There are no process groups: only single processes can be named.
        if (processId <= 0 || !state.Processes.TryFind(processId, out Process? target))
        {
            return Errno.NoProcess;
        }

        bool isPermitted = process.UserId == 0 || process.UserId == target.UserId;
        if (!isPermitted || (target.IsAdopted && signal != 0))
        {
            return Errno.NotPermitted;
        }

        if (signal == 0 || target.IsZombie)
        {
            return default(Unit);
        }

        target.NoteKill(signal);
        return state.Loader.Kill(context, target.Domain).ErrorOf().ToReply();
    }

    public Reply<int, Errno> GetProcessId(CallContext context) =>
        TryFindCaller(context, out Process? process) ? process.Id : Errno.NoProcess;

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

    public Reply<FileTime, Errno> GetTime(CallContext context)
    {
        (long seconds, long micros) = Math.DivRem(context.WallClockMicros, MicrosPerSecond);
        return new FileTime { Seconds = seconds, Nanoseconds = (uint)(micros * 1000) };
    }
}
