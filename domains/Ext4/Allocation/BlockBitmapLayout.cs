namespace RedLeafSharp.Domains.Ext4;

/// <summary>What a group's block bitmap holds before any file owns a block of it.</summary>
internal static class BlockBitmapLayout
{
    /// <summary>Sets the bits of the group's own metadata and those behind its end.</summary>
    internal static void Fill(Span<byte> bits, Superblock superblock, GroupTable groups, uint group)
    {
        bits.Clear();
        if (superblock.HasSuperblockCopy(group))
        {
            Bitmap.SetRange(bits, 0, 1 + superblock.DescriptorBlocks + superblock.ReservedDescriptorBlocks);
        }

        SetOwn(bits, superblock, group, groups.BlockBitmap(group), 1);
        SetOwn(bits, superblock, group, groups.InodeBitmap(group), 1);
        SetOwn(bits, superblock, group, groups.InodeTable(group), superblock.InodeTableBlocks);
        uint end = superblock.BlocksInGroup(group);
        Bitmap.SetRange(bits, end, ((uint)bits.Length * 8) - end);
    }

    /// <summary>Sets those blocks of a run that lie in the group.</summary>
    internal static void SetOwn(Span<byte> bits, Superblock superblock, uint group, ulong start, uint count)
    {
        ulong groupStart = superblock.GroupStart(group);
        ulong first = Math.Max(start, groupStart);
        ulong end = Math.Min(start + count, groupStart + superblock.BlocksInGroup(group));
        if (first < end)
        {
            Bitmap.SetRange(bits, (uint)(first - groupStart), (uint)(end - first));
        }
    }
}
