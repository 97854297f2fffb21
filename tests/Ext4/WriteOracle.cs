using System.Buffers.Binary;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.Ext4;
using RedLeafSharp.Tests.BlockDevices;

namespace RedLeafSharp.Tests.Ext4;

/// <summary>
/// Which blocks of an image may be written, found by a reader of its own: superblock and descriptors, bitmaps and inode
/// tables, what the bitmaps say is free, and what inodes own, except those that the walk leaves alone. So copies of the
/// superblock, blocks of nobody, and those of the witnesses are never to be written.
/// </summary>
internal sealed class WriteOracle
{
    private readonly byte[] image;
    private readonly bool[] allowed;
    private readonly int blockBytes;
    private readonly long firstDataBlock;
    private readonly bool is64Bit;

    /// <param name="image">The image before it is mounted.</param>
    /// <param name="original">The image before it was mutated.</param>
    /// <param name="witnesses">Inodes that the walk only reads; one that was mutated itself counts as any other.</param>
    internal WriteOracle(byte[] image, byte[] original, IReadOnlyCollection<uint> witnesses)
    {
        this.image = image;
        blockBytes = 1024 << (int)Math.Min(Super32(SuperblockSpec.LogBlockBytes), 2);
        allowed = new bool[image.Length / blockBytes];
        firstDataBlock = Super32(SuperblockSpec.FirstDataBlock);
        is64Bit = (Super32(SuperblockSpec.Incompatible) & Features.Incompat64Bit) != 0;
        Allow(blockBytes == 1024 ? 1 : 0, 1);
        AllowExtents(SuperblockSpec.OffsetBytes + SuperblockSpec.JournalBackup, InodeSpec.BlockBytes, depth: 5);
        long perGroup = Math.Max(8, Super32(SuperblockSpec.BlocksPerGroup));
        long groups = Math.Min((allowed.Length - firstDataBlock + perGroup - 1) / perGroup, 64);
        int descriptorBytes = is64Bit ? Super16(SuperblockSpec.DescriptorBytes) : Ext4Spec.Group.Bytes32;
        Allow(firstDataBlock + 1, ((groups * descriptorBytes) + blockBytes - 1) / blockBytes);
        for (int group = 0; group < groups; group++)
        {
            long at = ((firstDataBlock + 1) * blockBytes) + (group * descriptorBytes);
            AllowGroup(at, firstDataBlock + (group * perGroup), perGroup);
            AllowInodes(at, group, original, witnesses);
        }
    }

    /// <summary>The first block written that must not be; -1 when there is none.</summary>
    internal long FindViolation(IEnumerable<CarriedOut> record, int sectorBytes)
    {
        foreach (CarriedOut done in record)
        {
            if (done.Request.Operation is not (BlockOperation.Write or BlockOperation.WriteZeroes))
            {
                continue;
            }

            long first = (long)done.Request.FirstBlock * sectorBytes / blockBytes;
            long last = (((long)done.Request.FirstBlock + done.Request.BlockCount) * sectorBytes - 1) / blockBytes;
            for (long block = first; block <= last; block++)
            {
                if (!allowed[block])
                {
                    return block;
                }
            }
        }

        return -1;
    }

