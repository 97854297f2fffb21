using System.Buffers.Binary;

namespace RedLeafSharp.Machine.Links;

/// <summary>
/// A switch in this process that learns which address is behind which port (IEEE 802.1Q section 8.7): a frame to a known address
/// goes to its port alone, any other to all ports but the one that it came from.
/// </summary>
internal sealed class FrameSwitch
{
    private const ulong GroupBit = 1UL << 40;

    private readonly Port[] ports;
    private readonly Dictionary<ulong, int> learned = new(LinkLimits.SwitchAddressesMax);

    /// <param name="portCount">Number of ports.</param>
    /// <param name="capacity">Frames that wait at a port; more are dropped.</param>
    internal FrameSwitch(int portCount, int capacity = LinkLimits.FramesPerPort)
    {
        ports = new Port[portCount];
        for (int index = 0; index < portCount; index++)
        {
            ports[index] = new Port(this, index, capacity);
        }
    }

    /// <summary>The ports, each for one interface.</summary>
    internal IReadOnlyList<LinkPort> Ports => ports;

    private static ulong Address(ReadOnlySpan<byte> bytes) =>
        ((ulong)BinaryPrimitives.ReadUInt32BigEndian(bytes) << 16) | BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]);

    private void Forward(ReadOnlySpan<byte> frame, in FrameState state, int from)
    {
        if (frame.Length < 14)
        {
            return;
        }

        Learn(Address(frame[6..]), from);
        ulong destination = Address(frame);
        if ((destination & GroupBit) == 0 && learned.TryGetValue(destination, out int only))
        {
            if (only != from)
            {
                ports[only].Arrive(frame, in state);
            }

            return;
        }

        foreach (Port port in ports)
        {
            if (port.Index != from)
            {
                port.Arrive(frame, in state);
            }
        }
    }

    /// <summary>A station that moves is learned anew. With a full table, new ones are not learned: their frames go everywhere.</summary>
    private void Learn(ulong source, int port)
    {
        if ((source & GroupBit) == 0 && (learned.Count < LinkLimits.SwitchAddressesMax || learned.ContainsKey(source)))
        {
            learned[source] = port;
        }
    }

    private sealed class Port(FrameSwitch owner, int index, int capacity) : LinkPort
    {
        private readonly FrameQueue arrived = new(capacity);

        internal int Index => index;

        internal override void Send(ReadOnlySpan<byte> frame, in FrameState state) => owner.Forward(frame, in state, index);

        internal override bool TryPeek(out ReadOnlySpan<byte> frame, out FrameState state) => arrived.TryPeek(out frame, out state);

        internal override void Take() => arrived.Take();

        internal void Arrive(ReadOnlySpan<byte> frame, in FrameState state)
        {
            OverrunCount += arrived.TryPut(frame, in state) ? 0 : 1;
        }
    }
}
