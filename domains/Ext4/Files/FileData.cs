using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// The bytes of a file: between the caller's span and the pages of the cache there is one copy and nothing else.
/// </summary>
internal sealed class FileData(Volume volume)
{
    private int BlockShift => volume.Cache.BlockShift;

    private uint BlockMask => (uint)volume.BlockBytes - 1;

    /// <summary>The largest size of a file: what its kind of map reaches.</summary>
    internal ulong SizeMaxOf(Inode inode) =>
        inode.HasExtents ? SizeMax : Math.Min(SizeMax, volume.Extents.Indirect.BlocksMax << BlockShift);

    /// <summary>The same with extents: the last block number is not used (ext4_max_size of Linux).</summary>
    internal ulong SizeMax => (ulong)uint.MaxValue << BlockShift;

    internal Errno Read(CallContext context, Inode inode, ulong offset, Span<byte> target, out int count)
    {
        count = 0;
        ulong size = inode.SizeBytes;
        if (offset >= size)
        {
            return Errno.None;
        }

        int length = (int)Math.Min((ulong)target.Length, size - offset);
        bool isSequential = offset == inode.LastReadEnd;
        while (count < length)
        {
            ulong position = offset + (ulong)count;
            if (position >= SizeMax)
            {
                return volume.Damaged($"inode {inode.Number}: size {size}");
            }

            uint block = (uint)(position >> BlockShift);
            Errno error = volume.Extents.Find(context, inode, block, out BlockRun run);
            if (error != Errno.None)
            {
                return error;
            }

            error = ReadRun(context, run, (uint)position & BlockMask, target[count..length], isSequential, out int done);
            count += done;
            if (error != Errno.None)
            {
                return error;
            }
        }

        inode.LastReadEnd = offset + (ulong)count;
        return Errno.None;
    }

    /// <summary>Writes and extends. What has been written before an error counts when the disk is full.</summary>
    internal Errno Write(CallContext context, Inode inode, ulong offset, ReadOnlySpan<byte> data, out int count)
    {
        count = 0;
        ulong sizeMax = SizeMaxOf(inode);
        if (offset >= sizeMax)
        {
            return Errno.FileTooLarge;
        }

        // What fits below the limit is written, as POSIX has it.
        data = data[..(int)Math.Min((ulong)data.Length, sizeMax - offset)];

        Errno error = offset > inode.SizeBytes ? ClearTail(context, inode, inode.SizeBytes) : Errno.None;
        int countAtRetry = -1;
        while (count < data.Length && error == Errno.None)
        {
            ulong position = offset + (ulong)count;
            uint block = (uint)(position >> BlockShift);
            uint within = (uint)position & BlockMask;
            uint needed = (uint)((within + (ulong)(data.Length - count) + BlockMask) >> BlockShift);
            error = count > 0 ? Continue(context, inode) : Errno.None;
            BlockRun run = default;
            bool isFresh = false;
            if (error == Errno.None)
            {
                error = MapForWrite(context, inode, block, needed, out run, out isFresh);
            }

            bool isMoreFreed = volume.BlockAllocator.PendingFrees.Count > 0 && count != countAtRetry;
            if (error == Errno.NoSpace && inode.IsRegular && isMoreFreed)
            {
                // What has been freed can be used after a commit; without progress it makes no sense to try again.
                countAtRetry = count;
                error = Commit(context, inode);
                continue;
            }

            if (error == Errno.None)
            {
                error = WriteRun(context, run, within, data[count..], isFresh, out int done);
                count += done;
                inode.SizeBytes = Math.Max(inode.SizeBytes, offset + (ulong)count);
                if (error != Errno.None && isFresh && !volume.IsDamaged)
                {
                    // Not a block may stay whose old content could come to light.
                    uint firstUnwritten = run.First + ((within + (uint)done) >> BlockShift);
                    _ = volume.ExtentRemoval.Punch(context, inode, firstUnwritten, run.First + run.Count);
                }
            }
        }

        return error == Errno.NoSpace && count > 0 ? Errno.None : error;
    }

