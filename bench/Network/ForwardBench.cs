using RedLeafSharp.Bench.Harness;

namespace RedLeafSharp.Bench.Network;

/// <summary>
/// Frames of 60 bytes forwarded through the E1000e driver on the simulated controller, beside a C program that does the same with the
/// least possible controller. All rows take turns, slice by slice.
/// </summary>
internal static class ForwardBench
{
    private const int Slices = 12;
    private const int FramesPerSlice = 256_000;
    private const int WarmUpSlices = 20;

    private static readonly int[] Batches = [1, 32];

    /// <summary>The peer keeps what is known of a buffer in its headroom, or beside it and passes indices.</summary>
    private static readonly (int Layout, string Name)[] PeerLayouts = [(0, "C headroom"), (1, "C handles")];

    internal static int Run(string[] arguments)
    {
        using PeerProcess? peer = PeerProcess.Start("forward_peer.c");
        NetPath[] paths = Enum.GetValues<NetPath>();
        ForwardStack[] stacks = [.. paths.Select(path => new ForwardStack(path))];
        (string Name, IPlainForward Loop)[] plains =
            [("C# handles", new PlainForward<Bare>()), ("C# polls", new PlainForward<AsDomain>())];
        Console.WriteLine("60-byte frames: received, addresses and ports swapped, sent; domains in collectible contexts, controller in the");
        Console.WriteLine($"same thread. Nanoseconds a frame, best and median of {Slices} slices of {FramesPerSlice} frames.");
        Console.WriteLine("'driver': without the controller, clock reads subtracted. 'C headroom', 'C handles': the peer's two layouts.");
        Console.WriteLine("'C# handles': the second of them in safe C# of this process, without contract and domain; 'C# polls': the same with");
        Console.WriteLine("safepoints in the driver's loops and a register window, without which no driver is a domain.");
        WarmUp(stacks, plains);
        foreach (int batch in Batches)
        {
            RunBatch(batch, peer, paths, stacks, plains);
        }

        Array.ForEach(stacks, stack => stack.Dispose());
        return 0;
    }

    private static void RunBatch(
        int batch, PeerProcess? peer, NetPath[] paths, ForwardStack[] stacks, (string Name, IPlainForward Loop)[] plains)
    {
        var rows = new List<Row>();
        for (int index = 0; index < stacks.Length; index++)
        {
            ForwardStack stack = stacks[index];
            rows.Add(new Row(paths[index].ToString(), () => stack.MeasureDriver(batch, FramesPerSlice), () => stack.Measure(batch, FramesPerSlice))
            {
                Bytes = stack.MeasureAllocations(batch, FramesPerSlice),
            });
        }

        foreach ((string name, IPlainForward loop) in plains)
        {
            rows.Add(new Row(
                name,
                () => loop.Measure(batch, FramesPerSlice, withController: false),
                () => loop.Measure(batch, FramesPerSlice, withController: true)));
        }

        if (peer is not null)
        {
            foreach ((int layout, string name) in PeerLayouts)
            {
                rows.Add(new Row(
                    name,
                    () => peer.Measure(layout, batch, FramesPerSlice).Driver,
                    () => peer.Measure(layout, batch, FramesPerSlice).Total));
            }
        }

        for (int slice = 0; slice < Slices; slice++)
        {
            rows.ForEach(row => row.Take());
        }

        Console.WriteLine();
        Console.WriteLine($"{"batch " + batch,-14}{"driver best",12}{"median",9}{"x C handles",12}{"with controller",16}{"median",9}{"B/frame",9}");
        double reference = rows[^1].Driver.Min();
        foreach (Row row in rows)
        {
            string ratio = peer is null ? "-" : (row.Driver.Min() / reference).ToString("F2", System.Globalization.CultureInfo.InvariantCulture);
            Console.WriteLine($"{row.Name,-14}{row.Driver.Min(),12:F1}{Median(row.Driver),9:F1}{ratio,12}{row.Total.Min(),16:F1}"
                + $"{Median(row.Total),9:F1}{row.Bytes,9:F2}");
        }
    }

    private static double Median(List<double> samples) => samples.Order().ElementAt(samples.Count / 2);

    /// <summary>The host's half of the path is compiled in tiers; pauses let the better code take over.</summary>
    private static void WarmUp(ForwardStack[] stacks, (string Name, IPlainForward Loop)[] plains)
    {
        for (int slice = 0; slice < WarmUpSlices; slice++)
        {
            Array.ForEach(stacks, stack => stack.Measure(slice % 2 == 0 ? 1 : 32, FramesPerSlice));
            Array.ForEach(plains, plain => plain.Loop.Measure(slice % 2 == 0 ? 1 : 32, FramesPerSlice, withController: true));
            if (slice % 10 == 9)
            {
                Thread.Sleep(150);
            }
        }
    }

    private sealed class Row(string name, Func<double> measureDriver, Func<double> measureTotal)
    {
        internal string Name => name;

        internal List<double> Driver { get; } = [];

        internal List<double> Total { get; } = [];

        internal double Bytes { get; init; }

        internal void Take()
        {
            Driver.Add(measureDriver());
            Total.Add(measureTotal());
        }
    }
}
