namespace RedLeafSharp.Lab.Statistics;

/// <summary>
/// The bootstrap over clusters: mutants of one site behave alike, so sites are drawn, not trials. An interval over trials would
/// be too narrow by as much as the trials of a site repeat each other.
/// </summary>
internal static class ClusterBootstrap
{
    /// <summary>The percentile interval of the pooled rate.</summary>
    /// <param name="clusters">Events and trials of each cluster; at least one, and a trial in one of them.</param>
    /// <param name="seed">Of the draws.</param>
    /// <param name="confidence">Between 0 and 1.</param>
    /// <param name="draws">Samples of as many clusters as there are, with replacement.</param>
    internal static Interval RateInterval(
        IReadOnlyList<Proportion> clusters, ulong seed, double confidence = 0.95, int draws = 10_000)
    {
        ArgumentOutOfRangeException.ThrowIfZero(clusters.Count);
        ArgumentOutOfRangeException.ThrowIfZero(clusters.Sum(cluster => cluster.Trials));
        double[] rates = new double[draws];
        for (int draw = 0; draw < draws; draw++)
        {
            rates[draw] = Draw(clusters, new TrialRandom(seed, (ulong)draw, 0));
        }

        Array.Sort(rates);
        double tail = (1 - confidence) / 2;
        return new Interval(rates[(int)(tail * (draws - 1))], rates[(int)Math.Ceiling((1 - tail) * (draws - 1))]);
    }

    private static double Draw(IReadOnlyList<Proportion> clusters, TrialRandom random)
    {
        long events = 0;
        long trials = 0;

        // A sample of clusters without trials has no rate: such clusters may be, samples of nothing else are drawn again.
        while (trials == 0)
        {
            for (int i = 0; i < clusters.Count; i++)
            {
                Proportion cluster = clusters[(int)random.NextBelow((ulong)clusters.Count)];
                events += cluster.Events;
                trials += cluster.Trials;
            }
        }

        return (double)events / trials;
    }
}
