using System.Globalization;
using System.Text;
using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel;
using Serilog.Core;

namespace RedLeafSharp.Bench.Recovery;

/// <summary>
/// How long the NVMe driver is away with a standby and without one, and with and without what is kept of its image: four systems in
/// one process, whose drivers crash turn by turn at random points of their code, under a file that is written and synchronised.
/// </summary>
internal static class RestartBench
{
    private const int DefaultDeaths = 200;
    private const int WarmUps = 5;

    internal static int Run(string[] arguments)
    {
        int deaths = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : DefaultDeaths;
        Variant[] variants =
        [
            new("warm, image kept", standbyCount: 2, keepsImages: true),
            new("warm, made anew", standbyCount: 2, keepsImages: false),
            new("cold, image kept", standbyCount: 0, keepsImages: true),
            new("cold, made anew", standbyCount: 0, keepsImages: false),
        ];
        for (int death = 0; death < deaths + WarmUps; death++)
        {
            Array.ForEach(variants, variant => variant.CrashOnce());
        }

        Console.WriteLine($"restart of the NVMe driver, {deaths} deaths each after {WarmUps} of warm-up, turn by turn, microseconds");
        Console.WriteLine($"{"restart",-20}{"p50",12}{"p99",12}{"max",12}{"of p50",10}{"counted",10}");
        double reference = variants[0].Quantile(WarmUps, 0.5);
        foreach (Variant variant in variants)
        {
            double p50 = variant.Quantile(WarmUps, 0.5);
            Console.WriteLine($"{variant.Name,-20}{p50,12:F1}{variant.Quantile(WarmUps, 0.99),12:F1}{variant.Quantile(WarmUps, 1),12:F1}"
                + $"{p50 / reference,10:F1}{variant.Counted(WarmUps),10}");
            variant.Dispose();
        }

        return 0;
    }

    /// <summary>One system, and what its restarts took.</summary>
    private sealed class Variant : IDisposable
    {
        private readonly byte[] data = Encoding.ASCII.GetBytes(new string('x', 64 * 1024));
        private readonly Random random = new(1);
        private readonly RedLeafSystem system;
        private readonly CrashInjector crashes;
        private readonly int standbyCount;

        internal Variant(string name, int standbyCount, bool keepsImages)
        {
            Name = name;
            this.standbyCount = standbyCount;
            string yaml = $$$"""
                devices:
                  - {name: disk0, model: nvme}
                domains:
                  - {name: Nvme, device: disk0, restart: {restartsMax: 1000000, standby: {{{standbyCount}}} } }
                  - {name: BlockShadow, shadows: Nvme}
                  - {name: Ext4, use: {IBlockDevice: BlockShadow}}
                  - {name: Personality, use: {IFileSystem: Ext4}}
                """;
            system = RedLeafSystem.Boot(SystemDescription.Parse("bench", yaml), new BootOptions
            {
                DomainsFolder = Path.Combine(AppContext.BaseDirectory, "domains"),
                MemoryDiskBytes = 32L << 20,
                CrashSites = true,
                KeepsImages = keepsImages,
                Log = Logger.None,
            });
            crashes = system.Crashes("Nvme");
        }

        internal string Name { get; }

        internal void CrashOnce()
        {
            system.Run("bench", CrashOnce);

            // The next system has its turn when no standby is being made any more.
            while (system.StandbyCountOf("Nvme") < standbyCount)
            {
                Thread.Sleep(1);
            }
        }

        private int CrashOnce(CallContext context, ISystem calls)
        {
            int file = calls.Open(context, "/file"u8, OpenFlags.Create | OpenFlags.ReadWrite, 0x1a4).Value;
            int before = system.Restarts.Count;
            crashes.ArmAfter(random.Next(200));
            while (system.Restarts.Count == before)
            {
                Require(calls.WriteAt(context, file, 0, data));
                Require(calls.SyncDescriptor(context, file));
            }

            crashes.Disarm();
            Require(calls.Close(context, file));
            return 0;
        }

        /// <summary>A warm row counts those only that found a standby.</summary>
        internal int Counted(int warmUps) => Micros(warmUps).Length;

        internal double Quantile(int warmUps, double quantile)
        {
            double[] micros = Micros(warmUps);
            return micros[Math.Min(micros.Length - 1, (int)(quantile * micros.Length))];
        }

        public void Dispose()
        {
            system.Shutdown();
            system.Dispose();
        }

        private double[] Micros(int warmUps) =>
            [.. system.Restarts.Skip(warmUps).Where(record => record.WasWarm == standbyCount > 0).Select(record => record.RecoveryMicros).Order()];

        private static void Require<T>(Reply<T, Errno> reply)
            where T : unmanaged
        {
            if (!reply.IsOk)
            {
                throw new InvalidOperationException($"a call that must survive crashes answered {reply}");
            }
        }
    }
}