    private uint Read32(long at) =>
        at >= 0 && at <= image.Length - 4 ? BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan((int)at)) : 0;

    private ushort Read16(long at) =>
        at >= 0 && at <= image.Length - 2 ? BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan((int)at)) : (ushort)0;

    private uint Super32(int offset) => Read32(SuperblockSpec.OffsetBytes + offset);

    private ushort Super16(int offset) => Read16(SuperblockSpec.OffsetBytes + offset);

    private void Allow(long start, long count)
    {
        for (long block = Math.Max(start, 0); block < start + Math.Min(count, allowed.Length) && block < allowed.Length; block++)
        {
            allowed[block] = true;
        }
    }

    private long Wide(long descriptor, int offset) =>
        Read32(descriptor + offset)
        | (is64Bit ? (long)Read32(descriptor + offset + Ext4Spec.Group.WideHigh) << 32 : 0);

    private void AllowGroup(long descriptor, long start, long perGroup)
    {
        long bitmap = Wide(descriptor, Ext4Spec.Group.BlockBitmap);
        Allow(bitmap, 1);
        Allow(Wide(descriptor, Ext4Spec.Group.InodeBitmap), 1);
        long tableBytes = (long)Super32(SuperblockSpec.InodesPerGroup) * InodeBytes;
        Allow(Wide(descriptor, Ext4Spec.Group.InodeTable), tableBytes / blockBytes);
        bool isUninitialized = (Read16(descriptor + Ext4Spec.Group.Flags) & Ext4Spec.Group.BlockUninitialized) != 0;
        for (long bit = 0; bit < perGroup; bit++)
        {
            long at = (bitmap * blockBytes) + (bit / 8);
            bool isInside = bitmap < allowed.Length && at < image.Length;
            if (isUninitialized || (isInside && (image[at] & (1 << (int)(bit % 8))) == 0))
            {
                Allow(start + bit, 1);
            }
        }
    }

    private int InodeBytes =>
        Super32(SuperblockSpec.Revision) == 0 ? 128 : Math.Max((int)Super16(SuperblockSpec.InodeBytes), 128);

    private void AllowInodes(long descriptor, int group, byte[] original, IReadOnlyCollection<uint> witnesses)
    {
        long table = Wide(descriptor, Ext4Spec.Group.InodeTable) * blockBytes;
        for (long index = 0; index < Super32(SuperblockSpec.InodesPerGroup) && index < 8192; index++)
        {
            long at = table + (index * InodeBytes);
            uint number = (uint)((group * (long)Super32(SuperblockSpec.InodesPerGroup)) + index + 1);
            if (at < 0 || at > image.Length - InodeBytes || Read16(at + InodeSpec.Mode) == 0)
            {
                continue;
            }

            bool isSame = image.AsSpan((int)at, 128).SequenceEqual(original.AsSpan((int)at, 128));
            if (!isSame || !witnesses.Contains(number))
            {
                Allow(Read32(at + InodeSpec.AttributeBlockLow), 1);
                AllowExtents(at + InodeSpec.Block, InodeSpec.BlockBytes, depth: 5);
                if ((Read32(at + InodeSpec.Flags) & Ext4Spec.InodeFlags.Extents) == 0)
                {
                    AllowMap(at + InodeSpec.Block, Ext4Spec.IndirectMap.DirectBlocks, level: 0);
                    for (int level = 1; level <= Ext4Spec.IndirectMap.LevelsMax; level++)
                    {
                        AllowMap(at + InodeSpec.Block + (4 * (Ext4Spec.IndirectMap.DirectBlocks + level - 1)), 1, level);
                    }
                }
            }
        }
    }

    private void AllowMap(long table, int count, int level)
    {
        for (int index = 0; index < count; index++)
        {
            long block = Read32(table + (4 * index));
            if (block > 0 && block < allowed.Length)
            {
                Allow(block, 1);
                if (level > 0)
                {
                    AllowMap(block * blockBytes, blockBytes / 4, level - 1);
                }
            }
        }
    }

    private void AllowExtents(long node, int nodeBytes, int depth)
    {
        if (Read16(node) != Ext4Spec.Extent.Magic)
        {
            return;
        }

        bool isLeaf = Read16(node + 6) == 0;
        int count = Math.Min(Read16(node + 2), (nodeBytes - Ext4Spec.Extent.HeaderBytes) / Ext4Spec.Extent.EntryBytes);
        for (int index = 0; index < count; index++)
        {
            long entry = node + Ext4Spec.Extent.HeaderBytes + (index * Ext4Spec.Extent.EntryBytes);
            int length = Read16(entry + 4);
            if (isLeaf)
            {
                Allow(Read32(entry + 8), length > Ext4Spec.Extent.LengthMax ? length - Ext4Spec.Extent.LengthMax : length);
            }
            else if (depth > 0)
            {
                Allow(Read32(entry + 4), 1);
                AllowExtents(Read32(entry + 4) * (long)blockBytes, blockBytes, depth - 1);
            }
        }
    }
}
