using RedLeafSharp.Contracts;
using Xunit;
using FileMode = RedLeafSharp.Contracts.FileMode;

namespace RedLeafSharp.Tests.Posix;

/// <summary>A disk that becomes full: short writes, ENOSPC, and everything as before once something has been removed.</summary>
public sealed class FullDiskTests
{
    private const OpenFlags CreateFlags = OpenFlags.ReadWrite | OpenFlags.Create;
    private const int ChunkBytes = 100_000;

    [Theory]
    [InlineData("tmpfs")]
    [InlineData("ext4")]
    public void Write_ToAFullDisk_IsShortThenNoSpaceAndRecovers(string type)
    {
        using PosixRig rig = type == "ext4" ? PosixRig.OnExt4() : PosixRig.OnTmpfs(pages: 1000);
        rig.Run(context =>
        {
            FileSystemStatus before = rig.System.GetFileSystemStatus(context, "/"u8).Value;
            int small = rig.System.Open(context, "/small"u8, CreateFlags, 0x1B6).Value;
            Assert.Equal(5, rig.System.Write(context, small, "small"u8).Value);
            int file = rig.System.Open(context, "/large"u8, CreateFlags, 0x1B6).Value;

            long written = Fill(context, rig.System, file);

            Assert.InRange(written, (long)before.FreeBlockCount * 4096 * 8 / 10, (long)before.FreeBlockCount * 4096);
            Assert.Equal(written, (long)rig.System.GetDescriptorAttributes(context, file).Value.SizeBytes);
            AssertContent(context, rig.System, file, written);

            // What needs no space goes on.
            Assert.Equal(5, rig.System.WriteAt(context, small, 0, "again"u8).Value);
            Assert.Equal(1, rig.System.WriteAt(context, file, 0, [7]).Value);
            Assert.True(rig.System.Rename(context, "/small"u8, "/kept"u8).IsOk);

            // An open file keeps its space; the last close gives it back.
            Assert.True(rig.System.Unlink(context, "/large"u8).IsOk);
            Assert.Equal(Errno.NoSpace, rig.System.Write(context, file, new byte[ChunkBytes]).Error);
            Assert.True(rig.System.Close(context, file).IsOk);
            Assert.True(rig.System.Sync(context).IsOk);
            int second = rig.System.Open(context, "/second"u8, CreateFlags, 0x1B6).Value;
            long again = Fill(context, rig.System, second);
            Assert.InRange(again, written - (64 * 1024), written + (64 * 1024));
        });
    }

    [Fact]
    public void Create_WithoutInodes_IsNoSpaceAndRecovers()
    {
        using PosixRig rig = PosixRig.OnExt4();
        rig.Run(context =>
        {
            int count = 0;
            Errno error = Errno.None;
            while (error == Errno.None && count < 100_000)
            {
                error = rig.System.MakeNode(context, PosixRig.Bytes($"/{count}"), FileMode.Regular | 0x1A4, 0).Error;
                count += error == Errno.None ? 1 : 0;
            }

            Assert.Equal(Errno.NoSpace, error);
            Assert.Equal(Errno.NoSpace, rig.System.MakeDirectory(context, "/d"u8, 0x1ED).Error);
            Assert.Equal(Errno.NoSpace, rig.System.Open(context, "/f"u8, CreateFlags, 0x1B6).Error);
            Assert.True(rig.System.Link(context, "/0"u8, "/link"u8).IsOk);
            Assert.True(rig.System.Unlink(context, "/1"u8).IsOk);
            Assert.True(rig.System.MakeDirectory(context, "/d"u8, 0x1ED).IsOk);
        });
    }

    /// <summary>Writes until the disk is full. Bytes say where they are.</summary>
    private static long Fill(CallContext context, ISystem system, int file)
    {
        long written = 0;
        byte[] chunk = new byte[ChunkBytes];
        while (true)
        {
            for (int index = 0; index < chunk.Length; index++)
            {
                chunk[index] = ByteAt(written + index);
            }

            Reply<int, Errno> reply = system.Write(context, file, chunk);
            if (!reply.IsOk)
            {
                Assert.Equal(Errno.NoSpace, reply.Error);
                return written;
            }

            Assert.InRange(reply.Value, 1, chunk.Length);
            written += reply.Value;
        }
    }

    private static void AssertContent(CallContext context, ISystem system, int file, long length)
    {
        byte[] chunk = new byte[ChunkBytes];
        for (long position = 0; position < length;)
        {
            int read = system.ReadAt(context, file, (ulong)position, chunk).Value;
            Assert.InRange(read, 1, chunk.Length);
            for (int index = 0; index < read; index++)
            {
                if (chunk[index] != ByteAt(position + index))
                {
                    Assert.Fail($"byte {position + index} is wrong");
                }
            }

            position += read;
        }
    }

    private static byte ByteAt(long position) => (byte)(position ^ (position >> 9));
}
