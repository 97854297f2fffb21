using static RedLeafSharp.Domains.Ext4.LittleEndian;
using Spec = RedLeafSharp.Domains.Ext4.Ext4Spec.Directory;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// The bytes of a block of a directory's hash index (directory.rst, struct dx_root and dx_node). Block 0 of the directory is
/// the root. Entries are (hash, block); the first has no hash, its place holds limit and count.
/// </summary>
internal static class IndexNode
{
    private const int HashVersionOffset = Spec.RootInfoOffset + 4;
    private const int InfoLengthOffset = Spec.RootInfoOffset + 5;
    private const int LevelsOffset = Spec.RootInfoOffset + 6;
    private const int ParentEntryOffset = 12;

    internal static int CountOffset(uint number) => number == 0 ? Spec.RootCountOffset : Spec.NodeCountOffset;

    internal static int Limit(ReadOnlySpan<byte> block, uint number) => U16(block, CountOffset(number));

    internal static int Count(ReadOnlySpan<byte> block, uint number) => U16(block, CountOffset(number) + 2);

    internal static bool IsFull(ReadOnlySpan<byte> block, uint number) => Count(block, number) >= Limit(block, number);

    internal static int TailOffset(ReadOnlySpan<byte> block, uint number) =>
        CountOffset(number) + (Limit(block, number) * Spec.IndexEntryBytes);

    internal static uint Hash(ReadOnlySpan<byte> block, uint number, int index) =>
        index == 0 ? 0 : U32(block, At(number, index));

    internal static uint Child(ReadOnlySpan<byte> block, uint number, int index) =>
        U32(block, At(number, index) + 4) & 0x0FFFFFFF;

    internal static int HashVersion(ReadOnlySpan<byte> root) => root[HashVersionOffset];

    internal static int Levels(ReadOnlySpan<byte> root) => root[LevelsOffset];

    internal static void SetLevels(Span<byte> root, int levels) => root[LevelsOffset] = (byte)levels;

    internal static int LimitFor(int blockBytes, uint number, bool hasTail) =>
        (blockBytes - CountOffset(number) - (hasTail ? Spec.IndexTailBytes : 0)) / Spec.IndexEntryBytes;

    /// <summary>Writes the root over block 0; the entries for "." and ".." at its start stay.</summary>
    internal static void InitializeRoot(Span<byte> block, int hashVersion, bool hasTail, uint firstChild)
    {
        DirectoryBlock.SetRecordLength(block, 0, ParentEntryOffset);
        DirectoryBlock.SetRecordLength(block, ParentEntryOffset, block.Length - ParentEntryOffset);
        block[Spec.RootInfoOffset..].Clear();
        block[HashVersionOffset] = (byte)hashVersion;
        block[InfoLengthOffset] = Spec.RootInfoBytes;
        Put16(block, Spec.RootCountOffset, (uint)LimitFor(block.Length, 0, hasTail));
        Put16(block, Spec.RootCountOffset + 2, 1);
        Put32(block, Spec.RootCountOffset + 4, firstChild);
    }

    /// <summary>An empty node: one unused entry over the whole block, then the count.</summary>
    internal static void InitializeNode(Span<byte> block, bool hasTail)
    {
        block.Clear();
        DirectoryBlock.SetRecordLength(block, 0, block.Length);
        Put16(block, Spec.NodeCountOffset, (uint)LimitFor(block.Length, 1, hasTail));
    }

    /// <summary>Copies entries to the start of another node, whose first hash becomes implicit.</summary>
    internal static void CopyEntries(
        ReadOnlySpan<byte> source, uint number, int index, int count, Span<byte> target, uint targetNumber)
    {
        ushort limit = U16(target, CountOffset(targetNumber));
        source.Slice(At(number, index), count * Spec.IndexEntryBytes).CopyTo(target[At(targetNumber, 0)..]);
        Put16(target, CountOffset(targetNumber), limit);
        SetCount(target, targetNumber, count);
    }

    internal static void SetCount(Span<byte> block, uint number, int count) =>
        Put16(block, CountOffset(number) + 2, (uint)count);

    internal static void SetChild(Span<byte> block, uint number, int index, uint child) =>
        Put32(block, At(number, index) + 4, child);

    internal static void Insert(Span<byte> block, uint number, int index, uint hash, uint child)
    {
        int count = Count(block, number);
        block[At(number, index)..At(number, count)].CopyTo(block[At(number, index + 1)..]);
        Put32(block, At(number, index), hash);
        Put32(block, At(number, index) + 4, child);
        SetCount(block, number, count + 1);
    }

    /// <summary>The last entry whose hash is not above the one sought.</summary>
    internal static int Search(ReadOnlySpan<byte> block, uint number, uint hash)
    {
        int low = 1;
        int high = Count(block, number);
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (Hash(block, number, middle) <= hash)
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

    /// <returns>What is wrong; empty when nothing is.</returns>
    internal static string Check(ReadOnlySpan<byte> block, uint number, bool hasTail, uint directoryBlocks)
    {
        string problem = number == 0 ? CheckRoot(block) : "";
        int limit = Limit(block, number);
        int count = Count(block, number);
        if (problem.Length > 0 || limit != LimitFor(block.Length, number, hasTail) || count == 0 || count > limit)
        {
            return problem.Length > 0 ? problem : $"{count} of {limit} entries";
        }

        for (int index = 0; index < count; index++)
        {
            uint child = Child(block, number, index);
            bool isInOrder = index < 2 || Hash(block, number, index) >= Hash(block, number, index - 1);
            if (child == 0 || child >= directoryBlocks || !isInOrder)
            {
                return $"entry {index}: hash 0x{Hash(block, number, index):x8}, block {child} of {directoryBlocks}";
            }
        }

        return "";
    }

    private static string CheckRoot(ReadOnlySpan<byte> block)
    {
        bool hasOwn = DirectoryBlock.RecordLength(block, 0) == ParentEntryOffset
            && DirectoryBlock.RecordLength(block, ParentEntryOffset) == block.Length - ParentEntryOffset
            && DirectoryBlock.NameLength(block, 0) == 1
            && DirectoryBlock.NameLength(block, ParentEntryOffset) == 2;
        bool isKnown = HashVersion(block) <= HtreeHash.VersionMax
            && block[InfoLengthOffset] == Spec.RootInfoBytes
            && Levels(block) <= Spec.IndirectLevelsMax;
        return hasOwn && isKnown
            ? ""
            : $"hash version {HashVersion(block)}, {block[InfoLengthOffset]} bytes of information, {Levels(block)} levels";
    }

    private static int At(uint number, int index) => CountOffset(number) + (index * Spec.IndexEntryBytes);
}
