using System.Globalization;

namespace RedLeafSharp.Bench.Crossings;

/// <summary>
/// How nanoseconds become cycles of the time-stamp counter, the unit of the literature. .NET has no instruction to read the
/// counter, so its frequency comes from the C peer, which reads it, or else from /proc/cpuinfo.
/// </summary>
/// <param name="Gigahertz">Ticks per nanosecond; 0 when it is not known.</param>
/// <param name="Origin">Where the number comes from.</param>
internal sealed record TimeStampCounter(double Gigahertz, string Origin)
{
    internal static TimeStampCounter Find(PointerCallPeer? peer)
    {
        if (peer is not null)
        {
            return new(peer.TscGigahertz, "rdtsc against CLOCK_MONOTONIC over 100 ms, in the C peer");
        }

        // On x86, BogoMIPS is twice the frequency that the kernel has calibrated for the counter.
        string? line = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("bogomips", StringComparison.Ordinal))
            : null;
        return line is not null && double.TryParse(line.Split(':')[1], CultureInfo.InvariantCulture, out double bogoMips)
            ? new(bogoMips / 2000, "bogomips of /proc/cpuinfo")
            : new(0, "unknown: no gcc and no bogomips in /proc/cpuinfo");
    }
}
