using RedLeafSharp.Cli.Demo;
using RedLeafSharp.Cli.Reports;
using RedLeafSharp.Lab.Reports;
using Xunit;

namespace RedLeafSharp.Tests.Cli;

public sealed class FigureTests
{
    [Theory]
    [InlineData(50, 50)]
    [InlineData(99, 99)]
    [InlineData(99.5, 100)]
    [InlineData(100, 100)]
    [InlineData(0, 1)]
    public void Percentile_OfOneToHundred_IsNearestRank(double percent, double expected) =>
        Assert.Equal(expected, new Distribution(Enumerable.Range(1, 100).Reverse().Select(n => (double)n)).Percentile(percent));

    [Fact]
    public void Percentile_OfNothing_IsZero() => Assert.Equal(0, new Distribution([]).Percentile(99));

    [Fact]
    public void Sparkline_RisingSamples_RiseToAFullBlock() =>
        Assert.Equal("▁▃▅▇█", Sparkline.Bars(Samples(0, 25, 50, 75, 100), 80, 100));

    [Fact]
    public void Sparkline_MoreSamplesThanColumns_AreAveraged() =>
        Assert.Equal("▁█", Sparkline.Bars(Samples(0, 0, 100, 100), 2, 100));

    [Fact]
    public void Sparkline_WithoutSamples_IsEmpty() => Assert.Empty(Sparkline.Bars([], 80, 0));

    [Fact]
    public void Marks_Crash_StandsOverItsSample() =>
        Assert.Equal("  ▼ ", Sparkline.Marks(Samples(1, 1, 1, 1), 80, [TimeSpan.FromSeconds(2.5)]));

    [Fact]
    public void Marks_CrashAfterTheLastSample_IsLeftOut() =>
        Assert.Equal("  ", Sparkline.Marks(Samples(1, 1), 80, [TimeSpan.FromSeconds(9)]));

    [Fact]
    public void Ticks_OfARange_AreRound() => Assert.Equal([0.0, 20, 40, 60, 80], new Axis(0, 93, 0, 1).Ticks);

    [Fact]
    public void Ticks_OfAnEmptyRange_AreNone() => Assert.Empty(new Axis(5, 5, 0, 1).Ticks);

    private static ThroughputSample[] Samples(params double[] values) =>
        [.. values.Select((value, index) => new ThroughputSample(TimeSpan.FromSeconds(index + 1), value))];
}
