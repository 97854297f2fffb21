using System.Diagnostics;
using RedLeafSharp.Kernel;
using RedLeafSharp.Tests.Support;

namespace RedLeafSharp.Tests.Hostile;

/// <summary>What many kills in one system came to.</summary>
/// <param name="Kills">Processes and drivers that were killed.</param>
/// <param name="Missed">Of them those that did not end.</param>
/// <param name="Collected">Dead generations whose code has been collected and whose exchange heap is empty.</param>
/// <param name="Held">Dead generations of which something is left.</param>
/// <param name="Micros">From each kill of a process to its end, ascending.</param>
/// <param name="BytesAtStart">Memory of the process after the first hundred kills.</param>
/// <param name="BytesAtEnd">Memory of the process after the last.</param>
internal sealed record KillReport(
    int Kills, int Missed, long Collected, long Held, double[] Micros, long BytesAtStart, long BytesAtEnd)
{
    internal double MicrosAt(double quantile) => Micros.Length == 0 ? 0 : Micros[Math.Min(Micros.Length - 1,
        (int)(quantile * Micros.Length))];

    public override string ToString() =>
        $"{Kills} kills, {Missed} missed; {Collected} collected, {Held} held; "
        + $"kill to end p50 {MicrosAt(0.5):F0} us, p99 {MicrosAt(0.99):F0} us, max {MicrosAt(1):F0} us; "
        + $"memory {BytesAtStart >> 20} MiB after the first hundred, {BytesAtEnd >> 20} MiB at the end";
}

/// <summary>Kills endless programs and the disk's driver, at random, beside honest work.</summary>
internal sealed class KillRun
{
    private const string Driver = "Nvme";

    /// <summary>One kill in so many is the driver's: its shadow hides it from the programs.</summary>
    private const int DriverEvery = 8;

    /// <summary>Kills before memory is looked at for the first time: caches and heaps have grown by then.</summary>
    private const int WarmUp = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HostileSystem system;
    private readonly string[] programs;
    private readonly List<double> micros = [];
    private readonly Random random;

    /// <param name="system">Where they run.</param>
    /// <param name="attacks">Endless attacks.</param>
    /// <param name="folder">An empty folder for their images.</param>
    /// <param name="seed">Decides the order.</param>
    internal KillRun(HostileSystem system, IEnumerable<Attack> attacks, string folder, int seed)
    {
        this.system = system;
        random = new Random(seed);
        programs = [.. attacks.Select((attack, index) => Install(attack, folder, $"endless{index}"))];
    }

    internal KillReport Execute(int count, TextWriter? progress = null)
    {
        int missed = 0;
        int drivers = 0;
        ReclaimTotals before = system.System.ReclaimTotals;
        long bytesAtStart = 0;
        for (int done = 0; done < count; done++)
        {
            if (done == Math.Min(WarmUp, count - 1))
            {
                bytesAtStart = Settle();
            }

            if (random.Next(DriverEvery) == 0)
            {
                system.System.Kill(Driver);
                drivers++;
            }
            else
            {
                missed += KillOne(programs[random.Next(programs.Length)]) ? 0 : 1;
            }

            if (done % 1000 == 999)
            {
                long bytes = Settle();
                progress?.WriteLine($"{done + 1} kills, {drivers} of the driver, {missed} missed; "
                    + $"{system.System.ReclaimTotals}; {bytes >> 20} MiB, "
                    + $"of which {GC.GetTotalMemory(forceFullCollection: false) >> 10} KiB managed");
            }
        }

        long bytesAtEnd = Settle();
        ReclaimTotals after = system.System.ReclaimTotals;
        micros.Sort();
        return new KillReport(
            count, missed, after.Reclaimed - before.Reclaimed, after.Held, [.. micros], bytesAtStart, bytesAtEnd);
    }

    /// <summary>Starts a program, waits until it is inside, kills it, and waits for its end.</summary>
    private bool KillOne(string program)
    {
        system.Inside.Reset();
        var work = new BackgroundWork(program, () => system.Start(program));
        while (!system.Inside.Wait(1) && work.IsAlive)
        {
        }

        long start = Stopwatch.GetTimestamp();
        system.System.KillProcesses(program);
        bool hasEnded = work.Join(Patience);
        micros.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        return hasEnded;
    }

    private long Settle()
    {
        system.System.WaitForReclaims(Patience);
        GC.Collect();
        return Environment.WorkingSet;
    }

    private string Install(Attack attack, string folder, string program)
    {
        string home = Path.Combine(folder, program);
        Directory.CreateDirectory(home);
        File.WriteAllText(Path.Combine(home, "domain.yaml"), $"name: {program}\nprograms: {{{program}: {attack.Entry}}}\n");
        File.WriteAllBytes(Path.Combine(home, "Attack.dll"), attack.Build());
        system.System.AddPrograms(home);
        return program;
    }
}
