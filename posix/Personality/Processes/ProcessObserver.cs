using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>How processes come without being spawned, and how they end.</summary>
internal sealed class ProcessObserver(PersonalityState state) : IProcessObserver
{
    private const int FaultStatus = 128 + 11;

    public Reply<int, Errno> Adopt(CallContext context, DomainId process, ReadOnlySpan<byte> arguments)
    {
        if (arguments.Length is 0 or > Limits.ArgumentBytesMax || arguments[^1] != 0 || state.Processes.TryFind(process, out _))
        {
            return Errno.InvalidArgument;
        }

        if (state.Processes.IsFull || !state.OpenFiles.HasRoomFor(3))
        {
            return Errno.TryAgain;
        }

        Location root = state.Mounts.Root.RootLocation;
        var session = new Session(state.OpenFiles, state.Pipes, state.PassedFiles);
        var adopted = new Process(context, session, state.Processes.TakeId(), arguments.ToArray(), root, root)
        {
            Domain = process,
            IsAdopted = true,
            Stack = state.Stacks.Default,
        };
        Errno error = state.HoldDirectories(context, adopted);
        for (int stream = 0; stream < 3 && error == Errno.None; stream++)
        {
            error = OpenConsole(context, adopted, stream);
        }

        if (error != Errno.None)
        {
            return error;
        }

        state.Processes.Add(adopted);
        return adopted.Id;
    }

    private Errno OpenConsole(CallContext context, Process process, int stream)
    {
        Errno error = state.Vnodes.Open(context, state.DeviceLocation(Devices.Console), out Vnode? vnode);
        if (error == Errno.None)
        {
            OpenFileCount count = process.Session.OpenFiles;
            _ = count.TryEnter();
            OpenFlags flags = stream == 0 ? OpenFlags.ReadOnly : OpenFlags.WriteOnly;
            process.Descriptors.Set(
                stream, new ConsoleFile(flags, count, state.Vnodes, vnode!, state.Console, stream));
        }

        return error;
    }

    public Reply<Unit, Errno> Ended(CallContext context, DomainId process, int status, Fault fault)
    {
        if (!state.Processes.TryFind(process, out Process? ended))
        {
            return Errno.NoProcess;
        }

        // First the files: who waits for the process may rely on their being closed.
        state.Processes.ForgetDomain(ended);
        state.Holds.ReleaseAbandoned(context);
        state.GiveBack(context, ended);
        if (ended.StartingChild is not null)
        {
            state.GiveBack(context, ended.StartingChild);
        }

        ended.NoteEnd(fault == Fault.None ? status & 0xFF : ended.KillSignal != 0 ? 128 + ended.KillSignal : FaultStatus);
        state.Processes.Orphan(ended);
        if (!ended.IsOrphan && state.Processes.TryFind(ended.ParentId, out Process? parent) && !parent.IsZombie)
        {
            parent.ChildEnded.SignalAll();
        }
        else
        {
            state.Processes.Remove(ended);
        }

        return default(Unit);
    }
}
