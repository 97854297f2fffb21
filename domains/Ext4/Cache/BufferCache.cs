using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// The pages of the disk that are in memory, metadata and file data alike, by their place on the disk. A page frame is an
/// exchange-heap page, so that a transfer copies nothing; eviction is by the clock algorithm.
/// </summary>
/// <remarks>
/// Neighbours: <see cref="BlockIo"/> below; <see cref="Transaction"/> (metadata) and <see cref="FileData"/> (data) above,
/// the only ones that get bytes to write to. Reading and writing back are synchronous and batched, so no frame is ever in
/// transfer while other code of this domain runs.
/// </remarks>
internal sealed partial class BufferCache
{
    private const int None = -1;

    private readonly BlockIo io;
    private readonly Cell<PageBuffer>[] cells;
    private readonly Frame[] frames;
    private readonly int[] buckets;
    private readonly int bucketShift;
    private int frameCount;
    private int hand;
    private uint tick = Ext4Limits.GuardedGets;
    private int blockShift = Ext4Spec.PageShift;

    internal BufferCache(IBlockDevice device, BlockGeometry geometry, int pageCountMax)
    {
        io = new BlockIo(device, geometry);
        pageCountMax = Math.Clamp(pageCountMax, Ext4Limits.CachePagesMin, Ext4Limits.CachePagesMax);
        cells = new Cell<PageBuffer>[pageCountMax];
        frames = new Frame[pageCountMax];
        int bucketBits = 32 - System.Numerics.BitOperations.LeadingZeroCount((uint)pageCountMax);
        buckets = new int[1 << bucketBits];
        Array.Fill(buckets, None);
        bucketShift = 64 - bucketBits;
        dirtyKeys = new ulong[pageCountMax];
        dirtyFrames = new int[pageCountMax];
    }

    /// <summary>Bytes in a block of the file system; a page holds one or several.</summary>
    internal int BlockBytes => 1 << blockShift;

    internal int BlockShift => blockShift;

    internal ulong DeviceBytes => io.DeviceBytes;

    /// <summary>The least that the disk can write.</summary>
    internal int SectorBytes => io.Geometry.BlockBytes;

    /// <summary>Pages that wait to be written.</summary>
    internal int DirtyCount { get; private set; }

    internal int PageCountMax => frames.Length;

    /// <summary>Called once the superblock has told the block size.</summary>
    internal void SetBlockShift(int shift) => blockShift = shift;

    /// <summary>Finds a block, reading its page if need be.</summary>
    internal Errno Get(CallContext context, ulong block, out BlockBuffer buffer)
    {
        ulong page = PageOf(block);
        int frame = Find(page);
        if (frame == None)
        {
            Errno error = Load(context, page, 1);
            if (error != Errno.None)
            {
                buffer = default;
                return error;
            }

            frame = Find(page);
        }

        buffer = Use(block, frame);
        return Errno.None;
    }

    /// <summary>A block whose old content does not matter: cleared, and not read if it fills its page.</summary>
    internal Errno GetCleared(CallContext context, ulong block, out BlockBuffer buffer) =>
        GetFresh(context, block, clears: true, out buffer);

    /// <summary>The same; without being cleared the caller writes all of it before anything else is done.</summary>
    internal Errno GetFresh(CallContext context, ulong block, bool clears, out BlockBuffer buffer)
    {
        ulong page = PageOf(block);
        int frame = Find(page);
        if (frame == None && blockShift == Ext4Spec.PageShift)
        {
            Errno taken = Take(context, page, out frame);
            buffer = default;
            if (taken != Errno.None)
            {
                return taken;
            }
        }
        else
        {
            Errno error = Get(context, block, out buffer);
            if (error != Errno.None)
            {
                return error;
            }

            frame = buffer.Frame;
        }

        buffer = Use(block, frame);
        frames[frame].Verified &= ~VerifiedMask(buffer);
        frames[frame].Unsealed &= (byte)~BlockBits(buffer);
        if (clears)
        {
            cells[frame].Content.BorrowMutable(context).Slice(buffer.Offset, BlockBytes).Clear();
        }

        return Errno.None;
    }

    /// <summary>Reads the pages of some neighbouring blocks in one batch, those that are not there already.</summary>
    internal Errno ReadAhead(CallContext context, ulong block, ulong count)
    {
        ulong first = PageOf(block);
        ulong pageCount = Math.Min(PageOf(block + count - 1) - first + 1, Ext4Limits.ReadAheadPages);
        return Load(context, first, (int)pageCount);
    }

