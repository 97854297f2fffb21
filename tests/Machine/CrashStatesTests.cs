using RedLeafSharp.Machine.Media;
using Xunit;

namespace RedLeafSharp.Tests.Machine;

public sealed class CrashStatesTests
{
    private readonly MediumTrace trace = new();

    [Fact]
    public void VolatileWrites_ThatAreFew_GiveEverySubset()
    {
        Write(0, 1);
        Write(1, 2);
        Write(0, 3);

        Assert.Equal(["00", "02", "10", "12", "30", "32"], States(3).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Flush_MakesAllBeforeItDurable()
    {
        Write(0, 1);
        trace.Flush();
        Write(1, 2);

        Assert.Equal(["10", "12"], States(3).Order());
    }

    [Fact]
    public void ForcedWrite_IsDurableAndOthersAreNot()
    {
        Write(0, 1);
        Write(1, 2);
        trace.Persist(512, 512);

        Assert.Equal(["02", "12"], States(3).Order());
    }

    [Fact]
    public void ForcedPart_OfALargerWrite_LeavesTheRestVolatile()
    {
        trace.Write(0, Enumerable.Repeat((byte)7, 1024).ToArray());
        trace.Persist(512, 512);

        Assert.Equal(["07", "77"], States(2).Order());
    }

    [Fact]
    public void TornWrite_KeepsWholeSectors()
    {
        trace.Write(0, Enumerable.Repeat((byte)7, 1024).ToArray());

        string[] states = [.. States(1, countMax: 60)];

        Assert.Contains("70", states);
        Assert.Contains("07", states);
        Assert.All(states, state => Assert.Contains(state, new[] { "00", "07", "70", "77" }));
    }

    [Fact]
    public void Barriers_AreTheMomentsWithTheMostAtRisk()
    {
        Write(0, 1);
        trace.Flush();
        Write(1, 2);
        trace.Persist(512, 512);

        Assert.Equal([1, 3, 4], CrashStates.Barriers(trace.Events));
    }

    [Fact]
    public void RecordingMedium_WritesThroughAndRemembers()
    {
        using var medium = new RecordingMedium(new MemoryMedium(4096), trace);
        medium.Write(512, new byte[] { 1, 2 });
        medium.Zero(0, 512);
        medium.Persist(512, 2);
        medium.Flush();
        byte[] back = new byte[2];
        medium.Read(512, back);

        Assert.Equal([1, 2], back);
        Assert.Equal(
            [MediumAccess.Write, MediumAccess.Zero, MediumAccess.Persist, MediumAccess.Flush],
            trace.Events.Select(one => one.Access));
    }

    private void Write(int sector, byte value) => trace.Write(sector * 512, Enumerable.Repeat(value, 512).ToArray());

    /// <summary>First byte of each of two sectors.</summary>
    private IEnumerable<string> States(int position, int countMax = 8)
    {
        var states = new CrashStates(new byte[1024], trace.Events);
        states.MoveTo(position);
        foreach (CrashState state in states.Take(countMax, new Random(1)))
        {
            Assert.All(new[] { 0, 512 }, start => Assert.Single(state.Medium[start..(start + 512)].Distinct()));
            yield return $"{state.Medium[0]}{state.Medium[512]}";
        }
    }
}
