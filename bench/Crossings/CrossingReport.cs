namespace RedLeafSharp.Bench.Crossings;

/// <summary>Prints the ladder and says where it falls short of its targets.</summary>
internal static class CrossingReport
{
    internal static void Print(IReadOnlyList<Rung> rungs, PointerCallPeer? peer, TimeStampCounter counter)
    {
        double gigahertz = counter.Gigahertz;
        double direct = rungs[0].BestNanos;
        Console.WriteLine("crossing ladder, per call; caller, shadow and callee in collectible contexts");
        Console.WriteLine($"cycles of the time-stamp counter: {gigahertz:F3} GHz, from {counter.Origin}");
        Console.WriteLine("a round is the best of a few tries; best and median are over rounds; targets are held against the best");
        Console.WriteLine();
        Console.WriteLine(
            $"{"",-38} {"best ns",8} {"best cyc",9} {"median ns",10} {"median cyc",11} {"x direct",9} {"x C",6} {"B/call",7}");
        if (peer is not null)
        {
            PrintLine("C, call through a pointer", peer.BestNanos, peer.MedianNanos, null);
        }

        foreach (Rung rung in rungs)
        {
            PrintLine(rung.Name, rung.BestNanos, rung.MedianNanos, rung.AllocatedBytesPerCall);
        }

        Console.WriteLine();
        foreach (Rung rung in rungs.Where(r => r.TargetCycles is not null && gigahertz > 0))
        {
            double over = (rung.BestNanos * gigahertz) - rung.TargetCycles!.Value;
            Console.WriteLine($"{rung.Name}: target {rung.TargetCycles} cycles, "
                + (over <= 0 ? "met" : $"missed by {over:F1}"));
        }

        void PrintLine(string name, double best, double median, double? bytes) => Console.WriteLine(
            $"{name,-38} {best,8:F2} {best * gigahertz,9:F1} {median,10:F2} {median * gigahertz,11:F1} {best / direct,9:F2} "
            + $"{best / peer?.BestNanos,6:F1} {bytes,7:F2}");
    }
}
