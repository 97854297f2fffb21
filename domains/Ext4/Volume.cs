using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// One mounted volume: what all parts of the file system share. It decides what damage means: the first structure that
/// contradicts itself is reported and ends all writing, as with Linux's errors=remount-ro.
/// </summary>
internal sealed class Volume : IWriteBackSealer
{
    private readonly DomainServices services;
    private int reportCount;
    private ulong generationSeed;

    internal Volume(DomainServices services, Superblock superblock, BufferCache cache, bool isReadOnly)
    {
        this.services = services;
        Superblock = superblock;
        Cache = cache;
        IsReadOnly = isReadOnly;
        Transaction = new Transaction(cache);
        Groups = new GroupTable(this);
        Inodes = new InodeTable(this);
        BlockAllocator = new BlockAllocator(this);
        InodeAllocator = new InodeAllocator(this);
        Extents = new ExtentTree(this);
        ExtentRemoval = new ExtentRemoval(this);
        Files = new FileData(this);
        Lending = new FileLending(this);
        Space = new FileSpace(this);
        Attributes = new ExtendedAttributes(this);
        Life = new InodeLife(this);
        Orphans = new OrphanList(this);
        Directories = new Directories(this);
        generationSeed = LittleEndian.U64(superblock.Uuid, 0) | 1;
    }

    internal Superblock Superblock { get; }

    internal BufferCache Cache { get; }

    internal Transaction Transaction { get; }

    internal GroupTable Groups { get; }

    internal InodeTable Inodes { get; }

    internal BlockAllocator BlockAllocator { get; }

    internal InodeAllocator InodeAllocator { get; }

    internal ExtentTree Extents { get; }

    internal ExtentRemoval ExtentRemoval { get; }

    internal FileData Files { get; }

    internal FileLending Lending { get; }

    internal FileSpace Space { get; }

    internal ExtendedAttributes Attributes { get; }

    internal InodeLife Life { get; }

    internal OrphanList Orphans { get; }

    /// <summary>The journal; null when there is none, or it is not in use.</summary>
    internal Journal? Journal
    {
        get => Transaction.Journal;
        set => Transaction.Journal = value;
    }

    internal Directories Directories { get; }

    internal bool IsReadOnly { get; private set; }

    /// <summary>Whether damage has been found since the mount.</summary>
    internal bool IsDamaged { get; private set; }

    internal int BlockBytes => Cache.BlockBytes;

    /// <summary>Reports damage and ends writing.</summary>
    /// <returns>Always <see cref="Errno.Corrupted"/>, so that a finder can write <c>return volume.Damaged(...)</c>.</returns>
    internal Errno Damaged(string what)
    {
        IsDamaged = true;
        if (Journal is not null)
        {
            Cache.Freeze();
        }

        if (!IsReadOnly)
        {
            IsReadOnly = true;
            services.Report(Severity.Warning, "the file system is damaged: nothing is written any more, run e2fsck");
        }

        if (reportCount++ < Ext4Limits.DamageReportsMax)
        {
            services.Report(Severity.Error, what);
        }

        return Errno.Corrupted;
    }

    /// <summary>Reports a wrong checksum.</summary>
    internal Errno DamagedChecksum(string structure, ulong block, uint found, uint expected) =>
        Damaged($"{structure} (block {block}): checksum 0x{found:x8}, expected 0x{expected:x8}");

    internal void BecomeReadOnly(string why)
    {
        if (!IsReadOnly)
        {
            IsReadOnly = true;
            services.Report(Severity.Error, why);
        }
    }

    internal void Report(Severity severity, string message) => services.Report(severity, message);

    /// <summary>A number that no earlier file of this inode had, as far as chance goes (i_generation).</summary>
    internal uint NextGeneration(CallContext context)
    {
        generationSeed ^= (ulong)context.WallClockMicros << 20;
        generationSeed ^= generationSeed << 13;
        generationSeed ^= generationSeed >> 7;
        generationSeed ^= generationSeed << 17;
        generationSeed |= 1;
        return (uint)(generationSeed >> 32);
    }

    /// <summary>With a journal a block is sealed before it goes to the log, and not changed afterwards.</summary>
    public void Seal(CallContext context)
    {
        if (Journal is null)
        {
            Directories.Seal(context);
            Groups.Seal(context);
        }
    }

    /// <summary>Makes everything durable that has been done so far: the running transaction goes to the log.</summary>
    internal Errno Commit(CallContext context)
    {
        if (Journal is not { } journal)
        {
            Errno stored = IsReadOnly && !IsDamaged ? Errno.None : StoreSuperblock(context);
            Errno flushed = Cache.Flush(context);
            return stored != Errno.None ? stored : flushed;
        }

        if (IsReadOnly)
        {
            return journal.IsAborted || IsDamaged ? Errno.InputOutput : Errno.None;
        }

        Errno error = BlockAllocator.ApplyFrees(context);
        if (error == Errno.None && journal.HasChanges)
        {
            error = StoreSuperblock(context);
            Directories.Seal(context);
            Groups.Seal(context);
        }

        return error == Errno.None ? journal.Commit(context) : journal.Abort(context, "the transaction could not be completed");
    }

    /// <summary>
    /// Between two steps of a long operation on a file: commits when the transaction has no room for the next. Should the
    /// power fail, the mount does the rest.
    /// </summary>
    internal Errno Continue(CallContext context, Inode inode)
    {
        if (Journal is not { IsFull: true, IsAborted: false })
        {
            return Errno.None;
        }

        Errno error = Orphans.Add(context, inode);
        return error == Errno.None ? Commit(context) : error;
    }

    /// <summary>The same where what has been done so far is a whole: nothing is left to do if the power fails.</summary>
    internal Errno ContinueWhole(CallContext context, Inode inode)
    {
        if (Journal is not { IsFull: true, IsAborted: false })
        {
            return Errno.None;
        }

        Errno error = Inodes.Store(context, inode);
        return error == Errno.None ? Commit(context) : error;
    }

    /// <summary>Puts the superblock into its block.</summary>
    internal Errno StoreSuperblock(CallContext context)
    {
        ulong block = (ulong)SuperblockSpec.OffsetBytes >> Cache.BlockShift;
        Errno error = Cache.Get(context, block, out BlockBuffer buffer);
        if (error != Errno.None)
        {
            return error;
        }

        Transaction.Begin();
        int offset = BlockBytes == SuperblockSpec.OffsetBytes ? 0 : SuperblockSpec.OffsetBytes;
        Superblock.Store(Transaction.Modify(context, buffer)[offset..], context.WallClockMicros / 1_000_000);
        Transaction.End();
        return Errno.None;
    }
}