    /// <summary>Sets the size: frees what lies behind it, or leaves a hole up to it.</summary>
    internal Errno SetSize(CallContext context, Inode inode, ulong size)
    {
        if (size > SizeMaxOf(inode))
        {
            return Errno.FileTooLarge;
        }

        ulong oldSize = inode.SizeBytes;
        Errno error = ClearTail(context, inode, Math.Min(size, oldSize));
        if (error != Errno.None)
        {
            return error;
        }

        inode.SizeBytes = size;
        inode.LastReadEnd = 0;

        // Also with the same size: space that was reserved behind the end goes.
        return size > oldSize ? Errno.None : CutToSize(context, inode);
    }

    /// <summary>Frees all blocks behind the end of a file.</summary>
    internal Errno CutToSize(CallContext context, Inode inode)
    {
        Errno error = volume.ExtentRemoval.Truncate(context, inode, (uint)((inode.SizeBytes + BlockMask) >> BlockShift));
        return error == Errno.None ? volume.Orphans.Remove(context, inode) : error;
    }

    /// <summary>Between two runs of a write: another transaction may begin if the running one has no room.</summary>
    private Errno Continue(CallContext context, Inode inode) =>
        volume.Journal is { IsFull: true, IsAborted: false } ? Commit(context, inode) : Errno.None;

    /// <summary>What has been written so far is a whole.</summary>
    internal Errno Commit(CallContext context, Inode inode)
    {
        Errno error = volume.Inodes.Store(context, inode);
        return error == Errno.None ? volume.Commit(context) : error;
    }

    private Errno ReadRun(
        CallContext context, BlockRun run, uint within, Span<byte> target, bool isSequential, out int done)
    {
        done = 0;
        long runBytes = ((long)run.Count << BlockShift) - within;
        int length = (int)Math.Min(runBytes, target.Length);
        if (!run.IsWritten)
        {
            target[..length].Clear();
            done = length;
            return Errno.None;
        }

        while (done < length)
        {
            uint index = (uint)((within + (ulong)done) >> BlockShift);
            uint start = (within + (uint)done) & BlockMask;
            if (!volume.Cache.TryGet(run.Physical + index, out BlockBuffer buffer))
            {
                uint needed = (uint)((start + (ulong)(length - done) + BlockMask) >> BlockShift);
                Errno error = Bring(context, run, index, needed, isSequential, out buffer);
                if (error != Errno.None)
                {
                    return error;
                }
            }

            int part = Math.Min(volume.BlockBytes - (int)start, length - done);
            volume.Cache.Read(context, buffer).Slice((int)start, part).CopyTo(target[done..]);
            done += part;
        }

        return Errno.None;
    }

    /// <summary>Reads a block of a run that is not in the cache, and with it those that are needed next, or will be.</summary>
    internal Errno Bring(CallContext context, BlockRun run, uint index, uint needed, bool isSequential, out BlockBuffer buffer)
    {
        ulong physical = run.Physical + index;
        uint ahead = isSequential ? (uint)(Ext4Limits.ReadAheadPages << (Ext4Spec.PageShift - BlockShift)) : needed;
        _ = volume.Cache.ReadAhead(context, physical, Math.Min(Math.Max(needed, ahead), run.Count - index));
        return volume.Cache.Get(context, physical, out buffer);
    }

    /// <summary>A run to write to: what the file has there, or new blocks.</summary>
    private Errno MapForWrite(CallContext context, Inode inode, uint block, uint needed, out BlockRun run, out bool isFresh)
    {
        isFresh = false;
        Errno error = volume.Extents.Find(context, inode, block, out run);
        if (error != Errno.None || run.IsWritten)
        {
            return error;
        }

        isFresh = true;
        if (!run.IsHole)
        {
            run = run with { Count = Math.Min(needed, run.Count), IsUnwritten = false };
            return volume.Extents.Convert(context, inode, block, run.Count, isUnwritten: false);
        }

        return MapNew(context, inode, block, Math.Min(needed, run.Count), isUnwritten: false, out run);
    }

