using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>An open regular file.</summary>
internal sealed class RegularFile(
    OpenFlags flags, OpenFileCount count, IFileSystem fileSystem, VnodeTable vnodes, Vnode vnode, SleepLock offsetLock)
    : OpenFile(flags, count)
{
    private long offset;

    public override Reply<int, Errno> Read(CallContext context, Span<byte> buffer)
    {
        if (References == 1)
        {
            return ReadHere(context, buffer);
        }

        // Others share the offset: they must not read the same bytes while this read waits for the disk.
        Errno error = offsetLock.Acquire(context);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            return ReadHere(context, buffer);
        }
        finally
        {
            offsetLock.Release();
        }
    }

    public override Reply<int, Errno> Write(CallContext context, ReadOnlySpan<byte> data)
    {
        if (References == 1)
        {
            return WriteHere(context, data);
        }

        Errno error = offsetLock.Acquire(context);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            return WriteHere(context, data);
        }
        finally
        {
            offsetLock.Release();
        }
    }

    public override Reply<int, Errno> ReadAt(CallContext context, ulong offset, Span<byte> buffer) =>
        offset > long.MaxValue ? Errno.InvalidArgument : Pass(fileSystem.Read(context, vnode.Inode, offset, buffer));

    public override Reply<int, Errno> WriteAt(CallContext context, ulong offset, ReadOnlySpan<byte> data) =>
        offset > long.MaxValue ? Errno.InvalidArgument : WriteLocked(context, (long)offset, appends: false, data, out _);

    public override Reply<long, Errno> Seek(CallContext context, long offset, SeekOrigin origin)
    {
        long start = 0;
        if (origin == SeekOrigin.Current)
        {
            start = this.offset;
        }
        else if (origin == SeekOrigin.End)
        {
            Reply<FileAttributes, Errno> attributes = fileSystem.GetAttributes(context, vnode.Inode);
            if (!attributes.IsOk)
            {
                return attributes.ErrorOf();
            }

            start = (long)attributes.Value.SizeBytes;
        }
        else if (origin != SeekOrigin.Start)
        {
            return Errno.InvalidArgument;
        }

        if (offset > 0 && start > long.MaxValue - offset)
        {
            return Errno.Overflow;
        }

        if (start + offset < 0)
        {
            return Errno.InvalidArgument;
        }

        this.offset = start + offset;
        return this.offset;
    }

    public override Reply<FileAttributes, Errno> GetAttributes(CallContext context)
    {
        Reply<FileAttributes, Errno> reply = fileSystem.GetAttributes(context, vnode.Inode);
        return reply.IsOk ? reply : reply.ErrorOf();
    }

    public override Reply<Unit, Errno> SetAttributes(CallContext context, Process process, in FileAttributesChange change)
    {
        if ((change.Fields & FileAttributeFields.Size) != 0 && !CanWrite)
        {
            return Errno.InvalidArgument;
        }

        return AttributeChange.Apply(context, fileSystem, process, vnode.Inode, change, checksWriteAccess: false).ToReply();
    }

    public override Reply<Unit, Errno> Sync(CallContext context) =>
        fileSystem.SyncFile(context, vnode.Inode, isDataOnly: false).ErrorOf().ToReply();

    protected override Errno OnClose(CallContext context) => vnodes.Close(context, vnode);

    private static Reply<int, Errno> Pass(Reply<int, Errno> reply) => reply.IsOk ? reply : reply.ErrorOf();

    private Reply<int, Errno> ReadHere(CallContext context, Span<byte> buffer)
    {
        Reply<int, Errno> reply = Pass(fileSystem.Read(context, vnode.Inode, (ulong)offset, buffer));
        offset += reply.Value;
        return reply;
    }

    private Reply<int, Errno> WriteHere(CallContext context, ReadOnlySpan<byte> data)
    {
        bool appends = (Flags & OpenFlags.Append) != 0;
        Reply<int, Errno> reply = WriteLocked(context, offset, appends, data, out long start);
        if (reply.IsOk)
        {
            offset = start + reply.Value;
        }

        return reply;
    }

    private Reply<int, Errno> WriteLocked(
        CallContext context, long at, bool appends, ReadOnlySpan<byte> data, out long start)
    {
        start = at;
        if (vnode.OpenCount == 1)
        {
            return WriteNow(context, appends, data, ref start);
        }

        Errno error = vnode.Writers.Acquire(context);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            return WriteNow(context, appends, data, ref start);
        }
        finally
        {
            vnode.Writers.Release();
        }
    }

    private Reply<int, Errno> WriteNow(CallContext context, bool appends, ReadOnlySpan<byte> data, ref long start)
    {
        if (appends)
        {
            Reply<FileAttributes, Errno> attributes = fileSystem.GetAttributes(context, vnode.Inode);
            if (!attributes.IsOk)
            {
                return attributes.ErrorOf();
            }

            start = (long)attributes.Value.SizeBytes;
        }

        if (data.Length == 0)
        {
            return 0;
        }

        return start > long.MaxValue - data.Length
            ? Errno.FileTooLarge
            : Pass(fileSystem.Write(context, vnode.Inode, (ulong)start, data));
    }
}
