using System.Diagnostics;
using System.Reflection;
using RedLeafSharp.Bench.Network;
using RedLeafSharp.Bench.Nvme;
using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Memory;
using RedLeafSharp.Rewriting;

namespace RedLeafSharp.Bench.Safepoints;

/// <summary>
/// What safepoints cost: each shape of code with and without them, both in collectible contexts on a kernel thread, turn by
/// turn; the two drivers; and what the rewriting costs a restart.
/// </summary>
internal static class SafepointBench
{
    private const int Rounds = 40;
    private const int Iterations = 200_000;

    internal static int Run(string[] arguments)
    {
        using var heap = new ExchangeHeap(64L << 20);
        using var group = new ExecutorGroup(heap);
        KernelThread thread = group.Executors[0].Start("bench", DomainId.Kernel.Value, _ => MeasurePatterns());
        thread.Join();
        if (thread.FailureTypeName is { } failure)
        {
            throw new InvalidOperationException(failure);
        }

        MeasureDisk();
        MeasureForwarding();
        MeasureRestart();
        return 0;
    }

    private static void MeasurePatterns()
    {
        Assembly original = BenchCode.LoadOriginal();
        Assembly rewritten = BenchCode.LoadRewritten(out DomainLoadContext context);
        Console.WriteLine($"{"per iteration",-12} {"without ns",11} {"with ns",9} {"ratio of best",14} {"of medians",11}");
        foreach (string pattern in BenchCode.Patterns)
        {
            Func<int, long>[] ways = [Bind(original, pattern), Bind(rewritten, pattern)];
            double[][] nanos = TakeTurns(Rounds, [.. ways.Select(way => (Func<double>)(() => Time(way)))]);
            PrintRow(pattern, nanos);
        }

        GC.KeepAlive(context);
    }

    private static void MeasureDisk()
    {
        using var without = new NvmeStack(NvmePath.Direct, copies: false, isStepped: true, hasSafepoints: false);
        using var with = new NvmeStack(NvmePath.Direct, copies: false, isStepped: true);
        foreach (int depth in new[] { 32, 128 })
        {
            const int Requests = 12_800;
            PrintRow($"driver QD{depth}", TakeTurns(Rounds, [() => without.MeasureDriver(depth, Requests), () => with.MeasureDriver(depth, Requests)]));
        }
    }

    private static void MeasureForwarding()
    {
        const int Batch = 32;
        const int Frames = 12_800;
        foreach (NetPath path in new[] { NetPath.Direct, NetPath.Shadow })
        {
            using var without = new ForwardStack(path, hasSafepoints: false);
            using var with = new ForwardStack(path);
            PrintRow($"forward {path}", TakeTurns(Rounds, [() => without.MeasureDriver(Batch, Frames), () => with.MeasureDriver(Batch, Frames)]));
        }
    }

    /// <summary>A cold restart loads the image as it was rewritten at boot; without the cache it would rewrite it.</summary>
    private static void MeasureRestart()
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "domains", "Nvme");
        string file = Directory.GetFiles(folder, "RedLeafSharp.*.dll").Single();
        byte[] assembly = File.ReadAllBytes(file);
        byte[] symbols = File.ReadAllBytes(Path.ChangeExtension(file, ".pdb"));
        RewrittenImage image = ImageRewriter.Rewrite(assembly, symbols, file, RewritePasses.Safepoints);
        double[][] micros = TakeTurns(
            Rounds,
            [
                () => Micros(() => ImageRewriter.RewriteNew(assembly, symbols, file, RewritePasses.Safepoints)),
                () => Micros(() => ImageRewriter.Rewrite(assembly, symbols, file, RewritePasses.Safepoints)),
                () => Micros(() => image.Instantiate(new DomainLoadContext("code").PollWord, StackBudget.LimitOf(1))),
            ]);
        Console.WriteLine($"\nNVMe driver, {assembly.Length} bytes and {symbols.Length} of symbols; best (median) us");
        Console.WriteLine($"rewriting {micros[0][0]:F0} ({micros[0][Rounds / 2]:F0}), finding it by its hash {micros[1][0]:F0} "
            + $"({micros[1][Rounds / 2]:F0}), patching a copy {micros[2][0]:F1} ({micros[2][Rounds / 2]:F1})");
    }

    private static double Micros(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
    }

    private static double Time(Func<int, long> way)
    {
        long start = Stopwatch.GetTimestamp();
        way(Iterations);
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / Iterations;
    }

    private static Func<int, long> Bind(Assembly assembly, string method) =>
        assembly.GetType("Code")!.GetMethod(method)!.CreateDelegate<Func<int, long>>();

    /// <returns>For each row its rounds, sorted.</returns>
    private static double[][] TakeTurns(int rounds, Func<double>[] rows)
    {
        var samples = rows.Select(_ => new double[rounds]).ToArray();
        for (int warmUp = 0; warmUp < 3; warmUp++)
        {
            Array.ForEach(rows, row => row());
        }

        for (int round = 0; round < rounds; round++)
        {
            for (int row = 0; row < rows.Length; row++)
            {
                samples[row][round] = rows[row]();
            }
        }

        Array.ForEach(samples, Array.Sort);
        return samples;
    }

    private static void PrintRow(string name, double[][] sorted) => Console.WriteLine(
        $"{name,-12} {sorted[0][0],11:F2} {sorted[1][0],9:F2} {sorted[1][0] / sorted[0][0],14:F2} "
        + $"{sorted[1][sorted[1].Length / 2] / sorted[0][sorted[0].Length / 2],11:F2}");
}
