using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.Ext4;

/// <content>Operations on names, and the end of the mount.</content>
internal sealed partial class Ext4FileSystem
{
    /// <inheritdoc/>
    public Reply<ulong, Errno> Create(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, uint mode, uint userId, uint groupId)
    {
        bool isKnown = (mode & FileMode.TypeMask)
            is FileMode.Regular or FileMode.Directory or FileMode.Fifo or FileMode.Socket;
        return isKnown ? Create(context, directory, name, mode, 0, userId, groupId) : Errno.InvalidArgument;
    }

    /// <inheritdoc/>
    public Reply<ulong, Errno> CreateDevice(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, uint mode, uint device, uint userId, uint groupId)
    {
        bool isDevice = (mode & FileMode.TypeMask) is FileMode.CharacterDevice or FileMode.BlockDevice;
        return isDevice ? Create(context, directory, name, mode, device, userId, groupId) : Errno.InvalidArgument;
    }

    /// <inheritdoc/>
    public Reply<ulong, Errno> CreateSymbolicLink(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, uint userId, uint groupId)
    {
        Errno error = BeginChange(context);
        if (error != Errno.None)
        {
            return error;
        }

        error = names.CreateSymbolicLink(context, directory, name, target, userId, groupId, out ulong number);
        EndChange(context);
        return error == Errno.None ? number : error;
    }

    /// <inheritdoc/>
    public Reply<int, Errno> ReadSymbolicLink(CallContext context, ulong inode, Span<byte> target)
    {
        int count = 0;
        Errno error = isUnmounted ? Errno.NoDevice : names.ReadSymbolicLink(context, inode, target, out count);
        if (error == Errno.None && Load(context, inode, out Inode link) == Errno.None)
        {
            NoteAccess(context, link, isStart: true);
        }

        return error == Errno.None ? count : error;
    }

    /// <inheritdoc/>
    public Reply<Unit, Errno> Link(CallContext context, ulong inode, ulong directory, ReadOnlySpan<byte> name)
    {
        Errno error = BeginChange(context);
        if (error == Errno.None)
        {
            error = names.Link(context, inode, directory, name);
            EndChange(context);
        }

        return Answer(error);
    }

    /// <inheritdoc/>
    public Reply<Unit, Errno> Unlink(CallContext context, ulong directory, ReadOnlySpan<byte> name)
    {
        Errno error = BeginChange(context);
        if (error == Errno.None)
        {
            error = names.Unlink(context, directory, name);
            EndChange(context);
        }

        return Answer(error);
    }

    /// <inheritdoc/>
    public Reply<Unit, Errno> RemoveDirectory(CallContext context, ulong directory, ReadOnlySpan<byte> name)
    {
        Errno error = BeginChange(context);
        if (error == Errno.None)
        {
            error = names.RemoveDirectory(context, directory, name);
            EndChange(context);
        }

        return Answer(error);
    }

    /// <inheritdoc/>
    public Reply<Unit, Errno> Rename(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, ulong newDirectory, ReadOnlySpan<byte> newName,
        RenameFlags flags)
    {
        bool isKnown = flags is RenameFlags.None or RenameFlags.NoReplace or RenameFlags.Exchange;
        Errno error = isKnown ? BeginChange(context) : Errno.InvalidArgument;
        if (error == Errno.None)
        {
            error = Renames.Run(context, directory, name, newDirectory, newName, flags);
            EndChange(context);
        }

        return Answer(error);
    }

    /// <inheritdoc/>
    public Reply<Unit, Errno> SyncFile(CallContext context, ulong inode, bool isDataOnly)
    {
        Errno error = Load(context, inode, out Inode loaded);
        if (error != Errno.None)
        {
            return error;
        }

        // As ext4_sync_file of Linux: with its last change in the log already, a file lacks nothing but bytes, which go to their
        // places. The blocks of one file are not kept apart in the cache: those of all are written.
        uint transaction = isDataOnly ? loaded.DataTransaction : loaded.Transaction;
        return volume.Journal is { } journal && !volume.IsReadOnly && journal.HasCommitted(transaction)
            ? Answer(volume.Cache.FlushData(context))
            : Sync(context);
    }

    /// <inheritdoc/>
    public Reply<Unit, Errno> Sync(CallContext context)
    {
        if (isUnmounted)
        {
            return Errno.NoDevice;
        }

        // Data that could not be written is told once, to whoever asks first.
        Errno error = volume.Commit(context);
        return volume.Cache.TakeWriteFailure() ? Errno.InputOutput : Answer(error);
    }

    /// <inheritdoc/>
    public Reply<Unit, Errno> Unmount(CallContext context)
    {
        if (isUnmounted)
        {
            return Errno.NoDevice;
        }

        Errno error = DestroyOrphans(context);
        if (volume.Journal is not null)
        {
            Errno closed = EndJournal(context);
            error = error != Errno.None ? error : closed;
        }

        bool isWritable = !volume.IsReadOnly;
        if (volume.Journal is null && (isWritable || volume.IsDamaged))
        {
            Errno ended = EndMount(context, isWritable);
            error = error != Errno.None ? error : ended;
        }

        isUnmounted = true;
        volume.Cache.Dispose(context);
        return Answer(error);
    }

    private Reply<ulong, Errno> Create(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, uint mode, uint device, uint userId, uint groupId)
    {
        Errno error = BeginChange(context);
        if (error != Errno.None)
        {
            return error;
        }

        error = names.Create(context, directory, name, mode, device, userId, groupId, out ulong number);
        EndChange(context);
        return error == Errno.None ? number : error;
    }

    /// <summary>Files without a name that are still held: with the end of the mount nobody holds them any more.</summary>
    private Errno DestroyOrphans(CallContext context)
    {
        int position = 0;
        Errno error = Errno.None;
        while (error == Errno.None && volume.Inodes.NextHeldOrphan(ref position) is { } orphan && BeginChange(context) == Errno.None)
        {
            orphan.HoldCount = 0;
            error = volume.Life.Destroy(context, orphan);
            EndChange(context);
        }

        return error;
    }

    /// <summary>
    /// Empties the log, after which the file system goes on without it. After damage or a failed write the log stays as it
    /// is: what it has is right, and what came after it is not to be trusted.
    /// </summary>
    private Errno EndJournal(CallContext context)
    {
        Journal journal = volume.Journal!;
        if (volume.IsReadOnly)
        {
            journal.NoteError(context);
            return Errno.None;
        }

        Errno error = volume.Commit(context);
        if (!volume.IsReadOnly && journal.Close(context) == Errno.None)
        {
            volume.Journal = null;
            volume.Superblock.SetRecovery(false);
        }

        return error;
    }

    /// <summary>Everything is on the disk before the superblock says so.</summary>
    private Errno EndMount(CallContext context, bool isWritable)
    {
        Errno error = volume.Cache.Flush(context);
        if (volume.IsDamaged)
        {
            volume.Superblock.NoteDamage();
        }
        else if (error == Errno.None && isWritable && wasClean)
        {
            volume.Superblock.NoteClean();
        }

        Errno stored = volume.StoreSuperblock(context);
        Errno flushed = volume.Cache.Flush(context);
        return error != Errno.None ? error : stored != Errno.None ? stored : flushed;
    }
}
