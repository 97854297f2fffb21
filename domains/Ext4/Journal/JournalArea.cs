using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// Where the blocks of the journal are on the disk. Holding one proves that each of them is mapped, lies on the disk, and is
/// there once.
/// </summary>
internal sealed class JournalArea
{
    private readonly BlockRun[] runs;

    private JournalArea(BlockRun[] runs) => this.runs = runs;

    /// <summary>Blocks of the journal's file.</summary>
    internal uint Length => runs[^1].First + runs[^1].Count;

    /// <summary>Follows the map of the journal's inode.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="volume">The file system, of which nothing but the superblock need be right.</param>
    /// <param name="inode">The journal's inode.</param>
    /// <param name="area">The result, or null.</param>
    /// <returns>What is wrong, for the user; empty when nothing is.</returns>
    internal static string Open(CallContext context, Volume volume, Inode inode, out JournalArea? area)
    {
        area = null;
        ulong length = inode.SizeBytes >> volume.Cache.BlockShift;
        if (length is < JournalSpec.BlocksMin or > uint.MaxValue)
        {
            return $"the journal has {length} blocks, at least {JournalSpec.BlocksMin} are needed";
        }

        var runs = new List<BlockRun>();
        for (uint block = 0; block < length;)
        {
            Errno error = volume.Extents.Find(context, inode, block, out BlockRun run);
            if (error != Errno.None || !run.IsWritten || !volume.Superblock.IsInRange(run.Physical, run.Count))
            {
                return $"block {block} of the journal is not on the disk";
            }

            if (runs.Count == Ext4Limits.JournalRunsMax)
            {
                return $"the journal is in more than {Ext4Limits.JournalRunsMax} pieces";
            }

            run = run with { Count = (uint)Math.Min(run.Count, length - block) };
            runs.Add(run);
            block += run.Count;
        }

        area = new JournalArea([.. runs]);
        return area.HasDuplicates() ? "the journal's map names a block twice" : "";
    }

    /// <summary>Place of a block of the journal on the disk.</summary>
    internal ulong Map(uint block) => Map(block, out _);

    /// <summary>Place of a block of the journal on the disk, and how many follow it there, itself included.</summary>
    internal ulong Map(uint block, out uint count)
    {
        int low = 0;
        int high = runs.Length;
        while (high - low > 1)
        {
            int middle = (low + high) / 2;
            (low, high) = runs[middle].First <= block ? (middle, high) : (low, middle);
        }

        uint within = block - runs[low].First;
        count = runs[low].Count - within;
        return runs[low].Physical + within;
    }

    /// <summary>Whether a block of the disk belongs to the journal.</summary>
    internal bool Contains(ulong physical)
    {
        foreach (ref readonly BlockRun run in runs.AsSpan())
        {
            if (physical - run.Physical < run.Count)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a block of the journal is one that no file may own.</summary>
    internal bool Overlaps(SystemZone zone)
    {
        foreach (ref readonly BlockRun run in runs.AsSpan())
        {
            if (zone.Overlaps(run.Physical, run.Count))
            {
                return true;
            }
        }

        return false;
    }

    private bool HasDuplicates()
    {
        var starts = new ulong[runs.Length];
        var ends = new ulong[runs.Length];
        for (int index = 0; index < runs.Length; index++)
        {
            starts[index] = runs[index].Physical;
            ends[index] = runs[index].Physical + runs[index].Count;
        }

        Array.Sort(starts, ends);
        for (int index = 1; index < starts.Length; index++)
        {
            if (starts[index] < ends[index - 1])
            {
                return true;
            }
        }

        return false;
    }
}
