using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>What a disk without an ext4 superblock has instead, by the marks that blkid(8) of util-linux looks for.</summary>
internal static class ForeignFormat
{
    private const int BtrfsMark = 0x10040;

    private static readonly (int Offset, byte[] Mark, string Name)[] Marks =
    [
        (0, "XFSB"u8.ToArray(), "XFS"),
        (BtrfsMark, "_BHRfS_M"u8.ToArray(), "btrfs"),
        (4096 - 10, "SWAPSPACE2"u8.ToArray(), "swap space"),
        (512, "EFI PART"u8.ToArray(), "a partition table (GPT)"),
        (3, "NTFS    "u8.ToArray(), "NTFS"),
        (54, "FAT1"u8.ToArray(), "FAT"),
        (82, "FAT32"u8.ToArray(), "FAT"),
        (0, "hsqs"u8.ToArray(), "squashfs"),
        (0, "LUKS"u8.ToArray(), "LUKS"),
        (0, "QFI"u8.ToArray(), "a qcow2 image"),
        (510, [0x55, 0xAA], "a boot sector or partition table"),
    ];

    /// <summary>Words to go on with after "no ext4 file system"; empty when nothing is known.</summary>
    internal static string Describe(CallContext context, BufferCache cache)
    {
        foreach ((int offset, byte[] mark, string name) in Marks)
        {
            ulong page = (ulong)offset >> Ext4Spec.PageShift;
            bool isThere = (page + 1) << Ext4Spec.PageShift <= cache.DeviceBytes;
            if (isThere && cache.Get(context, page, out BlockBuffer buffer) == Errno.None
                && cache.Read(context, buffer).Slice(offset & (Ext4Spec.PageBytes - 1), mark.Length).SequenceEqual(mark))
            {
                return $"; it looks like {name}";
            }
        }

        return "";
    }
}
