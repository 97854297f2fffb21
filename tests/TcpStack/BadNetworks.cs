using System.Globalization;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>Transfers over every combination of loss, delay, reordering, duplication and corruption, each from a seed, in virtual time.</summary>
internal static class BadNetworks
{
    /// <summary>Payload of a segment with timestamps (RFC 7323) at an MTU of 1,500.</summary>
    private const int SegmentBytes = 1_448;

    /// <summary>Constants of CUBIC (RFC 9438 section 4.6, 5).</summary>
    private const double CubicC = 0.4;
    private const double CubicBeta = 0.7;

    private static readonly double[] Losses = [0, 0.01, 0.03, 0.1, 0.2, 0.3];
    private static readonly int[] Delays = [1_000, 10_000, 200_000];
    private static readonly double[] Reorderings = [0, 0.1];
    private static readonly double[] Duplications = [0, 0.05];
    private static readonly double[] Corruptions = [0, 0.01];

    /// <summary>All combinations.</summary>
    internal static IEnumerable<LinkFaults> All =>
        from loss in Losses
        from delay in Delays
        from reordering in Reorderings
        from duplication in Duplications
        from corruption in Corruptions
        select new LinkFaults(loss, duplication, reordering, corruption, delay);

    /// <summary>Prints a line for each: what came through in each direction, and what theory has for such a loss.</summary>
    internal static void RunAll(int lengthBytes, int seed, TextWriter output)
    {
        output.WriteLine("loss  delay ms  reordered  twice  wrong |   Mbit/s   Mathis    CUBIC");
        foreach (LinkFaults faults in All)
        {
            TimeSpan elapsed = Run(faults, lengthBytes, seed);
            double loss = 1 - ((1 - faults.Loss) * (1 - faults.Corruption));
            double roundTrip = 2 * faults.DelayMicros / 1e6;
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{faults.Loss,4:P0} {faults.DelayMicros / 1000,9} {faults.Reordering,10:P0} {faults.Duplication,6:P0} {faults.Corruption,6:P0} "
                + $"| {lengthBytes * 8 / 1e6 / elapsed.TotalSeconds,8:F2} {Mathis(loss, roundTrip),8:F2} {Cubic(loss, roundTrip),8:F2}"));
        }
    }

    /// <summary>Transfers both ways, compares every byte and counts every buffer.</summary>
    internal static TimeSpan Run(LinkFaults faults, int lengthBytes, int seed)
    {
        using var network = new SimulatedNetwork(faults, seed);
        TimeSpan elapsed = Transfer.Run(network, lengthBytes, seed, stepsMax: 4_000_000);
        network.Left.AssertNoLeak();
        network.Right.AssertNoLeak();
        return elapsed;
    }

    /// <summary>Mathis, Semke, Mahdavi and Ott (1997), equation 3, with an acknowledgment for every other segment.</summary>
    private static double Mathis(double loss, double roundTrip) =>
        SegmentBytes * 8 / 1e6 / roundTrip * Math.Sqrt(3.0 / 4) / Math.Sqrt(loss);

    /// <summary>RFC 9438 section 5.1, figure 5: the average window over the round trip.</summary>
    private static double Cubic(double loss, double roundTrip) =>
        SegmentBytes * 8 / 1e6 / roundTrip
        * Math.Pow(CubicC * (3 + CubicBeta) / (4 * (1 - CubicBeta)), 0.25) * Math.Pow(roundTrip, 0.75) / Math.Pow(loss, 0.75);
}
