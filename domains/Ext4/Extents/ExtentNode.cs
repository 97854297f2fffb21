using static RedLeafSharp.Domains.Ext4.LittleEndian;
using Spec = RedLeafSharp.Domains.Ext4.Ext4Spec.Extent;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// The bytes of a node of an extent tree (ifork.rst): header, then index entries (depth above 0) or extents (depth 0), both
/// of 12 bytes with the first file block first.
/// </summary>
internal static class ExtentNode
{
    private const int EntryCountOffset = 2;
    private const int EntryMaxOffset = 4;
    private const int DepthOffset = 6;

    internal static int Count(ReadOnlySpan<byte> node) => U16(node, EntryCountOffset);

    internal static int Max(ReadOnlySpan<byte> node) => U16(node, EntryMaxOffset);

    internal static int Depth(ReadOnlySpan<byte> node) => U16(node, DepthOffset);

    internal static uint FirstBlock(ReadOnlySpan<byte> node, int index) => U32(node, At(index));

    internal static bool IsFull(ReadOnlySpan<byte> node) => Count(node) >= Max(node);

    internal static ulong Child(ReadOnlySpan<byte> node, int index) =>
        U32(node, At(index) + 4) | ((ulong)U16(node, At(index) + 8) << 32);

    internal static BlockRun Run(ReadOnlySpan<byte> node, int index)
    {
        int at = At(index);
        uint length = U16(node, at + 4);
        bool isUnwritten = length > Spec.LengthMax;
        ulong physical = U32(node, at + 8) | ((ulong)U16(node, at + 6) << 32);
        return new BlockRun(U32(node, at), isUnwritten ? length - Spec.LengthMax : length, physical, isUnwritten);
    }

    internal static void SetHeader(Span<byte> node, int count, int max, int depth)
    {
        node[..Spec.HeaderBytes].Clear();
        Put16(node, 0, Spec.Magic);
        Put16(node, EntryCountOffset, (uint)count);
        Put16(node, EntryMaxOffset, (uint)max);
        Put16(node, DepthOffset, (uint)depth);
    }

    internal static void SetCount(Span<byte> node, int count) => Put16(node, EntryCountOffset, (uint)count);

    internal static void SetFirstBlock(Span<byte> node, int index, uint block) => Put32(node, At(index), block);

    internal static void SetRun(Span<byte> node, int index, BlockRun run)
    {
        int at = At(index);
        Put32(node, at, run.First);
        Put16(node, at + 4, run.IsUnwritten ? run.Count + Spec.LengthMax : run.Count);
        Put16(node, at + 6, (uint)(run.Physical >> 32));
        Put32(node, at + 8, (uint)run.Physical);
    }

    internal static void SetChild(Span<byte> node, int index, uint firstBlock, ulong child)
    {
        int at = At(index);
        Put32(node, at, firstBlock);
        Put32(node, at + 4, (uint)child);
        Put16(node, at + 8, (uint)(child >> 32));
        Put16(node, at + 10, 0);
    }

    /// <summary>Makes room for an entry; its bytes are to be set by the caller.</summary>
    internal static void OpenGap(Span<byte> node, int index)
    {
        int count = Count(node);
        node[At(index)..At(count)].CopyTo(node[At(index + 1)..]);
        SetCount(node, count + 1);
    }

    internal static void Remove(Span<byte> node, int index)
    {
        int count = Count(node);
        node[At(index + 1)..At(count)].CopyTo(node[At(index)..]);
        SetCount(node, count - 1);
    }

    /// <summary>Moves the entries from <paramref name="index"/> on to an empty node.</summary>
    internal static void MoveTail(Span<byte> node, int index, Span<byte> target)
    {
        int count = Count(node);
        node[At(index)..At(count)].CopyTo(target[At(0)..]);
        SetCount(target, count - index);
        SetCount(node, index);
    }

    /// <summary>Joins an extent with the one behind it, if they are neighbours in the file and on the disk.</summary>
    /// <returns>Whether they have become one.</returns>
    internal static bool TryJoin(Span<byte> leaf, int index)
    {
        if (index < 0 || index + 1 >= Count(leaf) || !CanJoin(Run(leaf, index), Run(leaf, index + 1)))
        {
            return false;
        }

        BlockRun left = Run(leaf, index);
        SetRun(leaf, index, left with { Count = left.Count + Run(leaf, index + 1).Count });
        Remove(leaf, index + 1);
        return true;
    }

    internal static bool CanJoin(BlockRun left, BlockRun right)
    {
        uint countMax = left.IsUnwritten ? Spec.UnwrittenLengthMax : (uint)Spec.LengthMax;
        return left.First + left.Count == right.First
            && left.Physical + left.Count == right.Physical
            && left.IsUnwritten == right.IsUnwritten
            && left.Count + right.Count <= countMax;
    }

    /// <summary>The last entry that starts at or before a file block; -1 when all start behind it.</summary>
    internal static int Search(ReadOnlySpan<byte> node, uint block)
    {
        int low = 0;
        int high = Count(node);
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (FirstBlock(node, middle) <= block)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low - 1;
    }

    private static int At(int index) => Spec.HeaderBytes + (index * Spec.EntryBytes);

    /// <summary>Checks everything that later code relies on.</summary>
    /// <param name="node">The bytes of the node.</param>
    /// <param name="capacity">Entries that fit.</param>
    /// <param name="superblock">For the range of block numbers.</param>
    /// <param name="zone">Blocks that no file may own.</param>
    /// <returns>What is wrong; empty when nothing is.</returns>
    internal static string Check(ReadOnlySpan<byte> node, int capacity, Superblock superblock, SystemZone? zone)
    {
        if (U16(node, 0) != Spec.Magic)
        {
            return $"magic 0x{U16(node, 0):x4}, expected 0x{Spec.Magic:x4}";
        }

        int count = Count(node);
        bool isMaxRight = Max(node) <= capacity && Max(node) >= capacity - Spec.EntriesSpareMax;
        if (!isMaxRight || count > Max(node) || Depth(node) > Spec.DepthMax)
        {
            return $"{count} of {Max(node)} entries at depth {Depth(node)}, room for {capacity}";
        }

        return Depth(node) == 0 ? CheckRuns(node, count, superblock, zone) : CheckChildren(node, count, superblock, zone);
    }

    private static string CheckRuns(ReadOnlySpan<byte> node, int count, Superblock superblock, SystemZone? zone)
    {
        ulong end = 0;
        for (int index = 0; index < count; index++)
        {
            BlockRun run = Run(node, index);
            bool isInOrder = run.First >= end && run.Count > 0 && (ulong)run.First + run.Count <= uint.MaxValue;
            bool isOnDisk = superblock.IsInRange(run.Physical, run.Count);
            if (!isInOrder || !isOnDisk || (zone is not null && zone.Overlaps(run.Physical, run.Count)))
            {
                return $"extent {index}: {run.Count} blocks from {run.First} at {run.Physical}";
            }

            end = (ulong)run.First + run.Count;
        }

        return "";
    }

    private static string CheckChildren(ReadOnlySpan<byte> node, int count, Superblock superblock, SystemZone? zone)
    {
        for (int index = 0; index < count; index++)
        {
            ulong child = Child(node, index);
            bool isInOrder = index == 0 || FirstBlock(node, index) > FirstBlock(node, index - 1);
            if (!isInOrder || !superblock.IsInRange(child, 1) || (zone is not null && zone.Overlaps(child, 1)))
            {
                return $"index entry {index}: from {FirstBlock(node, index)} at {child}";
            }
        }

        return count == 0 ? "an index without entries" : "";
    }
}