    internal bool Contains(ulong block) => Find(PageOf(block)) != None;

    /// <summary>Finds a block if it is in the cache.</summary>
    internal bool TryGet(ulong block, out BlockBuffer buffer)
    {
        int frame = Find(PageOf(block));
        buffer = frame == None ? default : Use(block, frame);
        return frame != None;
    }

    /// <summary>Finds a block that is in the cache. It does not count as used.</summary>
    internal bool TryPeek(ulong block, out BlockBuffer buffer)
    {
        int frame = Find(PageOf(block));
        buffer = new BlockBuffer(block, frame, OffsetOf(block));
        return frame != None;
    }

    /// <summary>The bytes of a block, for reading.</summary>
    internal ReadOnlySpan<byte> Read(CallContext context, BlockBuffer buffer)
    {
        CheckBuffer(buffer);
        return cells[buffer.Frame].Content.Borrow(context).Slice(buffer.Offset, BlockBytes);
    }

    /// <summary>The bytes of a block, for writing; it waits to be written from now on.</summary>
    internal Span<byte> Modify(CallContext context, BlockBuffer buffer, bool isMetadata)
    {
        CheckBuffer(buffer);
        SetDirty(ref frames[buffer.Frame], BlockBits(buffer), isMetadata);
        frames[buffer.Frame].Verified &= isMetadata ? ~0u : ~VerifiedMask(buffer);
        return cells[buffer.Frame].Content.BorrowMutable(context).Slice(buffer.Offset, BlockBytes);
    }

    /// <summary>The block is free now: what waits to be written of it need not be. Pages of several blocks stay.</summary>
    internal void Forget(ulong block)
    {
        int frame = Find(PageOf(block));
        if (frame == None)
        {
            return;
        }

        if (blockShift == Ext4Spec.PageShift)
        {
            Remove(frame);
            return;
        }

        var buffer = new BlockBuffer(block, frame, OffsetOf(block));
        byte bits = BlockBits(buffer);
        ClearDirty(ref frames[frame], bits);
        frames[frame].Joined &= (byte)~bits;
        frames[frame].Unsealed &= (byte)~bits;
        frames[frame].Verified &= ~VerifiedMask(buffer);
    }

    /// <summary>Forgets all pages, as what is on the disk is to be read anew. Nothing may wait to be written.</summary>
    internal void Invalidate()
    {
        for (int frame = 0; frame < frameCount; frame++)
        {
            Remove(frame);
        }
    }

    /// <summary>Gives all pages back, but those that are still lent: they end with this domain. What waits to be written is lost.</summary>
    internal void Dispose(CallContext context)
    {
        for (int frame = 0; frame < frameCount; frame++)
        {
            if (!frames[frame].IsLost && !cells[frame].IsEmpty && TryEndLending(context, frame))
            {
                PageBuffer page = cells[frame].Take();
                PageBuffer.Free(context, ref page);
            }
        }

        DisposeControlPage(context);
        frameCount = 0;
        DirtyCount = 0;
        Array.Fill(buckets, None);
    }

    private ulong PageOf(ulong block) => block >> (Ext4Spec.PageShift - blockShift);

    private BlockBuffer Use(ulong block, int frame)
    {
        frames[frame].LastUse = ++tick;
        frames[frame].IsReferenced = true;
        return new BlockBuffer(block, frame, OffsetOf(block));
    }

    private int OffsetOf(ulong block) => (int)(block << blockShift) & (Ext4Spec.PageBytes - 1);

    /// <summary>A page holds up to four blocks, and a bit stands for each.</summary>
    private byte BlockBits(BlockBuffer buffer) => (byte)(1 << (buffer.Offset >> blockShift));

    private void SetDirty(ref Frame frame, int bits, bool isMetadata)
    {
        DirtyCount += frame.Dirty == 0 ? 1 : 0;
        frame.Dirty |= (byte)bits;
        frame.Metadata = (byte)(isMetadata ? frame.Metadata | bits : frame.Metadata & ~bits);
    }

    private void ClearDirty(ref Frame frame, int bits)
    {
        DirtyCount -= frame.Dirty != 0 && (frame.Dirty & ~bits) == 0 ? 1 : 0;
        frame.Dirty &= (byte)~bits;
        frame.Metadata &= (byte)~bits;
    }

