namespace RedLeafSharp.Machine.Links;

/// <summary>A cable between two network interfaces of this process.</summary>
internal sealed class WirePair
{
    private readonly End first;
    private readonly End second;

    /// <param name="capacity">Frames that wait at an end; more are dropped.</param>
    internal WirePair(int capacity = LinkLimits.FramesPerPort)
    {
        first = new End(this, capacity);
        second = new End(this, capacity);
        first.Other = second;
        second.Other = first;
    }

    /// <summary>One end.</summary>
    internal LinkPort First => first;

    /// <summary>The other.</summary>
    internal LinkPort Second => second;

    /// <summary>Whether the cable is plugged in.</summary>
    internal bool IsPlugged { get; set; } = true;

    private sealed class End(WirePair pair, int capacity) : LinkPort
    {
        private readonly FrameQueue arrived = new(capacity);

        internal End? Other { get; set; }

        internal override bool IsUp => pair.IsPlugged;

        internal override void Send(ReadOnlySpan<byte> frame, in FrameState state)
        {
            if (Other is { } other && !other.arrived.TryPut(frame, in state))
            {
                other.OverrunCount++;
            }
        }

        internal override bool TryPeek(out ReadOnlySpan<byte> frame, out FrameState state) => arrived.TryPeek(out frame, out state);

        internal override void Take() => arrived.Take();
    }
}
