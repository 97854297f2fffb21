using RedLeafSharp.Bench.Network;
using RedLeafSharp.Bench.Nvme;

namespace RedLeafSharp.Bench.Injector;

/// <summary>
/// What the injector costs that injects nothing: each driver's loop on an image without fault sites, which is what every system without
/// <c>CrashSites</c> has, and on one with them, disarmed. A third row measures the first image a second time: what is between those two is noise.
/// </summary>
internal static class InjectorBench
{
    private const int Rounds = 40;
    private const int WarmUpRounds = 40;
    private const int Depth = 32;
    private const int Operations = 12_800;

    internal static int Run(string[] arguments)
    {
        Console.WriteLine($"{"ns an operation",-30} {"best",8} {"median",8} {"of best",8} {"of median",10}");
        using (NvmeStack none = Disk(false), again = Disk(false), sites = Disk(true))
        {
            Measure("NVMe driver, QD32", [.. new[] { none, again, sites }.Select(stack => (Func<double>)(() => stack.MeasureDriver(Depth, Operations)))]);
        }

        using (ForwardStack none = new(NetPath.Direct), again = new(NetPath.Direct), sites = new(NetPath.Direct, hasFaultSites: true))
        {
            Measure("E1000e driver, batch 32", [.. new[] { none, again, sites }.Select(stack => (Func<double>)(() => stack.MeasureDriver(Depth, Operations)))]);
        }

        return 0;
    }

    private static NvmeStack Disk(bool hasFaultSites) => new(NvmePath.Direct, copies: false, isStepped: true, hasFaultSites: hasFaultSites);

    /// <summary>All take turns, so that whatever else the machine does hits them alike.</summary>
    private static void Measure(string name, Func<double>[] ways)
    {
        for (int round = 0; round < WarmUpRounds; round++)
        {
            Array.ForEach(ways, way => way());
            if (round % 10 == 9)
            {
                Thread.Sleep(150);
            }
        }

        double[][] samples = [.. ways.Select(_ => new double[Rounds])];
        for (int round = 0; round < Rounds; round++)
        {
            for (int way = 0; way < ways.Length; way++)
            {
                samples[way][round] = ways[way]();
            }
        }

        Array.ForEach(samples, Array.Sort);
        string[] rows = ["no injector", "no injector, again", "disarmed"];
        for (int way = 0; way < ways.Length; way++)
        {
            double best = samples[way][0];
            double median = samples[way][Rounds / 2];
            Console.WriteLine($"{(way == 0 ? name + ": " : "  ") + rows[way],-30} {best,8:F1} {median,8:F1} "
                + $"{best / samples[0][0],8:F3} {median / samples[0][Rounds / 2],10:F3}");
        }
    }
}
