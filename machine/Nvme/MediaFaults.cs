namespace RedLeafSharp.Machine.Nvme;

/// <summary>
/// Logical blocks that cannot be read, by a Write Uncorrectable command or because an experiment says so, and ranges that
/// cannot be written. A successful write makes a block readable again, as a drive's remapping does.
/// </summary>
internal sealed class MediaFaults
{
    private readonly HashSet<ulong> unreadable = [];
    private ulong firstUnwritable;
    private ulong endUnwritable;

    /// <summary>False when there would be too many; nothing is marked then.</summary>
    internal bool TryFailReads(ulong firstBlock, ulong count)
    {
        if (unreadable.Count + (long)count > NvmeLimits.UnreadableBlocksMax)
        {
            return false;
        }

        for (ulong block = firstBlock; block < firstBlock + count; block++)
        {
            unreadable.Add(block);
        }

        return true;
    }

    /// <summary>Makes writes to a range fail with Write Fault; a count of 0 ends that.</summary>
    internal void FailWrites(ulong firstBlock, ulong count) =>
        (firstUnwritable, endUnwritable) = (firstBlock, firstBlock + count);

    internal bool CanRead(ulong firstBlock, uint count)
    {
        if (unreadable.Count > 0)
        {
            for (ulong block = firstBlock; block < firstBlock + count; block++)
            {
                if (unreadable.Contains(block))
                {
                    return false;
                }
            }
        }

        return true;
    }

    internal bool CanWrite(ulong firstBlock, uint count) =>
        firstBlock >= endUnwritable || firstBlock + count <= firstUnwritable;

    internal void NoteWritten(ulong firstBlock, uint count)
    {
        if (unreadable.Count > 0)
        {
            // The set is short and a range may be as long as the disk.
            unreadable.RemoveWhere(block => block - firstBlock < count);
        }
    }
}
