using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>The space of a file apart from its bytes: reserved, given back, looked at (fallocate(2), lseek(2)).</summary>
internal sealed class FileSpace(Volume volume)
{
    private const AllocationModes Supported = AllocationModes.KeepSize | AllocationModes.PunchHole | AllocationModes.ZeroRange;

    private int BlockShift => volume.Cache.BlockShift;

    private ulong BlockMask => (ulong)volume.BlockBytes - 1;

    internal Errno Allocate(CallContext context, Inode inode, ulong offset, ulong length, AllocationModes modes)
    {
        bool isPunch = (modes & AllocationModes.PunchHole) != 0;
        bool isZero = (modes & AllocationModes.ZeroRange) != 0;
        bool keepsSize = (modes & AllocationModes.KeepSize) != 0;
        ulong sizeMax = volume.Files.SizeMax;
        if ((modes & ~Supported) != 0 || (isPunch && (isZero || !keepsSize)) || (!isPunch && !inode.HasExtents))
        {
            return Errno.NotSupported;
        }

        if (length == 0 || offset >= sizeMax || length > sizeMax - offset)
        {
            return length == 0 ? Errno.InvalidArgument : Errno.FileTooLarge;
        }

        ulong end = offset + length;
        if (isPunch)
        {
            return Punch(context, inode, offset, end);
        }

        Errno error = Reserve(context, inode, (uint)(offset >> BlockShift), (uint)((end + BlockMask) >> BlockShift));
        if (error == Errno.None && isZero)
        {
            error = Zero(context, inode, offset, end);
        }

        if (error == Errno.None && !keepsSize && end > inode.SizeBytes)
        {
            error = volume.Files.ClearTail(context, inode, inode.SizeBytes);
            inode.SizeBytes = error == Errno.None ? end : inode.SizeBytes;
        }

        return error;
    }

    /// <summary>The first place at or behind an offset that holds data, or that does not; unwritten blocks do not.</summary>
    internal Errno Seek(CallContext context, Inode inode, ulong offset, bool isForData, out ulong found)
    {
        found = 0;
        ulong size = inode.SizeBytes;
        if (offset >= size)
        {
            return Errno.NoDeviceOrAddress;
        }

        ulong end = Math.Min(((size - 1) >> BlockShift) + 1, uint.MaxValue);
        for (ulong block = offset >> BlockShift; block < end;)
        {
            Errno error = volume.Extents.Find(context, inode, (uint)block, out BlockRun run);
            if (error != Errno.None || run.IsWritten == isForData)
            {
                found = Math.Max(offset, block << BlockShift);
                return error;
            }

            block += run.Count;
        }

        found = size;
        return isForData ? Errno.NoDeviceOrAddress : Errno.None;
    }

    /// <summary>Gives every hole of a range unwritten blocks. Nothing changes when there are not enough of them.</summary>
    private Errno Reserve(CallContext context, Inode inode, uint first, uint end)
    {
        Errno error = CountHoles(context, inode, first, end, out ulong missing);
        if (error == Errno.None && missing > volume.BlockAllocator.RoomBlocks)
        {
            // What has been freed can be used after a commit.
            error = volume.Files.Commit(context, inode);
            error = error == Errno.None && missing > volume.BlockAllocator.RoomBlocks ? Errno.NoSpace : error;
        }

        for (uint block = first; block < end && error == Errno.None;)
        {
            error = volume.Extents.Find(context, inode, block, out BlockRun run);
            if (error == Errno.None && run.IsHole)
            {
                error = volume.Files.MapNew(
                    context, inode, block, Math.Min(run.Count, end - block), isUnwritten: true, out run);
            }

            if (error == Errno.None)
            {
                block += Math.Min(run.Count, end - block);
                error = volume.ContinueWhole(context, inode);
            }
        }

        return error;
    }

    private Errno CountHoles(CallContext context, Inode inode, uint first, uint end, out ulong count)
    {
        count = 0;
        for (uint block = first; block < end;)
        {
            Errno error = volume.Extents.Find(context, inode, block, out BlockRun run);
            if (error != Errno.None)
            {
                return error;
            }

            uint length = Math.Min(run.Count, end - block);
            count += run.IsHole ? length : 0;
            block += length;
        }

        return Errno.None;
    }

    private Errno Punch(CallContext context, Inode inode, ulong offset, ulong end)
    {
        Errno error = ClearEdges(context, inode, offset, end);
        uint first = (uint)((offset + BlockMask) >> BlockShift);
        uint last = (uint)(end >> BlockShift);
        return error == Errno.None && first < last ? volume.ExtentRemoval.Punch(context, inode, first, last) : error;
    }

    /// <summary>Whole blocks become unwritten again, which costs no write however long the range is.</summary>
    private Errno Zero(CallContext context, Inode inode, ulong offset, ulong end)
    {
        Errno error = ClearEdges(context, inode, offset, end);
        uint last = (uint)(end >> BlockShift);
        for (uint block = (uint)((offset + BlockMask) >> BlockShift); block < last && error == Errno.None;)
        {
            error = volume.Extents.Find(context, inode, block, out BlockRun run);
            uint length = Math.Min(Math.Min(run.Count, last - block), Ext4Spec.Extent.UnwrittenLengthMax);
            if (error == Errno.None && run.IsWritten)
            {
                error = volume.Extents.Convert(context, inode, block, length, isUnwritten: true);
            }

            block += length;
            error = error == Errno.None ? volume.ContinueWhole(context, inode) : error;
        }

        return error;
    }

    /// <summary>Clears what a range has of the blocks that lie in it only in part.</summary>
    private Errno ClearEdges(CallContext context, Inode inode, ulong offset, ulong end)
    {
        uint first = (uint)(offset >> BlockShift);
        uint last = (uint)(end >> BlockShift);
        int from = (int)(offset & BlockMask);
        int to = (int)(end & BlockMask);
        if (first == last)
        {
            return volume.Files.ClearWithin(context, inode, first, from, to);
        }

        Errno error = from > 0 ? volume.Files.ClearWithin(context, inode, first, from, volume.BlockBytes) : Errno.None;
        return error == Errno.None && to > 0 ? volume.Files.ClearWithin(context, inode, last, 0, to) : error;
    }
}
