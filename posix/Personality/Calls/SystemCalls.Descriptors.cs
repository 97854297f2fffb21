using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <content>Calls on descriptors.</content>
internal sealed partial class SystemCalls
{
    private const int CloseOnExecFlag = 1;

    public Reply<Unit, Errno> Close(CallContext context, int descriptor)
    {
        if (!TryFindCaller(context, out Process? process))
        {
            return Errno.NoProcess;
        }

        if (process.Descriptors[descriptor] is SocketFile { References: 1 } socket)
        {
            socket.Linger(context);
        }

        return process.Descriptors.Close(context, process, descriptor).ToReply();
    }

    public Reply<int, Errno> Read(CallContext context, int descriptor, Span<byte> buffer)
    {
        Errno error = Find(context, descriptor, out _, out OpenFile file);
        return error != Errno.None ? error
            : !file.CanRead ? Errno.BadDescriptor
            : file.Read(context, buffer);
    }

    public Reply<int, Errno> Write(CallContext context, int descriptor, ReadOnlySpan<byte> data)
    {
        Errno error = Find(context, descriptor, out Process process, out OpenFile file);
        return error != Errno.None ? error
            : !file.CanWrite ? Errno.BadDescriptor
            : SignalFor(context, process, file, file.Write(context, process, data));
    }

    public Reply<int, Errno> ReadAt(CallContext context, int descriptor, ulong offset, Span<byte> buffer)
    {
        Errno error = Find(context, descriptor, out _, out OpenFile file);
        return offset > long.MaxValue ? Errno.InvalidArgument
            : error != Errno.None ? error
            : !file.CanRead ? Errno.BadDescriptor
            : file.ReadAt(context, offset, buffer);
    }

    public Reply<int, Errno> WriteAt(CallContext context, int descriptor, ulong offset, ReadOnlySpan<byte> data)
    {
        Errno error = Find(context, descriptor, out Process process, out OpenFile file);
        return offset > long.MaxValue ? Errno.InvalidArgument
            : error != Errno.None ? error
            : !file.CanWrite ? Errno.BadDescriptor
            : file.WriteAt(context, process, offset, data);
    }

    public Reply<long, Errno> Seek(CallContext context, int descriptor, long offset, SeekOrigin origin)
    {
        Errno error = Find(context, descriptor, out _, out OpenFile file);
        return error != Errno.None ? error : file.IsPathOnly ? Errno.BadDescriptor : file.Seek(context, offset, origin);
    }

    public Reply<int, Errno> ReadDirectory(CallContext context, int descriptor, Span<byte> buffer)
    {
        Errno error = Find(context, descriptor, out _, out OpenFile file);
        return error != Errno.None ? error : file.IsPathOnly ? Errno.BadDescriptor : file.ReadDirectory(context, buffer);
    }

    public Reply<Unit, Errno> Allocate(CallContext context, int descriptor, AllocationModes modes, long offset, long length)
    {
        Errno error = Find(context, descriptor, out Process process, out OpenFile file);
        return (error != Errno.None ? error
            : file.IsPathOnly ? Errno.BadDescriptor
            : offset < 0 || length <= 0 ? Errno.InvalidArgument
            : !IsKnown(modes) ? Errno.NotSupported
            : !file.CanWrite ? Errno.BadDescriptor
            : offset > long.MaxValue - length ? Errno.FileTooLarge
            : file.Allocate(context, process, modes, (ulong)offset, (ulong)length)).ToReply();
    }

    /// <summary>Modes that mean something: a hole keeps the size, and what is zeroed is not punched (fallocate(2) of Linux).</summary>
    private static bool IsKnown(AllocationModes modes) => (modes & ~AllocationModes.KeepSize) switch
    {
        AllocationModes.None or AllocationModes.ZeroRange => true,
        AllocationModes.PunchHole => (modes & AllocationModes.KeepSize) != 0,
        _ => false,
    };

    public Reply<Unit, Errno> SyncDescriptor(CallContext context, int descriptor, bool isDataOnly)
    {
        Errno error = Find(context, descriptor, out _, out OpenFile file);
        return error != Errno.None ? error : file.IsPathOnly ? Errno.BadDescriptor : file.Sync(context, isDataOnly);
    }

