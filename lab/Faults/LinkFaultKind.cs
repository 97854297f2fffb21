namespace RedLeafSharp.Lab.Faults;

/// <summary>What the occurrences of a link's fault are counted by.</summary>
internal enum LinkCounter
{
    /// <summary>Frames of both directions.</summary>
    Frames,

    /// <summary>Those of them that carry a segment of TCP.</summary>
    Segments,
}

/// <summary>What is done to a frame on its way, or to the wire.</summary>
internal enum LinkFault
{
    Loss,
    Delay,
    Duplication,
    Corruption,
    Reset,
    Rate,
    Partition,
}

/// <summary>A way in which the network between two stacks is bad.</summary>
/// <param name="Name">As plans name it, without the class.</param>
/// <param name="Fault">What is done.</param>
/// <param name="Counter">What is counted.</param>
/// <param name="Least">Of the argument, where the trial draws it.</param>
/// <param name="Most">Of the argument.</param>
/// <param name="Summary">For people.</param>
internal sealed record LinkFaultKind(string Name, LinkFault Fault, LinkCounter Counter, long Least, long Most, string Summary)
    : IFaultKind<LinkCounter>
{
    internal const string Class = "link";

    internal static IReadOnlyList<LinkFaultKind> All { get; } =
    [
        new("loss", LinkFault.Loss, LinkCounter.Frames, 0, 0, "a frame gets lost"),
        new("delay", LinkFault.Delay, LinkCounter.Frames, 1_000, 500_000, "a frame and those behind it take 1 to 500 ms longer"),
        new("reordering", LinkFault.Delay, LinkCounter.Frames, 100, 20_000, "frames overtake one that takes 0.1 to 20 ms longer"),
        new("duplication", LinkFault.Duplication, LinkCounter.Frames, 0, 0, "a frame arrives twice"),
        new("corruption", LinkFault.Corruption, LinkCounter.Frames, 1, 8 * 1514, "a bit of a frame is wrong, and the link's checksum is right"),
        new("reset", LinkFault.Reset, LinkCounter.Segments, 0, 0, "somebody on the way resets a connection"),
        new("rate", LinkFault.Rate, LinkCounter.Frames, 10_000, 1_000_000, "the link carries 10 kB to 1 MB a second from then on"),
        new("partition", LinkFault.Partition, LinkCounter.Frames, 10_000, 5_000_000, "all frames get lost for 10 ms to 5 s"),
    ];

    internal static LinkFaultKind Find(string name) => All.FirstOrDefault(kind => kind.Name == name)
        ?? throw new ArgumentException($"there is no fault '{name}' of a link", nameof(name));
}
