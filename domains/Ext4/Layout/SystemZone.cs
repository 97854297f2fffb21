namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// The blocks that no file may own: superblock copies, descriptors, bitmaps, inode tables. A damaged extent that claims one
/// of them is found before anything is read through it, written to it, or freed.
/// </summary>
internal sealed class SystemZone
{
    private readonly ulong[] starts;
    private readonly ulong[] ends;
    private readonly int count;

    /// <param name="superblock">Checked sizes.</param>
    /// <param name="groups">Checked descriptors.</param>
    internal SystemZone(Superblock superblock, GroupTable groups)
    {
        int intervalsMax = (4 * (int)groups.Count) + 1;
        starts = new ulong[intervalsMax];
        ends = new ulong[intervalsMax];
        int used = 0;
        for (uint group = 0; group < groups.Count; group++)
        {
            if (superblock.HasSuperblockCopy(group))
            {
                ulong start = superblock.GroupStart(group);
                Put(used++, start, 1 + superblock.DescriptorBlocks + superblock.ReservedDescriptorBlocks);
            }

            Put(used++, groups.BlockBitmap(group), 1);
            Put(used++, groups.InodeBitmap(group), 1);
            Put(used++, groups.InodeTable(group), superblock.InodeTableBlocks);
        }

        Array.Sort(starts, ends, 0, used);
        count = Merge(used);
    }

    /// <summary>Whether one of <paramref name="length"/> blocks from <paramref name="block"/> is in the zone.</summary>
    internal bool Overlaps(ulong block, ulong length)
    {
        int low = 0;
        int high = count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (ends[middle] <= block)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low < count && starts[low] < block + length;
    }

    private void Put(int index, ulong start, ulong length)
    {
        starts[index] = start;
        ends[index] = start + length;
    }

    private int Merge(int used)
    {
        int last = 0;
        for (int index = 1; index < used; index++)
        {
            if (starts[index] <= ends[last])
            {
                ends[last] = Math.Max(ends[last], ends[index]);
            }
            else
            {
                last++;
                (starts[last], ends[last]) = (starts[index], ends[index]);
            }
        }

        return used == 0 ? 0 : last + 1;
    }
}
