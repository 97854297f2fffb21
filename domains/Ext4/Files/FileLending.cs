using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// The bytes of a file where they lie in the cache, for devices to read. A block must be a page of its own: a device that maps a page sees
/// all of it.
/// </summary>
internal sealed class FileLending(Volume volume)
{
    private const uint PageMask = Ext4Spec.PageBytes - 1;

    /// <summary>Lends pages up to a hole, or to the first that cannot be lent.</summary>
    /// <returns>An error only when nothing has been lent, and there is something to read.</returns>
    internal Errno Lend(
        CallContext context, Inode inode, ulong offset, int lengthBytes, Span<PageRange> ranges, out int count)
    {
        count = 0;
        ulong size = inode.SizeBytes;
        if (offset >= size)
        {
            return Errno.None;
        }

        if (volume.BlockBytes != Ext4Spec.PageBytes)
        {
            return Errno.NotSupported;
        }

        bool isSequential = offset == inode.LastReadEnd;
        ulong end = offset + Math.Min((ulong)lengthBytes, size - offset);
        ulong position = offset;
        Errno error = Errno.None;
        while (position < end && count < ranges.Length && error == Errno.None)
        {
            error = FindRun(context, inode, position, out BlockRun run);
            if (error == Errno.None)
            {
                ulong runEnd = Math.Min(end, ((ulong)run.First + run.Count) << Ext4Spec.PageShift);
                error = LendRun(context, run, ref position, runEnd, isSequential, ranges, ref count);
            }
        }

        inode.LastReadEnd = count > 0 ? position : inode.LastReadEnd;
        return count > 0 ? Errno.None : error;
    }

    private Errno FindRun(CallContext context, Inode inode, ulong position, out BlockRun run)
    {
        if (position >= volume.Files.SizeMax)
        {
            run = default;
            return volume.Damaged($"inode {inode.Number}: size {inode.SizeBytes}");
        }

        Errno error = volume.Extents.Find(context, inode, (uint)(position >> Ext4Spec.PageShift), out run);
        return error == Errno.None && !run.IsWritten ? Errno.NotSupported : error;
    }

    private Errno LendRun(
        CallContext context, BlockRun run, ref ulong position, ulong end, bool isSequential, Span<PageRange> ranges, ref int count)
    {
        while (position < end && count < ranges.Length)
        {
            uint index = (uint)(position >> Ext4Spec.PageShift) - run.First;
            uint within = (uint)position & PageMask;
            if (!volume.Cache.TryGet(run.Physical + index, out BlockBuffer buffer))
            {
                uint needed = (uint)((within + (end - position) + PageMask) >> Ext4Spec.PageShift);
                Errno error = volume.Files.Bring(context, run, index, needed, isSequential, out buffer);
                if (error != Errno.None)
                {
                    return error;
                }
            }

            if (!volume.Cache.TryLend(context, buffer, out ulong bus))
            {
                return Errno.NotSupported;
            }

            int length = (int)Math.Min(Ext4Spec.PageBytes - within, end - position);
            ranges[count++] = new PageRange { BusAddress = bus + within, LengthBytes = length };
            position += (uint)length;
        }

        return Errno.None;
    }
}
