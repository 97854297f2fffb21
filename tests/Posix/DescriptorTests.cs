using System.Text;
using RedLeafSharp.Contracts;
using Xunit;
using SeekOrigin = RedLeafSharp.Contracts.SeekOrigin;

namespace RedLeafSharp.Tests.Posix;

/// <summary>Descriptors and the open file descriptions behind them.</summary>
public sealed class DescriptorTests
{
    private const OpenFlags CreateFlags = OpenFlags.ReadWrite | OpenFlags.Create;

    [Fact]
    public void Open_AfterClose_TakesTheLowestFreeDescriptor()
    {
        using var rig = new PosixRig();
        rig.Run(context =>
        {
            Assert.Equal(3, rig.System.Open(context, "/a"u8, CreateFlags, 0x1B6).Value);
            Assert.Equal(4, rig.System.Open(context, "/a"u8, CreateFlags, 0x1B6).Value);
            Assert.True(rig.System.Close(context, 3).IsOk);

            Assert.Equal(3, rig.System.Open(context, "/a"u8, CreateFlags, 0x1B6).Value);
        });
    }

    [Fact]
    public void Open_WithAFullTable_IsRefusedWithoutMakingTheFile()
    {
        using var rig = new PosixRig();
        rig.Run(context =>
        {
            for (int count = 3; count < 256; count++)
            {
                Assert.Equal(count, rig.System.Duplicate(context, 0, -1).Value);
            }

            Assert.Equal(Errno.TooManyFiles, rig.System.Open(context, "/a"u8, CreateFlags, 0x1B6).Error);
            Assert.Equal(Errno.TooManyFiles, rig.System.Duplicate(context, 0, -1).Error);
            Assert.Equal(Errno.TooManyFiles, rig.System.MakePipe(context).Error);
            Assert.Equal(Errno.NoEntry, rig.System.GetAttributes(context, "/a"u8, followsLinks: true).Error);
        });
    }

    [Fact]
    public void Calls_OnABadDescriptor_SaySo()
    {
        using var rig = new PosixRig();
        rig.Run(context =>
        {
            foreach (int descriptor in new[] { -1, 3, 255, 256, int.MaxValue })
            {
                Assert.Equal(Errno.BadDescriptor, rig.System.Read(context, descriptor, new byte[1]).Error);
                Assert.Equal(Errno.BadDescriptor, rig.System.Write(context, descriptor, new byte[1]).Error);
                Assert.Equal(Errno.BadDescriptor, rig.System.Close(context, descriptor).Error);
                Assert.Equal(Errno.BadDescriptor, rig.System.Seek(context, descriptor, 0, SeekOrigin.Start).Error);
                Assert.Equal(Errno.BadDescriptor, rig.System.Duplicate(context, descriptor, -1).Error);
            }

            Assert.Equal(Errno.BadDescriptor, rig.System.Duplicate(context, 0, 256).Error);
        });
    }

    [Fact]
    public void Access_AgainstTheMode_IsABadDescriptor()
    {
        using var rig = new PosixRig();
        rig.Run(context =>
        {
            int writer = rig.System.Open(context, "/a"u8, OpenFlags.WriteOnly | OpenFlags.Create, 0x1B6).Value;
            int reader = rig.System.Open(context, "/a"u8, OpenFlags.ReadOnly, 0).Value;

            Assert.Equal(Errno.BadDescriptor, rig.System.Read(context, writer, new byte[1]).Error);
            Assert.Equal(Errno.BadDescriptor, rig.System.Write(context, reader, "x"u8).Error);
            Assert.Equal(Errno.BadDescriptor, rig.System.ReadAt(context, writer, 0, new byte[1]).Error);
            Assert.Equal(Errno.BadDescriptor, rig.System.WriteAt(context, reader, 0, "x"u8).Error);
        });
    }

