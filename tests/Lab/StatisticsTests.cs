using RedLeafSharp.Lab.Statistics;
using Xunit;

namespace RedLeafSharp.Tests.Lab;

public sealed class StatisticsTests
{
    /// <summary>313 of 317 and 44 of 44 are the recoveries that the shadow drivers' paper reports; intervals computed by R's binom.confint.</summary>
    [Theory]
    [InlineData(313, 317, 0.968, 0.995)]
    [InlineData(44, 44, 0.920, 1.000)]
    [InlineData(0, 10, 0.000, 0.278)]
    [InlineData(5, 10, 0.237, 0.763)]
    public void Wilson_KnownCounts_GiveThePublishedInterval(long events, long trials, double low, double high)
    {
        Interval interval = new Proportion(events, trials).Wilson();

        Assert.Equal(low, interval.Low, 0.0006);
        Assert.Equal(high, interval.High, 0.0006);
    }

    [Theory]
    [InlineData(0, 3_000_000, 9.986e-7)]
    [InlineData(0, 100, 0.02951)]
    [InlineData(1, 100, 0.04656)]
    [InlineData(7, 7, 1)]
    public void UpperBound_FewEvents_IsTheExactOne(long events, long trials, double bound) =>
        Assert.Equal(bound, new Proportion(events, trials).UpperBound(), bound * 0.001);

    [Theory]
    [InlineData(5, 15, 0.04139)]
    [InlineData(10, 10, 1)]
    [InlineData(0, 0, 1)]
    [InlineData(0, 10, 0.001953)]
    public void McNemar_DifferingPairs_GiveTheExactPValue(long first, long second, double expected) =>
        Assert.Equal(expected, new PairedOutcomes(first, second).ExactPValue(), 0.00001);

    [Fact]
    public void Holm_UnorderedPValues_AreAdjustedInTheirOrder() =>
        Assert.Equal([0.03, 0.06, 0.06, 0.02], HolmCorrection.Adjust([0.01, 0.04, 0.03, 0.005]).Select(value => Math.Round(value, 12)));

    /// <summary>The table of every textbook: with 10 observations the second and the ninth bound the median at 95 %.</summary>
    [Fact]
    public void Quantile_MedianOfTen_LiesBetweenSecondAndNinth()
    {
        Quantile median = Quantile.Of([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.5);

        Assert.Equal(new Quantile(5, new Interval(2, 9)), median);
    }

    [Fact]
    public void Quantile_TooFewObservations_HasNoUpperBound() =>
        Assert.Equal(double.PositiveInfinity, Quantile.Of([1, 2, 3], 0.99).Bounds.High);

    /// <summary>Sites that always fail or never: an interval over trials would be seven times too narrow.</summary>
    [Fact]
    public void Bootstrap_TrialsOfASiteAgree_IntervalIsThatOfTheSites()
    {
        Proportion[] sites = [.. Enumerable.Range(0, 20).Select(site => new Proportion(site % 2 == 0 ? 50 : 0, 50))];

        Interval interval = ClusterBootstrap.RateInterval(sites, seed: 1);

        Assert.InRange(interval.Low, 0.25, 0.35);
        Assert.InRange(interval.High, 0.65, 0.75);
    }

    [Fact]
    public void Random_OtherStream_DoesNotMoveTheFirst()
    {
        var alone = new TrialRandom(1, 2, 3);
        var first = new TrialRandom(1, 2, 3);
        var other = new TrialRandom(1, 2, 4);
        for (int i = 0; i < 100; i++)
        {
            _ = other.Next();
            Assert.Equal(alone.Next(), first.Next());
        }
    }

    /// <summary>Chi-square with 9 degrees of freedom is below 27.9 with probability 0.999; the seed is fixed.</summary>
    [Fact]
    public void Random_BelowTen_IsUniform()
    {
        int[] counts = new int[10];
        for (ulong trial = 0; trial < 1_000; trial++)
        {
            var random = new TrialRandom(7, trial, 0);
            for (int i = 0; i < 10; i++)
            {
                counts[random.NextBelow(10)]++;
            }
        }

        Assert.True(counts.Sum(count => (count - 1000.0) * (count - 1000.0) / 1000) < 27.9, string.Join(' ', counts));
    }
}
