using System.Buffers.Binary;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.Ext4;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Ext4;

/// <summary>Damaged images: one clear line each, and nothing worse.</summary>
public sealed class DamageTests
{
    private const int SuperblockStart = 1024;

    [Fact]
    public void Mount_NoFileSystem_SaysSo() => MustRefuse(new byte[1 << 20], "no ext4 file system: the magic number at byte 1080 is 0x0000");

    [Fact]
    public void Mount_TinyDisk_SaysSo() => MustRefuse(new byte[1024], "the disk has 1024 bytes");

    [Fact]
    public void Mount_TruncatedImage_SaysSo() => MustRefuse(Image()[..(9 << 20)], "the image is cut off");

    [Fact]
    public void Mount_GarbledSuperblock_NamesTheChecksum()
    {
        byte[] image = Image();
        image[SuperblockStart + 0x300] ^= 1;
        MustRefuse(image, "superblock: checksum 0x");
    }

    [Fact]
    public void Mount_UnknownIncompatibleFeature_IsRefusedByName()
    {
        byte[] image = Image();
        ChangeSuperblock(image, SuperblockSpec.Incompatible, value => value | 0x8000 | 0x10000);
        MustRefuse(image, "features that are not supported: inline_data, encrypt");
    }

    [Fact]
    public void Mount_UnknownReadOnlyFeature_MountsReadOnly()
    {
        byte[] image = Image();
        ChangeSuperblock(image, SuperblockSpec.ReadOnlyCompatible, value => value | 0x100 | 0x8000);
        using Ext4Rig rig = Ext4Rig.Mounted(image);
        Assert.Contains("mounted read-only: features that are not supported for writing: quota, verity", rig.Log);
        Assert.Equal(Errno.ReadOnlyFileSystem, rig.TryUnlink(Ext4Rig.Root, "file"));
        byte[] before = [.. image];
        rig.ReadAll(rig.Lookup(Ext4Rig.Root, "file"));
        rig.Unmount();
        Assert.Equal(before, rig.Image);
    }

    [Fact]
    public void Mount_RecoveryFlagWithoutJournal_IsRefused()
    {
        byte[] image = Image(4 << 20);
        ChangeSuperblock(image, SuperblockSpec.Incompatible, value => value | Features.IncompatRecover);
        MustRefuse(image, "the journal is not clean, but there is none");
    }

    [Fact]
    public void Mount_AfterACrashWithoutJournal_MountsReadOnlyAndSaysWhy()
    {
        using Ext4Rig crashed = Ext4Rig.Mounted(Image(4 << 20));
        using Ext4Rig rig = Ext4Rig.Mounted(crashed.Image);
        Assert.Contains("mounted read-only: it was not unmounted cleanly: run e2fsck -p", rig.Log);
        Assert.True(rig.Must(rig.Fs.GetStatus(rig.Context)).IsReadOnly);
    }

    [Fact]
    public void Read_DamagedInode_NamesItAndEndsWriting()
    {
        byte[] image = Image();
        using Ext4Rig rig = Ext4Rig.Mounted(image);
        ulong file = rig.Lookup(Ext4Rig.Root, "file");
        int inode = FindInode(image, rig.Attributes(file));
        rig.Unmount();
        image[inode + InodeSpec.SizeLow] ^= 0xFF;
        using Ext4Rig second = Ext4Rig.Mounted(image);
        Assert.Equal(Errno.Corrupted, second.Fs.GetAttributes(second.Context, file).Error);
        Assert.Matches($@"Error: inode {file} \(block \d+\): checksum 0x[0-9a-f]+, expected 0x[0-9a-f]+", second.Log);
        Assert.Equal(Errno.ReadOnlyFileSystem, second.TryUnlink(Ext4Rig.Root, "file"));
        second.Unmount();
        Assert.NotEqual(0, image[SuperblockStart + SuperblockSpec.State] & SuperblockSpec.StateError);
    }