    /// <summary>Gives a hole blocks, as many in a row as there are up to what is wanted.</summary>
    internal Errno MapNew(CallContext context, Inode inode, uint block, uint wanted, bool isUnwritten, out BlockRun run)
    {
        run = default;
        wanted = Math.Min(wanted, isUnwritten ? Ext4Spec.Extent.UnwrittenLengthMax : (uint)Ext4Spec.Extent.LengthMax);
        if (!inode.HasExtents)
        {
            wanted = Math.Min(wanted, volume.Extents.Indirect.RoomFrom(block));
            if (wanted == 0)
            {
                return Errno.FileTooLarge;
            }
        }

        Errno error = FindGoal(context, inode, block, out ulong goal);
        if (error != Errno.None)
        {
            return error;
        }

        error = volume.BlockAllocator.Allocate(context, goal, wanted, out ulong physical, out uint count);
        if (error != Errno.None)
        {
            return error;
        }

        run = new BlockRun(block, count, physical, isUnwritten);
        error = volume.Extents.Insert(context, inode, run);
        if (error != Errno.None)
        {
            _ = volume.BlockAllocator.Free(context, physical, count, isMetadata: false);
            return error;
        }

        volume.BlockAllocator.Charge(inode, count);
        return Errno.None;
    }

    private Errno FindGoal(CallContext context, Inode inode, uint block, out ulong goal)
    {
        goal = volume.BlockAllocator.GoalFor(inode);
        if (block == 0)
        {
            return Errno.None;
        }

        Errno error = volume.Extents.Find(context, inode, block - 1, out BlockRun before);
        goal = error == Errno.None && !before.IsHole ? before.Physical + 1 : goal;
        return error;
    }

    private Errno WriteRun(CallContext context, BlockRun run, uint within, ReadOnlySpan<byte> data, bool isFresh, out int done)
    {
        done = 0;
        int length = (int)Math.Min(((long)run.Count << BlockShift) - within, data.Length);
        while (done < length)
        {
            uint index = (uint)((within + (ulong)done) >> BlockShift);
            int start = (int)((within + (uint)done) & BlockMask);
            int part = Math.Min(volume.BlockBytes - start, length - done);
            bool isWhole = part == volume.BlockBytes;
            if (!isWhole || !volume.Cache.TryGet(run.Physical + index, out BlockBuffer buffer))
            {
                Errno error = isWhole || isFresh
                    ? volume.Cache.GetFresh(context, run.Physical + index, clears: !isWhole, out buffer)
                    : volume.Cache.Get(context, run.Physical + index, out buffer);
                if (error != Errno.None)
                {
                    return error;
                }
            }

            data.Slice(done, part).CopyTo(volume.Cache.Modify(context, buffer, isMetadata: false)[start..]);
            done += part;
        }

        return Errno.None;
    }

    /// <summary>Clears the rest of the block in which the file ends, so that it reads as zeroes when the file grows.</summary>
    internal Errno ClearTail(CallContext context, Inode inode, ulong size)
    {
        uint within = (uint)size & BlockMask;
        return within == 0 || size > SizeMax
            ? Errno.None
            : ClearWithin(context, inode, (uint)(size >> BlockShift), (int)within, volume.BlockBytes);
    }

    /// <summary>Clears a part of one block, if the file has it.</summary>
    internal Errno ClearWithin(CallContext context, Inode inode, uint block, int from, int to)
    {
        Errno error = volume.Extents.Find(context, inode, block, out BlockRun run);
        if (error != Errno.None || !run.IsWritten)
        {
            return error;
        }

        error = volume.Cache.Get(context, run.Physical, out BlockBuffer buffer);
        if (error == Errno.None && volume.Cache.Read(context, buffer)[from..to].ContainsAnyExcept((byte)0))
        {
            volume.Cache.Modify(context, buffer, isMetadata: false)[from..to].Clear();
        }

        return error;
    }
}
