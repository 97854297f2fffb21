using RedLeafSharp.Machine.Links;

namespace RedLeafSharp.Bench.Network;

/// <summary>A wire on which the same frame arrives without end, and what is sent is counted.</summary>
internal sealed class EndlessLink : LinkPort
{
    internal const int FrameBytes = 60;
    internal const ulong Station = 0x02_52_4C_00_00_01;

    private readonly byte[] frame = new byte[FrameBytes];

    internal EndlessLink()
    {
        for (int index = 0; index < FrameBytes; index++)
        {
            frame[index] = index < 6 ? (byte)(Station >> (8 * (5 - index))) : (byte)(7 * index);
        }

        // A type that no checksum goes with: the C peer's controller looks at none either.
        (frame[12], frame[13]) = (0x88, 0xB5);
    }

    internal long SentCount { get; private set; }

    internal override void Send(ReadOnlySpan<byte> frame, in FrameState state) => SentCount++;

    internal override bool TryPeek(out ReadOnlySpan<byte> frame, out FrameState state)
    {
        frame = this.frame;
        state = default;
        return true;
    }

    internal override void Take()
    {
    }
}
