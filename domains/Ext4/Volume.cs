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
        Life = new InodeLife(this);
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

    internal InodeLife Life { get; }

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

    /// <inheritdoc/>
    public void Seal(CallContext context) => Groups.Seal(context);

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
