namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// Where everything goes on a new file system of 4 KiB blocks: groups of 128 MiB, sixteen of them a flexible group whose
/// first member holds the bitmaps and inode tables of all (blockgroup.rst, "Flexible Block Groups").
/// </summary>
internal sealed class FormatLayout
{
    internal const int BlockBytes = 4096;
    internal const uint BlocksPerGroup = 32768;
    internal const int InodeBytes = 256;
    internal const int LogGroupsPerFlex = 4;

    private const uint GroupsPerFlex = 1 << LogGroupsPerFlex;
    private const uint InodesPerBlock = BlockBytes / InodeBytes;

    /// <summary>One inode for so many bytes; more on small disks, which hold small files.</summary>
    private const ulong BytesPerInode = 16384;

    private const ulong BytesPerInodeSmall = 8192;
    private const ulong SmallBytes = 512ul << 20;

    /// <summary>A last group with less room than this beside its metadata is left out, as mke2fs does.</summary>
    private const uint UsefulBlocksMin = 50;

    internal FormatLayout(ulong deviceBytes)
    {
        BlockCount = Math.Min(deviceBytes / BlockBytes, (ulong)Ext4Limits.GroupsMax * BlocksPerGroup);
        Compute(deviceBytes);
        ulong last = BlockCount - ((ulong)(GroupCount - 1) * BlocksPerGroup);
        if (GroupCount > 1 && last < Overhead(GroupCount - 1) + UsefulBlocksMin)
        {
            BlockCount -= last;
            Compute(deviceBytes);
        }
    }

    internal ulong BlockCount { get; private set; }

    internal uint GroupCount { get; private set; }

    internal uint InodesPerGroup { get; private set; }

    internal uint InodeTableBlocks => InodesPerGroup / InodesPerBlock;

    internal uint DescriptorBlocks => ((GroupCount * Ext4Spec.Group.Bytes64) + BlockBytes - 1) / BlockBytes;

    /// <summary>Blocks of the journal, by the size of the file system as mke2fs has it; 0 for none.</summary>
    internal uint JournalBlocks => BlockCount switch
    {
        < 2048 => 0,
        < 32768 => 1024,
        < 256 * 1024 => 4096,
        < 512 * 1024 => 8192,
        _ => 16384,
    };

    internal bool IsBigEnough => BlockCount >= 256 && BlockCount > Overhead(0) + UsefulBlocksMin;

    internal bool IsFlexLeader(uint group) => group % GroupsPerFlex == 0;

    internal uint GroupsInFlex(uint leader) => Math.Min(GroupsPerFlex, GroupCount - leader);

    internal ulong BlockBitmap(uint group) => FlexStart(group) + (group % GroupsPerFlex);

    internal ulong InodeBitmap(uint group) => FlexStart(group) + GroupsInFlex(LeaderOf(group)) + (group % GroupsPerFlex);

    internal ulong InodeTable(uint group) =>
        FlexStart(group) + (2 * GroupsInFlex(LeaderOf(group))) + ((ulong)(group % GroupsPerFlex) * InodeTableBlocks);

    private static uint LeaderOf(uint group) => group - (group % GroupsPerFlex);

    private static ulong GroupStart(uint group) => (ulong)group * BlocksPerGroup;

    private void Compute(ulong deviceBytes)
    {
        GroupCount = (uint)((BlockCount + BlocksPerGroup - 1) / BlocksPerGroup);
        ulong bytesPerInode = deviceBytes < SmallBytes ? BytesPerInodeSmall : BytesPerInode;
        ulong inodes = Math.Max(BlockCount * BlockBytes / bytesPerInode, Ext4Spec.FirstFreeInode + InodesPerBlock);
        ulong perGroup = (inodes + GroupCount - 1) / Math.Max(GroupCount, 1);
        InodesPerGroup = (uint)((perGroup + InodesPerBlock - 1) / InodesPerBlock * InodesPerBlock);
    }

    private ulong FlexStart(uint group) => GroupStart(LeaderOf(group)) + CopyBlocks(LeaderOf(group));

    /// <summary>Blocks of a superblock copy with its descriptors, if the group has one.</summary>
    private uint CopyBlocks(uint group) => Superblock.IsSparseCopy(group) ? 1 + DescriptorBlocks : 0;

    private ulong Overhead(uint group) =>
        CopyBlocks(group) + (IsFlexLeader(group) ? (ulong)GroupsInFlex(group) * (2 + InodeTableBlocks) : 0);
}