    [Fact]
    public void Duplicate_SharesTheOffset_ASecondOpenDoesNot()
    {
        using var rig = new PosixRig();
        rig.Shell("echo -n abcdef > /a");
        rig.Run(context =>
        {
            int one = rig.System.Open(context, "/a"u8, OpenFlags.ReadOnly, 0).Value;
            int copy = rig.System.Duplicate(context, one, 10).Value;
            int other = rig.System.Open(context, "/a"u8, OpenFlags.ReadOnly, 0).Value;

            Assert.Equal("abc", Read(rig, context, one, 3));
            Assert.Equal("def", Read(rig, context, copy, 3));
            Assert.Equal("abc", Read(rig, context, other, 3));
        });
    }

    [Fact]
    public void Append_FromTwoDescriptors_LosesNothing()
    {
        using var rig = new PosixRig();
        rig.Run(context =>
        {
            int one = rig.System.Open(context, "/a"u8, CreateFlags | OpenFlags.Append, 0x1B6).Value;
            int two = rig.System.Open(context, "/a"u8, CreateFlags | OpenFlags.Append, 0x1B6).Value;
            foreach (int descriptor in new[] { one, two, one, two })
            {
                Assert.Equal(1, rig.System.Write(context, descriptor, descriptor == one ? "1"u8 : "2"u8).Value);
            }
        });

        Assert.Equal("1212", rig.Shell("cat /a").Output);
    }

    [Fact]
    public void Seek_BeyondTheEnd_LeavesAHoleOfZeroes()
    {
        using var rig = new PosixRig();
        rig.Run(context =>
        {
            int file = rig.System.Open(context, "/a"u8, CreateFlags, 0x1B6).Value;
            Assert.Equal(3, rig.System.Seek(context, file, 3, SeekOrigin.End).Value);
            Assert.Equal(1, rig.System.Write(context, file, "x"u8).Value);
            Assert.Equal(0, rig.System.Seek(context, file, -4, SeekOrigin.Current).Value);

            Assert.Equal("\0\0\0x", Read(rig, context, file, 10));
            Assert.Equal(Errno.InvalidArgument, rig.System.Seek(context, file, -1, SeekOrigin.Start).Error);
            Assert.Equal(Errno.Overflow, rig.System.Seek(context, file, long.MaxValue, SeekOrigin.Current).Error);
        });
    }

    [Fact]
    public void UnlinkedFile_StillOpen_IsReadableUntilTheLastClose()
    {
        using var rig = new PosixRig();
        rig.Shell("echo -n data > /a");
        int inodesBefore = rig.Files.InodeCount;
        rig.Run(context =>
        {
            int file = rig.System.Open(context, "/a"u8, OpenFlags.ReadOnly, 0).Value;
            int copy = rig.System.Duplicate(context, file, -1).Value;
            Assert.True(rig.System.Unlink(context, "/a"u8).IsOk);
            Assert.True(rig.System.Close(context, file).IsOk);

            Assert.Equal("data", Read(rig, context, copy, 10));
            Assert.True(rig.System.Close(context, copy).IsOk);
        });

        Assert.Equal(inodesBefore - 1, rig.Files.InodeCount);
    }

    [Fact]
    public void Fault_OfTheFileSystem_IsAnInputOutputError()
    {
        using var rig = new PosixRig();
        rig.Run(context =>
        {
            int file = rig.System.Open(context, "/a"u8, CreateFlags, 0x1B6).Value;
            rig.FileSystemGate.Kill();

            Assert.Equal(Errno.InputOutput, rig.System.Write(context, file, "x"u8).Error);
            Assert.Equal(Errno.InputOutput, rig.System.Read(context, file, new byte[1]).Error);
            Assert.Equal(Errno.InputOutput, rig.System.GetAttributes(context, "/a"u8, followsLinks: true).Error);
            Assert.Equal(Errno.InputOutput, rig.System.Sync(context).Error);
        });
    }

    private static string Read(PosixRig rig, CallContext context, int descriptor, int length)
    {
        byte[] buffer = new byte[length];
        return Encoding.Latin1.GetString(buffer, 0, rig.System.Read(context, descriptor, buffer).Value);
    }
}
