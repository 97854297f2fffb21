using System.Text;
using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel;
using Serilog.Core;

namespace RedLeafSharp.Bench.Recovery;

/// <summary>
/// How long the NVMe driver is away: from the noticed fault to the end of the next generation's start, with a warm standby
/// and without one, under a file system that keeps writing.
/// </summary>
internal static class RecoveryBench
{
    private const int WarmUps = 20;

    internal static int Run(string[] args)
    {
        int deaths = args.Length > 0 && int.TryParse(args[0], out int number) ? number : 300;
        Console.WriteLine($"recovery of the NVMe driver, {deaths} deaths each after {WarmUps} of warm-up, microseconds");
        Console.WriteLine($"{"standby",-10}{"p50",10}{"p90",10}{"p99",10}{"max",10}");
        Report("warm", Measure(standbyCount: 2, deaths), onlyWarm: true);
        Report("none", Measure(standbyCount: 0, deaths), onlyWarm: false);
        return 0;
    }

    private static RestartRecord[] Measure(int standbyCount, int deaths)
    {
        string yaml = $$$"""
            devices:
              - {name: disk0, model: nvme}
            domains:
              - {name: Nvme, device: disk0, restart: {restartsMax: 1000000, standby: {{{standbyCount}}} } }
              - {name: BlockShadow, shadows: Nvme}
              - {name: Ext4, use: {IBlockDevice: BlockShadow}}
              - {name: Personality, use: {IFileSystem: Ext4}}
            """;
        var options = new BootOptions
        {
            DomainsFolder = Path.Combine(AppContext.BaseDirectory, "domains"),
            MemoryDiskBytes = 64L << 20,
            CrashSites = true,
            Log = Logger.None,
        };
        using RedLeafSystem system = RedLeafSystem.Boot(SystemDescription.Parse("bench", yaml), options);
        CrashInjector crashes = system.Crashes("Nvme");
        var random = new Random(1);
        system.Run("bench", (context, calls) =>
        {
            int file = calls.Open(context, "/file"u8, OpenFlags.Create | OpenFlags.ReadWrite, 0x1a4).Value;
            byte[] data = Encoding.ASCII.GetBytes(new string('x', 64 * 1024));
            while (system.Restarts.Count < deaths + WarmUps)
            {
                crashes.ArmAfter(random.Next(200));
                Require(calls.WriteAt(context, file, 0, data));
                Require(calls.SyncDescriptor(context, file));

                // A standby takes tens of milliseconds to make on the other core; without this every second death finds none.
                Require(calls.Sleep(context, standbyCount > 0 ? 50_000 : 1_000));
            }

            crashes.Disarm();
            return 0;
        });
        system.Shutdown();
        return [.. system.Restarts.Skip(WarmUps)];
    }

    private static void Require<T>(Reply<T, Errno> reply)
        where T : unmanaged
    {
        if (!reply.IsOk)
        {
            throw new InvalidOperationException($"a call that must survive crashes answered {reply}");
        }
    }

    private static void Report(string name, RestartRecord[] records, bool onlyWarm)
    {
        double[] micros = [.. records.Where(record => !onlyWarm || record.WasWarm).Select(record => record.RecoveryMicros).Order()];
        double At(double quantile) => micros[Math.Min(micros.Length - 1, (int)(quantile * micros.Length))];
        Console.WriteLine($"{name,-10}{At(0.5),10:F1}{At(0.9),10:F1}{At(0.99),10:F1}{micros[^1],10:F1}   ({micros.Length} recoveries)");
    }
}
