using RedLeafSharp.Contracts;
using Xunit;

namespace RedLeafSharp.Tests.Posix;

/// <summary>readv and writev: one call, whatever the number of parts.</summary>
public sealed class VectorTests
{
    [Fact]
    public void WriteVector_PipeWithRoomForOnePartOnly_WritesNothing()
    {
        using var rig = new PosixRig();
        rig.Run(context =>
        {
            PipeEnds pipe = rig.System.MakePipe(context, OpenFlags.NonBlock).Value;
            Assert.Equal(63_000, rig.System.Write(context, pipe.WriteEnd, new byte[63_000]).Value);

            Assert.Equal(Errno.TryAgain, rig.System.WriteVector(context, pipe.WriteEnd, [new byte[2000], new byte[2000]]).Error);
            Assert.Equal(63_000, rig.System.Read(context, pipe.ReadEnd, new byte[65_536]).Value);
        });
    }

    [Fact]
    public void ReadVector_LessThanThePartsHold_LeavesTheRestAlone()
    {
        using var rig = new PosixRig();
        rig.Run(context =>
        {
            PipeEnds pipe = rig.System.MakePipe(context, OpenFlags.NonBlock).Value;
            rig.System.Write(context, pipe.WriteEnd, "abc"u8);
            byte[] first = "--"u8.ToArray(), second = "--"u8.ToArray(), third = "--"u8.ToArray();

            Assert.Equal(3, rig.System.ReadVector(context, pipe.ReadEnd, [first, second, third]).Value);
            Assert.Equal("abc---", PosixRig.Text([.. first, .. second, .. third]));
        });
    }

    [Theory]
    [InlineData(PlainCalls.VectorCountMax, Errno.None)]
    [InlineData(PlainCalls.VectorCountMax + 1, Errno.InvalidArgument)]
    public void Vector_OfManyParts_IsBounded(int count, Errno expected)
    {
        using var rig = new PosixRig();
        byte[][] parts = [.. Enumerable.Repeat(new byte[1], count)];
        rig.Run(context =>
        {
            int file = rig.System.Open(context, "/f"u8, OpenFlags.ReadWrite | OpenFlags.Create, 0x1A4).Value;

            Assert.Equal(expected, rig.System.WriteVector(context, file, parts).Error);
            Assert.Equal(expected, rig.System.WriteVectorAt(context, file, 0, parts).Error);
            Assert.Equal(expected, rig.System.ReadVector(context, file, parts).Error);
            Assert.Equal(expected, rig.System.ReadVectorAt(context, file, 0, parts).Error);
        });
    }
}
