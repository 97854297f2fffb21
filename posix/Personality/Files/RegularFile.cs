using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>An open regular file.</summary>
/// <remarks>
/// A closed one is used again by a later open. Nothing names it then: descriptors are what refers to it, and each process has one thread,
/// which is in no call with the file once the last of them is closed.
/// </remarks>
internal sealed class RegularFile : OpenInode
{
    private readonly VnodeTable vnodes;
    private SleepLock? offsetLock;
    private long offset;

    private RegularFile(OpenFlags flags, OpenFileCount count, VnodeTable vnodes, Vnode vnode)
        : base(flags, count, vnodes, vnode) => this.vnodes = vnodes;

    /// <summary>A description of a file that is being opened.</summary>
    public static RegularFile Open(OpenFlags flags, OpenFileCount count, VnodeTable vnodes, Vnode vnode)
    {
        if (!vnodes.SpareFiles.TryPop(out RegularFile? used))
        {
            return new RegularFile(flags, count, vnodes, vnode);
        }

        used.Reopen(flags, count, vnode);
        used.offset = 0;
        return used;
    }

    /// <summary>Where the next read or write is; at least 0.</summary>
    public long Offset { get => offset; set => offset = value; }

    public override Reply<int, Errno> Read(CallContext context, Span<byte> buffer)
    {
        if (References == 1)
        {
            return ReadHere(context, buffer);
        }

        // Others share the offset: they must not read the same bytes while this read waits for the disk.
        offsetLock ??= new SleepLock();
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

    public override Reply<int, Errno> Write(CallContext context, Process process, ReadOnlySpan<byte> data)
    {
        if (References == 1)
        {
            return WriteHere(context, process, data);
        }

        offsetLock ??= new SleepLock();
        Errno error = offsetLock.Acquire(context);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            return WriteHere(context, process, data);
        }
        finally
        {
            offsetLock.Release();
        }
    }

    public override Reply<int, Errno> ReadAt(CallContext context, ulong offset, Span<byte> buffer) =>
        offset > long.MaxValue ? Errno.InvalidArgument : Pass(Vnode.Files.Read(context, Vnode.Inode, offset, buffer));

    public override Reply<int, Errno> WriteAt(CallContext context, Process process, ulong offset, ReadOnlySpan<byte> data) =>
        offset > long.MaxValue
            ? Errno.InvalidArgument
            : WriteLocked(context, process, (long)offset, appends: false, data, out _);

    public override Reply<long, Errno> Seek(CallContext context, long offset, SeekOrigin origin)
    {
        Reply<long, Errno> target = origin switch
        {
            SeekOrigin.Start => From(0, offset),
            SeekOrigin.Current => From(this.offset, offset),
            SeekOrigin.End => FromEnd(context, offset),
            SeekOrigin.Data or SeekOrigin.Hole => Find(context, offset, origin),
            _ => Errno.InvalidArgument,
        };
        if (target.IsOk)
        {
            this.offset = target.Value;
        }

        return target;
    }

    public override Errno Allocate(CallContext context, Process process, AllocationModes modes, ulong offset, ulong length)
    {
        bool extends = (modes & AllocationModes.KeepSize) == 0;
        if (extends && offset + length > process.FileSizeLimit.Soft)
        {
            return Errno.FileTooLarge;
        }

        // To reserve and to punch are writes, after which a program of another's must not run with its owner's rights.
        Errno error = process.Credentials.Effective.IsPrivileged ? Errno.None : ClearSetIds(context, process);
        return error != Errno.None
            ? error
            : Vnode.Files.Allocate(context, Vnode.Inode, offset, length, modes).ErrorOf();
    }

    protected override Errno OnClose(CallContext context)
    {
        Errno error = base.OnClose(context);
        if (vnodes.SpareFiles.Count < Limits.SpareFileCountMax)
        {
            vnodes.SpareFiles.Push(this);
        }

        return error;
    }

    private static Reply<int, Errno> Pass(Reply<int, Errno> reply) => reply.IsOk ? reply : reply.ErrorOf();

    private static Reply<long, Errno> From(long start, long offset) =>
        offset > 0 && start > long.MaxValue - offset ? Errno.Overflow
            : start + offset < 0 ? Errno.InvalidArgument
            : start + offset;

