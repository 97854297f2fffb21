using RedLeafSharp.Bench.Network;
using RedLeafSharp.Bench.Nvme;

namespace RedLeafSharp.Bench.Injector;

/// <summary>
/// What the injector costs that injects nothing: each driver's loop on an image without fault sites, which is what every system without
/// <c>CrashSites</c> has, and on one with them, disarmed. A second row of images without sites says what is noise: each image is
/// loaded several times, for its code and its memory lie elsewhere each time, and that makes a percent.
/// </summary>
internal static class InjectorBench
{
    private const int Copies = 4;
    private const int Rounds = 200;
    private const int WarmUpRounds = 40;
    private const int Depth = 32;
    private const int Operations = 1_600;

    private static readonly string[] Rows = ["no injector", "no injector, again", "disarmed"];

    internal static int Run(string[] arguments)
    {
        Console.WriteLine($"{"ns an operation",-42} {"best",8} {"ratio",8} {"median ratio, middle half",26}");
        Measure("NVMe driver, QD32", Disk);
        Measure("E1000e driver, batch 32", Wire);
        return 0;
    }

    private static (IDisposable, Func<double>) Disk(bool hasFaultSites)
    {
        var stack = new NvmeStack(NvmePath.Direct, copies: false, isStepped: true, hasFaultSites: hasFaultSites);
        return (stack, () => stack.MeasureDriver(Depth, Operations));
    }

    private static (IDisposable, Func<double>) Wire(bool hasFaultSites)
    {
        var stack = new ForwardStack(NetPath.Direct, hasFaultSites: hasFaultSites);
        return (stack, () => stack.MeasureDriver(Depth, Operations));
    }

    /// <summary>All take turns, in an order that changes, so that whatever else the machine does hits them alike.</summary>
    private static void Measure(string name, Func<bool, (IDisposable Stack, Func<double> Loop)> make)
    {
        (IDisposable Stack, Func<double> Loop)[] stacks = [.. Enumerable.Range(0, Copies * Rows.Length).Select(number => make(number % Rows.Length == 2))];
        for (int round = 0; round < WarmUpRounds; round++)
        {
            Array.ForEach(stacks, stack => stack.Loop());
            if (round % 10 == 9)
            {
                Thread.Sleep(150);
            }
        }

        var samples = new double[Rounds, stacks.Length];
        for (int round = 0; round < Rounds; round++)
        {
            for (int turn = 0; turn < stacks.Length; turn++)
            {
                int stack = (turn + round) % stacks.Length;
                samples[round, stack] = stacks[stack].Loop();
            }
        }

        Array.ForEach(stacks, stack => stack.Stack.Dispose());
        Print(name, samples);
    }

    private static void Print(string name, double[,] samples)
    {
        double none = Best(samples, 0);
        for (int row = 0; row < Rows.Length; row++)
        {
            double[] ratios = [.. Enumerable.Range(0, Rounds).Select(round => InRound(samples, round, row) / InRound(samples, round, 0)).Order()];
            double best = Best(samples, row);
            Console.WriteLine($"{(row == 0 ? name + ": " : "  ") + Rows[row],-42} {best,8:F2} {best / none,8:F3} "
                + $"{ratios[Rounds / 2],8:F3} {ratios[Rounds / 4],8:F3} {ratios[Rounds * 3 / 4],7:F3}");
        }
    }

    /// <summary>The best round of each image of a row, their mean: what others on the machine did is in none of them.</summary>
    private static double Best(double[,] samples, int row) => Copy(row).Average(stack => Enumerable.Range(0, Rounds).Min(round => samples[round, stack]));

    private static double InRound(double[,] samples, int round, int row) => Copy(row).Average(stack => samples[round, stack]);

    private static IEnumerable<int> Copy(int row) => Enumerable.Range(0, Copies).Select(copy => (copy * Rows.Length) + row);
}
