namespace RedLeafSharp.Machine.Links;

/// <summary>What the links bound, and why.</summary>
internal static class LinkLimits
{
    /// <summary>
    /// Frames that wait for a device: two of its rings of 256, so that a burst of a whole ring is not lost while the receiver
    /// still works off the last one.
    /// </summary>
    internal const int FramesPerPort = 512;

    /// <summary>Memory of a frame that has to be kept, unless it is longer: an Ethernet frame with a tag.</summary>
    internal const int FrameBytesUsual = 1536;

    /// <summary>Longest frame that another process may send: what a frame uncut by its sender has, with room for its header.</summary>
    internal const int DatagramBytesMax = (1 << 16) + 256;

    /// <summary>Frames on their way through a bad network: 200 ms of full-sized ones at 500 Mbit/s.</summary>
    internal const int FramesInFlightMax = 8192;

    /// <summary>Addresses that a switch learns: far more than it has ports, and no way for a flood to fill the memory.</summary>
    internal const int SwitchAddressesMax = 4096;

    // The user link's gateway.

    /// <summary>Connections through a gateway: more than a browser or a load generator opens, and 128 MiB of queues at most.</summary>
    internal const int FlowsMax = 256;

    /// <summary>Bytes that wait in each direction of a connection; a power of two. As much as the host's sockets take themselves.</summary>
    internal const int FlowBytes = 1 << 18;

    /// <summary>The window scale with which <see cref="FlowBytes"/> can be told.</summary>
    internal const byte FlowScale = 3;

    /// <summary>Duplicate acknowledgments that mean a loss (RFC 5681 section 3.2).</summary>
    internal const int FlowDuplicates = 3;

    /// <summary>First time-out: the wire takes microseconds, an acknowledgment may be put off for 40 ms (RFC 9293 section 3.8.6.3).</summary>
    internal const long FlowRetransmitMicros = 100_000;

    /// <summary>Time-outs double so many times, to 1.6 s.</summary>
    internal const int FlowBackoffMax = 4;

    /// <summary>Time-outs in a row without any answer, some 20 s: the system is gone, or has no such stack.</summary>
    internal const int FlowAttemptsMax = 16;

    /// <summary>How long a connection that is over still answers a repeated FIN.</summary>
    internal const long FlowLingerMicros = 2_000_000;

    /// <summary>First of the gateway's own ports, for connections into the system (RFC 6335 section 6).</summary>
    internal const int GatewayPortFirst = 49_152;

    /// <summary>Connections that wait at a published port while the system works.</summary>
    internal const int PublishedBacklog = 128;

    /// <summary>Pairs of ports that datagrams are carried between.</summary>
    internal const int DatagramFlowsMax = 64;

    /// <summary>Datagrams taken from one socket of the host before others get their turn.</summary>
    internal const int DatagramsPerRound = 16;

    /// <summary>Sockets of the host that one round looks after.</summary>
    internal const int HostEventsPerRound = 64;

    /// <summary>Lines of resolv.conf that are read.</summary>
    internal const int ResolverLinesMax = 64;
}