    private void CheckBuffer(BlockBuffer buffer)
    {
        if (!frames[buffer.Frame].IsPresent || frames[buffer.Frame].Page != PageOf(buffer.Block))
        {
            throw new InvalidOperationException($"block {buffer.Block} has left the cache while it was in use");
        }
    }

    /// <summary>Sixteen neighbours have buckets in one cache line: a file is read in the order of the disk.</summary>
    private int BucketOf(ulong page) => (int)((((page >> 4) * 0x9E3779B97F4A7C15) >> bucketShift) ^ (page & 15));

    private int Find(ulong page)
    {
        for (int frame = buckets[BucketOf(page)]; frame != None; frame = frames[frame].Next)
        {
            if (frames[frame].Page == page)
            {
                return frame;
            }
        }

        return None;
    }

    /// <summary>A frame for a page that is not in the cache; its bytes are whatever they were.</summary>
    private Errno Take(CallContext context, ulong page, out int frame)
    {
        frame = None;
        if (page * Ext4Spec.PageBytes >= io.DeviceBytes)
        {
            return Errno.InputOutput;
        }

        if (!TryGrow(context, out frame))
        {
            Errno error = Evict(context, out frame);
            if (error != Errno.None)
            {
                return error;
            }
        }

        int bucket = BucketOf(page);
        frames[frame] = new Frame { Page = page, IsPresent = true, Next = buckets[bucket], LastUse = ++tick };
        buckets[bucket] = frame;
        return Errno.None;
    }

    private bool TryGrow(CallContext context, out int frame)
    {
        frame = None;
        if (frameCount == frames.Length || !PageBuffer.TryAllocate(context, 1, out PageBuffer page))
        {
            return false;
        }

        frame = frameCount++;
        cells[frame].Put(ref page);
        return true;
    }

    /// <summary>The clock: a frame that was used since the hand last passed is spared once.</summary>
    private Errno Evict(CallContext context, out int frame)
    {
        for (int steps = 3 * frameCount; steps > 0; steps--)
        {
            hand = hand + 1 < frameCount ? hand + 1 : 0;
            ref Frame candidate = ref frames[hand];
            bool isGuarded = candidate.IsPresent && tick - candidate.LastUse < Ext4Limits.GuardedGets;
            bool isPinned = candidate.Joined != 0 || (isFrozen && candidate.Dirty != 0);
            if (candidate.IsLost || candidate.IsBusy || isGuarded || isPinned)
            {
                continue;
            }

            if (candidate.IsReferenced)
            {
                candidate.IsReferenced = false;
                continue;
            }

            if (!TryEndLending(context, hand))
            {
                continue;
            }

            Errno error = candidate.Dirty != 0 ? WriteBack(context) : Errno.None;
            if (error != Errno.None && candidate.Dirty != 0)
            {
                frame = None;
                return error;
            }

            frame = hand;
            Remove(frame);
            return Errno.None;
        }

        frame = None;
        return Errno.OutOfMemory;
    }

    private void Remove(int frame)
    {
        if (!frames[frame].IsPresent)
        {
            return;
        }

        DirtyCount -= frames[frame].Dirty != 0 ? 1 : 0;
        ref int link = ref buckets[BucketOf(frames[frame].Page)];
        while (link != frame)
        {
            link = ref frames[link].Next;
        }

        link = frames[frame].Next;
        bool isLost = frames[frame].IsLost;
        frames[frame] = new Frame { Next = None, IsLost = isLost };
    }

    /// <summary>What the cache knows of a frame, in 32 bytes: a look-up touches one cache line of it.</summary>
    private struct Frame
    {
        internal ulong Page;

        /// <summary>The tick then. Ticks wrap: a frame unused for 2^32 gets is guarded once more.</summary>
        internal uint LastUse;
        internal int Next;
        internal uint Verified;

        /// <summary>What the verified blocks are, 8 bits each.</summary>
        internal uint Kinds;
        internal bool IsPresent;
        internal bool IsReferenced;

        /// <summary>Blocks that wait to be written to their place.</summary>
        internal byte Dirty;

        /// <summary>Those of them that are metadata.</summary>
        internal byte Metadata;

        /// <summary>Blocks of the running transaction: they must not be written to their place before it is in the log.</summary>
        internal byte Joined;

        /// <summary>Blocks that lack their checksums.</summary>
        internal byte Unsealed;

        /// <summary>Part of the batch that is being put together.</summary>
        internal bool IsBusy;

        /// <summary>Lent to a device that is gone; never used again.</summary>
        internal bool IsLost;
    }
}