    private Reply<long, Errno> FromEnd(CallContext context, long offset)
    {
        Reply<FileAttributes, Errno> attributes = Vnode.Files.GetAttributes(context, Vnode.Inode);
        return attributes.IsOk ? From((long)attributes.Value.SizeBytes, offset) : attributes.ErrorOf();
    }

    private Reply<long, Errno> Find(CallContext context, long offset, SeekOrigin origin)
    {
        if (offset < 0)
        {
            return Errno.NoDeviceOrAddress;
        }

        Reply<ulong, Errno> found = origin == SeekOrigin.Data
            ? Vnode.Files.SeekData(context, Vnode.Inode, (ulong)offset)
            : Vnode.Files.SeekHole(context, Vnode.Inode, (ulong)offset);
        return found.IsOk ? (long)found.Value : found.ErrorOf();
    }

    private Reply<int, Errno> ReadHere(CallContext context, Span<byte> buffer)
    {
        Reply<int, Errno> reply = Pass(Vnode.Files.Read(context, Vnode.Inode, (ulong)offset, buffer));
        offset += reply.Value;
        return reply;
    }

    private Reply<int, Errno> WriteHere(CallContext context, Process process, ReadOnlySpan<byte> data)
    {
        bool appends = (Flags & OpenFlags.Append) != 0;
        Reply<int, Errno> reply = WriteLocked(context, process, offset, appends, data, out long start);
        if (reply.IsOk)
        {
            offset = start + reply.Value;
        }

        return reply;
    }

    private Reply<int, Errno> WriteLocked(
        CallContext context, Process process, long at, bool appends, ReadOnlySpan<byte> data, out long start)
    {
        start = at;
        if (Vnode.OpenCount == 1)
        {
            return WriteNow(context, process, appends, data, ref start);
        }

        Errno error = Vnode.Writers.Acquire(context);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            return WriteNow(context, process, appends, data, ref start);
        }
        finally
        {
            Vnode.Writers.Release();
        }
    }

    private Reply<int, Errno> WriteNow(
        CallContext context, Process process, bool appends, ReadOnlySpan<byte> data, ref long start)
    {
        if (data.Length == 0)
        {
            return 0;
        }

        // The file's attributes are needed to append, and to see whether an unprivileged write takes set-id bits away.
        if (appends || !process.Credentials.Effective.IsPrivileged)
        {
            Reply<FileAttributes, Errno> attributes = Vnode.Files.GetAttributes(context, Vnode.Inode);
            Errno error = attributes.IsOk ? ClearSetIds(context, process, attributes.Value) : attributes.ErrorOf();
            if (error != Errno.None)
            {
                return error;
            }

            start = appends ? (long)attributes.Value.SizeBytes : start;
        }

        if (start > long.MaxValue - data.Length || (ulong)start >= process.FileSizeLimit.Soft)
        {
            return Errno.FileTooLarge;
        }

        ulong length = Math.Min((ulong)data.Length, process.FileSizeLimit.Soft - (ulong)start);
        Reply<int, Errno> written = Pass(Vnode.Files.Write(context, Vnode.Inode, (ulong)start, data[..(int)length]));
        return written.IsOk && (Flags & OpenFlags.Sync) != 0 ? SyncWritten(context, written) : written;
    }

    private Errno ClearSetIds(CallContext context, Process process)
    {
        Reply<FileAttributes, Errno> attributes = Vnode.Files.GetAttributes(context, Vnode.Inode);
        return attributes.IsOk ? ClearSetIds(context, process, attributes.Value) : attributes.ErrorOf();
    }

    private Errno ClearSetIds(CallContext context, Process process, in FileAttributes file)
    {
        uint mode = AttributeChange.WithoutSetIds(file, process.Credentials.Effective);
        if (mode == file.Mode || process.Credentials.Effective.IsPrivileged)
        {
            return Errno.None;
        }

        var change = new FileAttributesChange { Fields = FileAttributeFields.Mode, Mode = mode & FileMode.PermissionMask };
        return Vnode.Files.SetAttributes(context, Vnode.Inode, change).ErrorOf();
    }

    /// <summary>O_DSYNC is one of the two bits of O_SYNC.</summary>
    private Reply<int, Errno> SyncWritten(CallContext context, Reply<int, Errno> written)
    {
        bool isDataOnly = (Flags & OpenFlags.Sync) == OpenFlags.DataSync;
        Errno error = Vnode.Files.SyncFile(context, Vnode.Inode, isDataOnly).ErrorOf();
        return error == Errno.None ? written : error;
    }
}
