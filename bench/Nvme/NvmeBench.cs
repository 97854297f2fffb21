using RedLeafSharp.Bench.Harness;
using RedLeafSharp.Machine.Nvme;

namespace RedLeafSharp.Bench.Nvme;

/// <summary>
/// 4 KiB random reads through the NVMe driver on the simulated controller, beside a C program that does the same with the
/// least possible device. All rows take turns, slice by slice, so that whatever else the machine does hits them alike.
/// </summary>
internal static class NvmeBench
{
    private const int Slices = 12;
    private const int RequestsPerSlice = 12_800;
    private const int WarmUpSlices = 40;

    private static readonly int[] Depths = [1, 32, 128];

    internal static int Run(string[] arguments)
    {
        using PeerProcess? peer = PeerProcess.Start("nvme_peer.c");
        Console.WriteLine("4 KiB random reads from 1 MiB; domains in collectible contexts, device model in the same thread");
        Console.WriteLine("'by reference': the device moves no data; 'copying': it copies 4 KiB. Best and median of "
            + $"{Slices} slices of {RequestsPerSlice} requests.");
        foreach (bool copies in new[] { false, true })
        {
            RunMedium(peer, copies);
        }

        RunDriverAlone(peer);
        return 0;
    }

    private static void RunMedium(PeerProcess? peer, bool copies)
    {
        NvmePath[] paths = Enum.GetValues<NvmePath>();
        NvmeStack[] stacks = [.. paths.Select(path => new NvmeStack(path, copies))];
        Console.WriteLine();
        Console.WriteLine($"{(copies ? "copying" : "by reference"),-24} {"QD",4} {"best ns",8} {"median ns",10} "
            + $"{"M IOPS",7} {"x C",6} {"B/op",6} {"MMIO/op",8}");
        WarmUp(stack => stack.Measure(32, RequestsPerSlice), stacks);
        foreach (int depth in Depths)
        {
            double[][] samples = TakeTurns(
                [
                    .. stacks.Select(stack => (Func<double>)(() => stack.Measure(depth, RequestsPerSlice))),
                    () => peer?.Measure(depth, copies ? 1 : 0, RequestsPerSlice).Total ?? double.NaN,
                ]);
            double reference = samples[^1][0];
            for (int index = 0; index < stacks.Length; index++)
            {
                PrintRow(paths[index].ToString(), depth, samples[index], reference,
                    stacks[index].MeasureAllocations(depth, RequestsPerSlice), CountAccesses(paths[index], depth));
            }

            PrintRow("C peer", depth, samples[^1], reference, 0, 2.0 / depth);
        }

        Array.ForEach(stacks, stack => stack.Dispose());
    }

    private static void RunDriverAlone(PeerProcess? peer)
    {
        using var stack = new NvmeStack(NvmePath.Direct, copies: false, isStepped: true);
        Console.WriteLine();
        Console.WriteLine("the driver alone, without the device (clock reads subtracted)");
        WarmUp(one => one.MeasureDriver(32, RequestsPerSlice), [stack]);
        foreach (int depth in Depths.Where(depth => depth > 1))
        {
            double[][] samples = TakeTurns(
                [
                    () => stack.MeasureDriver(depth, RequestsPerSlice),
                    () => peer?.Measure(depth, 0, RequestsPerSlice).Driver ?? double.NaN,
                ]);
            PrintRow("driver", depth, samples[0], samples[1][0], 0, 2.0 / depth);
            PrintRow("C peer", depth, samples[1], samples[1][0], 0, 2.0 / depth);
        }
    }

    /// <summary>The host's half of the path is compiled in tiers; pauses let the better code take over.</summary>
    private static void WarmUp(Func<NvmeStack, double> measure, NvmeStack[] stacks)
    {
        for (int slice = 0; slice < WarmUpSlices; slice++)
        {
            Array.ForEach(stacks, stack => measure(stack));
            if (slice % 10 == 9)
            {
                Thread.Sleep(150);
            }
        }
    }

    /// <returns>For each row its slices, sorted.</returns>
    private static double[][] TakeTurns(Func<double>[] rows)
    {
        var samples = rows.Select(_ => new double[Slices]).ToArray();
        for (int slice = 0; slice < Slices; slice++)
        {
            for (int row = 0; row < rows.Length; row++)
            {
                samples[row][slice] = rows[row]();
            }
        }

        Array.ForEach(samples, Array.Sort);
        return samples;
    }

    private static double CountAccesses(NvmePath path, int depth)
    {
        var counter = new AccessCounter();
        using var stack = new NvmeStack(path, copies: false, faults: counter);
        counter.Count = 0;
        stack.Measure(depth, RequestsPerSlice);
        return (double)counter.Count / RequestsPerSlice;
    }

    private static void PrintRow(string name, int depth, double[] sorted, double reference, double bytes, double accesses) =>
        Console.WriteLine($"{name,-24} {depth,4} {sorted[0],8:F1} {sorted[sorted.Length / 2],10:F1} "
            + $"{1000 / sorted[0],7:F2} {sorted[0] / reference,6:F2} {bytes,6:F2} {accesses,8:F3}");

    private sealed class AccessCounter : NvmeFaults
    {
        internal long Count { get; set; }

        internal override void BeforeRegister(RegisterAccess access, int offsetBytes, ulong value) => Count++;
    }
}
