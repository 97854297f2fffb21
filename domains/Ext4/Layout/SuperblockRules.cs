using static RedLeafSharp.Domains.Ext4.LittleEndian;
using Spec = RedLeafSharp.Domains.Ext4.SuperblockSpec;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>What must hold between the numbers of a superblock before any of them is computed with.</summary>
internal static class SuperblockRules
{
    /// <summary>mke2fs makes clusters of at most 512 MiB, and a group's size has to fit in 32 bits.</summary>
    private const uint ClusterShiftMax = 14;

    /// <returns>The first rule that is broken, for the user; empty when all hold.</returns>
    internal static string Check(ReadOnlySpan<byte> raw, ulong deviceBytes)
    {
        uint logBlockBytes = U32(raw, Spec.LogBlockBytes);
        if (logBlockBytes > 2)
        {
            return $"superblock: block size 2^{10ul + logBlockBytes} bytes, supported are 1024, 2048 and 4096";
        }

        int blockBytes = 1024 << (int)logBlockBytes;
        uint firstBlock = blockBytes == 1024 && !IsBigAlloc(raw) ? 1u : 0;
        if (U32(raw, Spec.FirstDataBlock) != firstBlock)
        {
            return $"superblock: first data block {U32(raw, Spec.FirstDataBlock)}, expected {firstBlock} with blocks of {blockBytes} bytes";
        }

        string problem = CheckSizes(raw, blockBytes);
        return problem.Length > 0 ? problem : CheckCounts(raw, blockBytes, deviceBytes);
    }

    private static bool IsBigAlloc(ReadOnlySpan<byte> raw) => (U32(raw, Spec.ReadOnlyCompatible) & Features.ReadOnlyBigAlloc) != 0;

    private static string CheckSizes(ReadOnlySpan<byte> raw, int blockBytes)
    {
        uint revision = U32(raw, Spec.Revision);
        int inodeBytes = revision == 0 ? Ext4Spec.GoodInodeBytes : U16(raw, Spec.InodeBytes);
        if (revision > Spec.DynamicRevision)
        {
            return $"superblock: revision {revision}, expected 0 or {Spec.DynamicRevision}";
        }

        if (inodeBytes < Ext4Spec.GoodInodeBytes || inodeBytes > blockBytes || (inodeBytes & (inodeBytes - 1)) != 0)
        {
            return $"superblock: inode size {inodeBytes}, expected a power of two from {Ext4Spec.GoodInodeBytes} to {blockBytes}";
        }

        bool is64Bit = (U32(raw, Spec.Incompatible) & Features.Incompat64Bit) != 0;
        int descriptorBytes = U16(raw, Spec.DescriptorBytes);
        bool isPowerOfTwo = (descriptorBytes & (descriptorBytes - 1)) == 0;
        if (is64Bit && (descriptorBytes < Ext4Spec.Group.Bytes64 || descriptorBytes > 1024 || !isPowerOfTwo))
        {
            return $"superblock: group descriptor size {descriptorBytes}, expected a power of two from {Ext4Spec.Group.Bytes64} to 1024";
        }

        bool hasClusters = U32(raw, Spec.LogClusterBytes) != U32(raw, Spec.LogBlockBytes);
        return hasClusters && !IsBigAlloc(raw) ? "superblock: cluster size differs from block size without bigalloc" : "";
    }

    private static string CheckCounts(ReadOnlySpan<byte> raw, int blockBytes, ulong deviceBytes)
    {
        bool is64Bit = (U32(raw, Spec.Incompatible) & Features.Incompat64Bit) != 0;
        ulong blocks = U32(raw, Spec.BlockCountLow) | (is64Bit ? (ulong)U32(raw, Spec.BlockCountHigh) << 32 : 0);
        uint firstBlock = U32(raw, Spec.FirstDataBlock);
        uint perGroup = U32(raw, Spec.BlocksPerGroup);
        uint logBlockBytes = U32(raw, Spec.LogBlockBytes);

        // A bit of a bitmap stands for a cluster, which is a block without bigalloc.
        int clusterShift = IsBigAlloc(raw) ? (int)Math.Min(U32(raw, Spec.LogClusterBytes) - logBlockBytes, ClusterShiftMax) : 0;
        uint perGroupMax = 8 * (uint)blockBytes << clusterShift;
        if (blocks > deviceBytes / (ulong)blockBytes)
        {
            return $"the image is cut off: {blocks} blocks of {blockBytes} bytes do not fit on {deviceBytes} bytes";
        }

        if (blocks > Ext4Limits.BlocksMax)
        {
            return $"superblock: {blocks} blocks, at most {Ext4Limits.BlocksMax} are supported";
        }

        if (perGroup < 256 || perGroup > perGroupMax || perGroup % 8 != 0 || blocks <= firstBlock + 8)
        {
            return $"superblock: {blocks} blocks in groups of {perGroup}, expected more than {firstBlock + 8}, in groups of 256 to {perGroupMax}";
        }

        ulong groups = (blocks - firstBlock + perGroup - 1) / perGroup;
        if (groups > Ext4Limits.GroupsMax)
        {
            return $"superblock: {groups} groups, at most {Ext4Limits.GroupsMax} are supported";
        }

        return CheckInodes(raw, blockBytes, groups, perGroup);
    }

    private static string CheckInodes(ReadOnlySpan<byte> raw, int blockBytes, ulong groups, uint blocksPerGroup)
    {
        uint revision = U32(raw, Spec.Revision);
        uint inodeBytes = revision == 0 ? (uint)Ext4Spec.GoodInodeBytes : U16(raw, Spec.InodeBytes);
        uint perGroup = U32(raw, Spec.InodesPerGroup);
        uint inodes = U32(raw, Spec.InodeCount);
        uint firstInode = revision == 0 ? Ext4Spec.FirstFreeInode : U32(raw, Spec.FirstInode);
        ulong tableBlocks = (ulong)perGroup * inodeBytes / (uint)blockBytes;
        if (perGroup == 0 || perGroup > 8 * (uint)blockBytes || perGroup % 8 != 0 || inodes != groups * perGroup)
        {
            return $"superblock: {inodes} inodes, expected {groups} groups of {perGroup} each, which must be a multiple of 8 up to {8 * blockBytes}";
        }

        if (tableBlocks == 0 || tableBlocks * (uint)blockBytes != (ulong)perGroup * inodeBytes || tableBlocks >= blocksPerGroup)
        {
            return $"superblock: inode tables of {perGroup} inodes of {inodeBytes} bytes, expected whole blocks, fewer than {blocksPerGroup}";
        }

        return firstInode < Ext4Spec.FirstFreeInode || firstInode > inodes
            ? $"superblock: first inode {firstInode}, expected {Ext4Spec.FirstFreeInode} to {inodes}"
            : "";
    }
}