    public Reply<bool, Errno> IsTerminal(CallContext context, int descriptor)
    {
        Errno error = Find(context, descriptor, out _, out OpenFile file);
        return error != Errno.None ? error : file.IsTerminal(context);
    }

    public Reply<PipeEnds, Errno> MakePipe(CallContext context, OpenFlags flags)
    {
        if (!TryFindCaller(context, out Process? process))
        {
            return Errno.NoProcess;
        }

        if ((flags & ~(OpenFlags.CloseOnExec | OpenFlags.NonBlock)) != 0)
        {
            return Errno.InvalidArgument;
        }

        int readEnd = process.Descriptors.FindFree();
        int writeEnd = readEnd < 0 ? -1 : process.Descriptors.FindFree(readEnd + 1);
        if (writeEnd < 0)
        {
            return Errno.TooManyFiles;
        }

        Session session = process.Session;
        if (session.Pipes.IsFull || !session.OpenFiles.HasRoomFor(2))
        {
            return Errno.SystemFilesExhausted;
        }

        var pipe = new Pipe(context, session.Pipes);
        bool closesOnExec = (flags & OpenFlags.CloseOnExec) != 0;
        OpenFlags kept = flags & OpenFlags.NonBlock;
        _ = session.OpenFiles.TryEnter() && session.OpenFiles.TryEnter();
        process.Descriptors.Set(readEnd, new PipeEnd(kept | OpenFlags.ReadOnly, session.OpenFiles, pipe), closesOnExec);
        process.Descriptors.Set(writeEnd, new PipeEnd(kept | OpenFlags.WriteOnly, session.OpenFiles, pipe), closesOnExec);
        return new PipeEnds(readEnd, writeEnd);
    }

    public Reply<int, Errno> Duplicate(CallContext context, int descriptor, int newDescriptor, OpenFlags flags)
    {
        Errno error = Find(context, descriptor, out Process process, out OpenFile file);
        if (error != Errno.None)
        {
            return error;
        }

        if ((flags & ~OpenFlags.CloseOnExec) != 0)
        {
            return Errno.InvalidArgument;
        }

        if (!process.Descriptors.IsAllowed(newDescriptor))
        {
            return Errno.BadDescriptor;
        }

        if (newDescriptor != descriptor)
        {
            // Closing takes the last reference but may wait, and the slot must not be another's meanwhile: there is one thread.
            // An error of the close is lost, as POSIX has it for dup2. BadDescriptor says that it was free.
            _ = process.Descriptors.Close(context, process, newDescriptor);
            process.Descriptors.Set(newDescriptor, file, (flags & OpenFlags.CloseOnExec) != 0);
        }

        return newDescriptor;
    }

    public Reply<int, Errno> Control(CallContext context, int descriptor, DescriptorCommand command, int argument)
    {
        Errno error = Find(context, descriptor, out Process process, out OpenFile file);
        if (error != Errno.None)
        {
            return error;
        }

        switch (command)
        {
            case DescriptorCommand.Duplicate or DescriptorCommand.DuplicateCloseOnExec:
                return DuplicateFrom(process, file, argument, command == DescriptorCommand.DuplicateCloseOnExec);
            case DescriptorCommand.GetDescriptorFlags:
                return process.Descriptors.ClosesOnExec(descriptor) ? CloseOnExecFlag : 0;
            case DescriptorCommand.SetDescriptorFlags:
                process.Descriptors.SetCloseOnExec(descriptor, (argument & CloseOnExecFlag) != 0);
                return 0;
            case DescriptorCommand.GetStatusFlags:
                return (int)file.Flags;
            case DescriptorCommand.SetStatusFlags when !file.IsPathOnly:
                file.ChangeFlags((OpenFlags)argument);
                return 0;
            case DescriptorCommand.SetStatusFlags:
                return Errno.BadDescriptor;
            default:
                return Errno.InvalidArgument;
        }
    }

    private static Reply<int, Errno> DuplicateFrom(Process process, OpenFile file, int lowest, bool closesOnExec)
    {
        if (!process.Descriptors.IsAllowed(lowest))
        {
            return Errno.InvalidArgument;
        }

        int descriptor = process.Descriptors.FindFree(lowest);
        if (descriptor < 0)
        {
            return Errno.TooManyFiles;
        }

        process.Descriptors.Set(descriptor, file, closesOnExec);
        return descriptor;
    }
}
