using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>The locks on one file: fcntl's, which processes own, and flock's, which open file descriptions own.</summary>
/// <remarks>The two kinds do not know each other, as on Linux.</remarks>
internal sealed class FileLocks(KernelEvent released)
{
    private readonly List<HeldRange> ranges = new();
    private readonly List<(OpenFile File, bool IsExclusive)> wholes = new();

    /// <summary>The first range of another process that is in the way of a lock; null when none is.</summary>
    public HeldRange? FindConflict(in HeldRange wanted)
    {
        foreach (HeldRange held in ranges)
        {
            if (held.Owner != wanted.Owner && held.Overlaps(wanted) && (held.IsExclusive || wanted.IsExclusive))
            {
                return held;
            }
        }

        return null;
    }

    /// <summary>Takes a range, or gives it up when it is null of a type: what the process had there before goes.</summary>
    /// <returns><see cref="Errno.NoLocks"/> when there are too many.</returns>
    public Errno Replace(in HeldRange range, bool isUnlock)
    {
        // One range can be cut into two, and the new one comes to them.
        if (ranges.Count + 2 > Limits.RecordLockCountMax)
        {
            return Errno.NoLocks;
        }

        int count = ranges.Count;
        for (int index = 0; index < count; index++)
        {
            HeldRange held = ranges[index];
            if (held.Owner == range.Owner && held.Overlaps(range))
            {
                AddRest(held, held.First, range.First - 1);
                AddRest(held, range.Last + 1, held.Last, range.Last < long.MaxValue);
                ranges[index] = held with { Last = held.First - 1 };
            }
        }

        ranges.RemoveAll(held => held.Last < held.First);
        if (!isUnlock)
        {
            ranges.Add(range);
        }

        released.SignalAll();
        return Errno.None;
    }

    /// <summary>Waits until locks have changed.</summary>
    public Errno WaitForChange(CallContext context) => released.WaitFor(context);

    /// <summary>A process has closed a descriptor of the file, or ended.</summary>
    public void ReleaseProcess(Process process)
    {
        if (ranges.RemoveAll(held => held.Owner == process) > 0)
        {
            released.SignalAll();
        }
    }

    /// <summary>flock: takes the lock for an open file description, in the place of the one that it has.</summary>
    /// <returns>False when another description's is in the way; the own one is given up then, as on Linux.</returns>
    public bool TryTake(OpenFile file, bool isExclusive)
    {
        ReleaseFile(file);
        foreach ((OpenFile _, bool isOthersExclusive) in wholes)
        {
            if (isExclusive || isOthersExclusive)
            {
                return false;
            }
        }

        wholes.Add((file, isExclusive));
        return true;
    }

    /// <summary>flock: gives up what an open file description has.</summary>
    public void ReleaseFile(OpenFile file)
    {
        if (wholes.RemoveAll(held => held.File == file) > 0)
        {
            released.SignalAll();
        }
    }

    private void AddRest(in HeldRange held, long first, long last, bool isPossible = true)
    {
        if (isPossible && first <= last && first >= held.First && last <= held.Last)
        {
            ranges.Add(held with { First = first, Last = last });
        }
    }
}

/// <summary>A range of bytes that a process has locked, or wants to.</summary>
internal readonly record struct HeldRange(Process Owner, long First, long Last, bool IsExclusive)
{
    public bool Overlaps(in HeldRange other) => First <= other.Last && other.First <= Last;
}
