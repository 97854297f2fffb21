using RedLeafSharp.Lab.Simulation;
using RedLeafSharp.Lab.Trials;
using RedLeafSharp.Lab.Workloads;
using RedLeafSharp.Lab.Workloads.Network;
using Xunit;

namespace RedLeafSharp.Tests.Lab.Network;

/// <summary>What the oracle of streams says of bytes that are not those of their position.</summary>
public sealed class PositionStreamTests
{
    private const int Length = 1000;
    private const long Position = 5003;

    private readonly PositionStream stream = new(7, 3, isToServer: true);

    [Fact]
    public void Check_RightBytesInPieces_FindsNothing()
    {
        byte[] all = Bytes(Position, Length);
        for (int cut = 1; cut < 40; cut++)
        {
            Assert.Empty(Find(all[..cut], Position));
            Assert.Empty(Find(all[cut..], Position + cut));
        }
    }

    [Fact]
    public void Check_OneWrongBit_NamesItsPlaceAndThatTheRestIsRight()
    {
        byte[] bytes = Bytes(Position, Length);
        byte right = bytes[17];
        bytes[17] ^= 4;
        Assert.Equal(
            $"connection 3, to the server: byte {Position + 17} is 0x{right ^ 4:x2}, expected is 0x{right:x2}, and those behind it are right",
            Find(bytes, Position));
    }

    [Theory]
    [InlineData(6463, ": 1460 bytes are missing")]
    [InlineData(3543, ": it is byte 3543 once more")]
    public void Check_BytesOfAnotherPlace_SaysWhichOne(long from, string what) =>
        Assert.EndsWith(what, Find(Bytes(from, Length), Position), StringComparison.Ordinal);

    [Fact]
    public void Check_BytesOfAnotherStream_AreWrong()
    {
        foreach (PositionStream other in new PositionStream[] { new(7, 3, false), new(7, 4, true), new(8, 3, true) })
        {
            byte[] bytes = new byte[Length];
            other.Fill(bytes, Position);
            Assert.Contains("expected is", Find(bytes, Position), StringComparison.Ordinal);
        }
    }

    private byte[] Bytes(long position, int length)
    {
        byte[] bytes = new byte[length];
        stream.Fill(bytes, position);
        return bytes;
    }

    private string Find(byte[] received, long position)
    {
        var plan = new TrialPlan { Seed = 1, Trial = 1, Workload = "x" };
        var trial = new WorkloadContext(plan, new WorkloadInfo("x", "x", []), new TrialSimulation(1, 1, new Trace(false)));
        Assert.Equal(stream.Check(trial, received, position), trial.Violations.Count == 0);
        return trial.Violations.Count == 0 ? string.Empty : trial.Violations[0].Detail;
    }
}
