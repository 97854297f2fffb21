using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Memory;

namespace RedLeafSharp.Bench.Safepoints;

/// <summary>
/// How long a kill takes: from the call of Kill until a thread that spins behind a catch-all is back in the kernel. With load:
/// as many busy threads beside it as the machine has cores.
/// </summary>
internal static class KillBench
{
    private const int DefaultKills = 300;

    internal static int Run(string[] arguments)
    {
        int kills = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : DefaultKills;
        using var heap = new ExchangeHeap(64L << 20);
        using var group = new ExecutorGroup(heap);
        Measure(group, kills, "idle", firstId: 1000);
        bool isOver = false;
        Thread[] load = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(Spin))];
        Array.ForEach(load, thread => thread.Start());
        Measure(group, kills, "under load", firstId: 1_000_000);
        Volatile.Write(ref isOver, true);
        Array.ForEach(load, thread => thread.Join());
        return 0;

        void Spin()
        {
            while (!Volatile.Read(ref isOver))
            {
            }
        }
    }

    private static void Measure(ExecutorGroup group, int kills, string title, uint firstId)
    {
        double[] micros = new double[kills];
        for (int i = 0; i < kills; i++)
        {
            micros[i] = KillOne(group, firstId + (uint)i);
        }

        Array.Sort(micros);
        Console.WriteLine($"{kills} kills, {title}: p50 {micros[kills / 2]:F0} us, p99 {micros[kills * 99 / 100]:F0} us, max {micros[^1]:F0} us");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static double KillOne(ExecutorGroup group, uint id)
    {
        Assembly assembly = BenchCode.LoadRewritten(out DomainLoadContext context);
        Action run = assembly.GetType("Spinner")!.GetMethod("Run")!.CreateDelegate<Action>();
        FieldInfo inside = assembly.GetType("Spinner")!.GetField("Inside")!;
        var gate = new DomainGate(id, "spinner", homeExecutorId: 0, isReentrant: false) { PollWord = context.PollWord };
        group.Register(gate);
        long end = 0;
        KernelThread thread = group.Executors[0].Start("spinner", id, _ =>
        {
            try
            {
                run();
            }
            finally
            {
                end = Stopwatch.GetTimestamp();
            }
        });
        while (!(bool)inside.GetValue(null)!)
        {
            Thread.Yield();
        }

        long start = Stopwatch.GetTimestamp();
        group.Kill(gate);
        thread.Join();
        group.Forget(gate);
        context.Unload();
        return Stopwatch.GetElapsedTime(start, end).TotalMicroseconds;
    }
}