    [FactNeeding(Need.E2fsprogs)]
    public void Read_DamagedStructure_IsNamed()
    {
        using LinuxExt4 linux = LinuxExt4.Make(32 << 20, "-b", "1024");
        using (Ext4Rig rig = Ext4Rig.Mounted(linux.Read()))
        {
            ulong folder = rig.MakeDirectory(Ext4Rig.Root, "folder");
            for (int index = 0; index < 500; index++)
            {
                rig.MakeFile(folder, $"file number {index}");
            }

            ulong deep = rig.MakeFile(Ext4Rig.Root, "deep");
            for (uint index = 0; index < 600; index++)
            {
                rig.Write(deep, index * 2048ul, "x"u8);
            }

            rig.Unmount();
            linux.Write(rig.Image);
        }

        MustName(linux, FirstBlock(linux, "blocks folder"), "folder", "index block 0 .*: checksum");
        MustName(linux, ExtentBlock(linux), "deep", "extent block of inode \\d+ .*: checksum");
        MustName(linux, SecondBlock(linux, "blocks folder"), "folder", "directory \\d+, block 1 .*: checksum");
    }

    internal static void ChangeSuperblock(byte[] image, int offset, Func<uint, uint> change)
    {
        Span<byte> raw = image.AsSpan(SuperblockStart, SuperblockSpec.Bytes);
        uint value = BinaryPrimitives.ReadUInt32LittleEndian(raw[offset..]);
        BinaryPrimitives.WriteUInt32LittleEndian(raw[offset..], change(value));
        SealSuperblock(image);
    }

    internal static void SealSuperblock(byte[] image)
    {
        Span<byte> raw = image.AsSpan(SuperblockStart, SuperblockSpec.Bytes);
        uint checksum = Checksum.Crc32C(~0u, raw[..SuperblockSpec.Checksum]);
        BinaryPrimitives.WriteUInt32LittleEndian(raw[SuperblockSpec.Checksum..], checksum);
    }

    private static byte[] Image(long sizeBytes = 16 << 20)
    {
        using Ext4Rig rig = Ext4Rig.Formatted(sizeBytes);
        rig.MakeFile(Ext4Rig.Root, "file", Ext4Rig.Noise(12_345, 1));
        rig.Unmount();
        return rig.Image;
    }

    private static void MustRefuse(byte[] image, string message)
    {
        using var rig = new Ext4Rig(image);
        Assert.False(rig.TryMount());
        Assert.Contains(message, rig.Services.Reports[^1]);
        Assert.StartsWith("Error: ", rig.Services.Reports[^1]);
    }

    private static int FindInode(byte[] image, Contracts.FileAttributes attributes)
    {
        byte[] start = new byte[8];
        BinaryPrimitives.WriteUInt16LittleEndian(start, (ushort)attributes.Mode);
        BinaryPrimitives.WriteUInt32LittleEndian(start.AsSpan(4), (uint)attributes.SizeBytes);
        return image.AsSpan().IndexOf(start);
    }

    private static int FirstBlock(LinuxExt4 linux, string command) => int.Parse(Words(linux.Debug(command))[0]);

    private static int SecondBlock(LinuxExt4 linux, string command) => int.Parse(Words(linux.Debug(command))[1]);

    private static string[] Words(string output) =>
        output.Split('\n').Single(line => line.Length > 0 && char.IsDigit(line[0]))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static int ExtentBlock(LinuxExt4 linux)
    {
        byte[] image = linux.Read();
        return Enumerable.Range(0, image.Length / 1024)
            .First(block => BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(block * 1024)) == Ext4Spec.Extent.Magic);
    }

    private static void MustName(LinuxExt4 linux, int block, string path, string pattern)
    {
        byte[] image = linux.Read();
        image[(block * 1024) + 40] ^= 0x10;
        using Ext4Rig rig = Ext4Rig.Mounted(image);
        ulong inode = rig.Lookup(Ext4Rig.Root, path);
        for (ulong cookie = 0; cookie < 500; cookie++)
        {
            _ = rig.TryLookup(inode, $"file number {cookie}");
            _ = rig.Fs.Read(rig.Context, inode, cookie * 2048, new byte[10]);
        }

        Assert.Matches(pattern, rig.Log);
    }
}
