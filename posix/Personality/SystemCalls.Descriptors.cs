using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <content>Calls on descriptors.</content>
internal sealed partial class SystemCalls
{
    public Reply<Unit, Errno> Close(CallContext context, int descriptor) =>
        TryFindCaller(context, out Process? process)
            ? process.Descriptors.Close(context, descriptor).ToReply()
            : Errno.NoProcess;

    public Reply<int, Errno> Read(CallContext context, int descriptor, Span<byte> buffer)
    {
        Errno error = Find(context, descriptor, out _, out OpenFile file);
        return error != Errno.None ? error
            : !file.CanRead ? Errno.BadDescriptor
            : file.Read(context, buffer);
    }

    public Reply<int, Errno> Write(CallContext context, int descriptor, ReadOnlySpan<byte> data)
    {
        Errno error = Find(context, descriptor, out _, out OpenFile file);
        return error != Errno.None ? error
            : !file.CanWrite ? Errno.BadDescriptor
            : file.Write(context, data);
    }

    public Reply<int, Errno> ReadAt(CallContext context, int descriptor, ulong offset, Span<byte> buffer)
    {
        Errno error = Find(context, descriptor, out _, out OpenFile file);
        return error != Errno.None ? error
            : !file.CanRead ? Errno.BadDescriptor
            : file.ReadAt(context, offset, buffer);
    }

    public Reply<int, Errno> WriteAt(CallContext context, int descriptor, ulong offset, ReadOnlySpan<byte> data)
    {
        Errno error = Find(context, descriptor, out _, out OpenFile file);
        return error != Errno.None ? error
            : !file.CanWrite ? Errno.BadDescriptor
            : file.WriteAt(context, offset, data);
    }

    public Reply<long, Errno> Seek(CallContext context, int descriptor, long offset, SeekOrigin origin)
    {
        Errno error = Find(context, descriptor, out _, out OpenFile file);
        return error != Errno.None ? error : file.Seek(context, offset, origin);
    }

    public Reply<FileAttributes, Errno> GetDescriptorAttributes(CallContext context, int descriptor)
    {
        Errno error = Find(context, descriptor, out _, out OpenFile file);
        return error != Errno.None ? error : file.GetAttributes(context);
    }

    public Reply<Unit, Errno> SetDescriptorAttributes(CallContext context, int descriptor, in FileAttributesChange change)
    {
        Errno error = Find(context, descriptor, out Process process, out OpenFile file);
        return error != Errno.None ? error : file.SetAttributes(context, process, change);
    }

    public Reply<int, Errno> ReadDirectory(CallContext context, int descriptor, Span<byte> buffer)
    {
        Errno error = Find(context, descriptor, out _, out OpenFile file);
        return error != Errno.None ? error : file.ReadDirectory(context, buffer);
    }

    public Reply<Unit, Errno> SyncDescriptor(CallContext context, int descriptor)
    {
        Errno error = Find(context, descriptor, out _, out OpenFile file);
        return error != Errno.None ? error : file.Sync(context);
    }

    public Reply<bool, Errno> IsTerminal(CallContext context, int descriptor)
    {
        Errno error = Find(context, descriptor, out _, out OpenFile file);
        return error != Errno.None ? error : file.IsTerminal(context);
    }

    public Reply<PipeEnds, Errno> MakePipe(CallContext context)
    {
        if (!TryFindCaller(context, out Process? process))
        {
            return Errno.NoProcess;
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

        var pipe = new Pipe(context);
        ulong number = session.Pipes.Enter();
        _ = session.OpenFiles.TryEnter() && session.OpenFiles.TryEnter();
        process.Descriptors.Set(readEnd, new PipeEnd(OpenFlags.ReadOnly, session.OpenFiles, pipe, session.Pipes, number));
        process.Descriptors.Set(writeEnd, new PipeEnd(OpenFlags.WriteOnly, session.OpenFiles, pipe, session.Pipes, number));
        return new PipeEnds(readEnd, writeEnd);
    }

    public Reply<int, Errno> Duplicate(CallContext context, int descriptor, int newDescriptor)
    {
        Errno error = Find(context, descriptor, out Process process, out OpenFile file);
        if (error != Errno.None)
        {
            return error;
        }

        if (newDescriptor == -1)
        {
            newDescriptor = process.Descriptors.FindFree();
            if (newDescriptor < 0)
            {
                return Errno.TooManyFiles;
            }
        }

        if (newDescriptor is < 0 or >= Limits.DescriptorCountMax)
        {
            return Errno.BadDescriptor;
        }

        if (newDescriptor != descriptor)
        {
            // An error of the close is lost, as POSIX has it for dup2. BadDescriptor says that it was free.
            _ = process.Descriptors.Close(context, newDescriptor);
            process.Descriptors.Set(newDescriptor, file);
        }

        return newDescriptor;
    }
}
