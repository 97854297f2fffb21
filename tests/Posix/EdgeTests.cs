using RedLeafSharp.Contracts;
using Xunit;
using SeekOrigin = RedLeafSharp.Contracts.SeekOrigin;

namespace RedLeafSharp.Tests.Posix;

/// <summary>Offsets, counts and limits at their ends, where Linux's file systems disagree with one another or cannot be asked.</summary>
public sealed class EdgeTests
{
    private const OpenFlags CreateFlags = OpenFlags.ReadWrite | OpenFlags.Create;

    [Theory]
    [InlineData("tmpfs")]
    [InlineData("ext4")]
    public void Offset_AtTheEndOfAllFiles_IsAnErrorAndNothingIsWritten(string type)
    {
        using PosixRig rig = type == "ext4" ? PosixRig.OnExt4() : PosixRig.OnTmpfs();
        rig.Run(context =>
        {
            ISystem system = rig.System;
            int file = system.Open(context, "/f"u8, CreateFlags, 0x1B6).Value;

            Assert.Equal(Errno.InvalidArgument, system.ReadAt(context, file, 1ul << 63, new byte[1]).Error);
            Assert.Equal(Errno.InvalidArgument, system.WriteAt(context, file, ulong.MaxValue, "x"u8).Error);
            Assert.Equal(Errno.FileTooLarge, system.WriteAt(context, file, long.MaxValue, "x"u8).Error);
            Assert.Equal(Errno.FileTooLarge, system.WriteAt(context, file, long.MaxValue - 1, "xyz"u8).Error);
            Assert.Equal(0, system.WriteAt(context, file, long.MaxValue, []).Value);
            Assert.Equal((true, 0), Pair(system.ReadAt(context, file, long.MaxValue, new byte[9])));
            Assert.Equal(Errno.FileTooLarge, system.Allocate(context, file, AllocationModes.None, long.MaxValue, 1).Error);
            Assert.Equal(Errno.FileTooLarge, system.Allocate(context, file, AllocationModes.None, long.MaxValue - 1, 1).Error);
            Assert.Equal(Errno.InvalidArgument, SetSize(context, system, 1ul << 63));
            Assert.Equal(Errno.FileTooLarge, SetSize(context, system, long.MaxValue));
            Assert.Equal(0ul, system.GetDescriptorAttributes(context, file).Value.SizeBytes);
        });
    }

    [Fact]
    public void Seek_BeyondTheLastOffset_IsAnOverflow()
    {
        using PosixRig rig = PosixRig.OnTmpfs();
        rig.Run(context =>
        {
            int file = rig.System.Open(context, "/f"u8, CreateFlags, 0x1B6).Value;
            Assert.Equal(long.MaxValue, rig.System.Seek(context, file, long.MaxValue, SeekOrigin.Start).Value);

            Assert.Equal(Errno.Overflow, rig.System.Seek(context, file, 1, SeekOrigin.Current).Error);
            Assert.Equal(Errno.FileTooLarge, rig.System.Write(context, file, "x"u8).Error);
            Assert.Equal((true, 0), Pair(rig.System.Read(context, file, new byte[1])));
            Assert.Equal(long.MaxValue, rig.System.Seek(context, file, 0, SeekOrigin.Current).Value);
        });
    }

    [Fact]
    public void Write_ToAPipeThatDoesNotWait_IsAllOrNothingUpToPipeBuf()
    {
        using var rig = new PosixRig();
        rig.Run(context =>
        {
            PipeEnds pipe = rig.System.MakePipe(context, OpenFlags.NonBlock).Value;
            Assert.Equal(Errno.TryAgain, rig.System.Read(context, pipe.ReadEnd, new byte[1]).Error);
            Assert.Equal(65_536 - 100, rig.System.Write(context, pipe.WriteEnd, new byte[65_536 - 100]).Value);

            Assert.Equal(Errno.TryAgain, rig.System.Write(context, pipe.WriteEnd, new byte[101]).Error);
            Assert.Equal(Errno.TryAgain, rig.System.Write(context, pipe.WriteEnd, new byte[4096]).Error);
            Assert.Equal(60, rig.System.Write(context, pipe.WriteEnd, new byte[60]).Value);
            Assert.Equal(40, rig.System.Write(context, pipe.WriteEnd, new byte[4097]).Value);
            Assert.Equal(Errno.TryAgain, rig.System.Write(context, pipe.WriteEnd, new byte[4097]).Error);
            Assert.Equal((true, 0), Pair(rig.System.Write(context, pipe.WriteEnd, [])));
            Assert.Equal(65_536, rig.System.Read(context, pipe.ReadEnd, new byte[100_000]).Value);
        });
    }

    [Fact]
    public void DescriptorLimit_LoweredAndRaised_CountsAtTheNextDescriptor()
    {
        using var rig = new PosixRig();
        rig.Run(context =>
        {
            ISystem system = rig.System;
            var limit = new ResourceLimit { Soft = 5, Hard = 10 };
            Assert.True(system.SetLimit(context, LimitedResource.DescriptorCount, limit).IsOk);
            Assert.Equal(3, system.Open(context, "/"u8, OpenFlags.Directory, 0).Value);
            Assert.Equal(4, system.Duplicate(context, 3, -1).Value);
            Assert.Equal(Errno.TooManyFiles, system.Duplicate(context, 3, -1).Error);
            Assert.Equal(Errno.TooManyFiles, system.Open(context, "/"u8, OpenFlags.Directory, 0).Error);
            Assert.Equal(Errno.BadDescriptor, system.Duplicate(context, 3, 5).Error);

            Assert.Equal(Errno.InvalidArgument, system.SetLimit(context, LimitedResource.DescriptorCount, new() { Soft = 6, Hard = 5 }).Error);
            Assert.True(system.SetLimit(context, LimitedResource.DescriptorCount, new() { Soft = 6, Hard = 6 }).IsOk);
            Assert.Equal(5, system.Duplicate(context, 3, -1).Value);

            // Who is not privileged may lower the hard limit and not raise it again.
            Assert.True(system.SetIds(context, IdKind.User, 5, 5, 5).IsOk);
            Assert.True(system.SetLimit(context, LimitedResource.DescriptorCount, new() { Soft = 4, Hard = 5 }).IsOk);
            Assert.Equal(Errno.NotPermitted, system.SetLimit(context, LimitedResource.DescriptorCount, new() { Soft = 4, Hard = 6 }).Error);

            // What is open already stays.
            Assert.True(system.GetDescriptorAttributes(context, 5).IsOk);
        });
    }

    private static (bool IsOk, int Value) Pair(Reply<int, Errno> reply) => (reply.IsOk, reply.Value);

    private static Errno SetSize(CallContext context, ISystem system, ulong size) => system.SetAttributes(
        context, "/f"u8, new FileAttributesChange { Fields = FileAttributeFields.Size, SizeBytes = size }, followsLinks: true).Error;
}
