namespace RedLeafSharp.Domains.TcpStack;

/// <summary>What the stack bounds, and why. Times of protocols that an RFC fixes are in *Spec.cs beside the protocol.</summary>
internal static class StackLimits
{
    /// <summary>
    /// Packet buffers, unless the system file says otherwise: 16 MiB, five full windows of <see cref="StreamBytesMax"/>.
    /// </summary>
    internal const int PacketsDefault = 7_680;

    /// <summary>Fewest that a setting may ask for: the reserve, and one default window.</summary>
    internal const int PacketsMin = 700;

    /// <summary>Most that a setting may ask for: what the manifest lets the domain hold, 128 MiB.</summary>
    internal const int PacketsMax = 60_000;

    /// <summary>
    /// Buffers that only transmission may take, so that a flood of received data cannot keep acknowledgments from going out.
    /// </summary>
    internal const int PacketsReserved = 128;

    /// <summary>
    /// Ranges of lent pages that may be queued, in all streams: 32 MiB where no two pages lie together. Where they do a range is up to
    /// 64 KiB long, and what a shadow registers is the bound: 256 MiB.
    /// </summary>
    internal const int LentRangesMax = 8_192;

    /// <summary>
    /// The shortest lent range that is taken, in bytes: not below a buffer, so that a segment never has more pieces than one in buffers, and
    /// long enough that to have devices map the page costs less than a copy.
    /// </summary>
    internal const int LentBytesMin = Packets.PacketPool.BufferBytes;

    /// <summary>Ranges that one call takes.</summary>
    internal const int LentRangesPerCallMax = 64;

    /// <summary>
    /// Pieces that a device has to take of a frame, for lent pages to be sent by it: headers, and the ends of a lent range, of a buffer and
    /// of another range that may lie in one segment.
    /// </summary>
    internal const int LentPiecesMin = 4;

    /// <summary>Network interfaces; each is asked in every round.</summary>
    internal const int InterfacesMax = 16;

    /// <summary>Addresses of one interface; compared one by one for each packet received.</summary>
    internal const int AddressesPerInterfaceMax = 16;

    /// <summary>
    /// Groups of one interface, compared one by one for each packet to a group: those of its addresses, and some of sockets.
    /// </summary>
    internal const int GroupsPerInterfaceMax = 64;

    /// <summary>Groups that one socket is in: igmp_max_memberships of Linux.</summary>
    internal const int GroupsPerSocketMax = 20;

    /// <summary>Routes; compared one by one when a connection or datagram looks for its way.</summary>
    internal const int RoutesMax = 256;

    /// <summary>
    /// Neighbours: a link of a /22 full of hosts. A scan of addresses from the outside fills it with failed ones, which go
    /// first.
    /// </summary>
    internal const int NeighborsMax = 1_024;

    /// <summary>Packets that wait for a neighbour's address; RFC 1122 section 2.3.2.2 asks for at least the latest one.</summary>
    internal const int PendingPerNeighborMax = 3;

    /// <summary>Datagrams under reassembly; the oldest gives way.</summary>
    internal const int ReassembliesMax = 32;

    /// <summary>Fragments of one datagram: 64 KiB over a link with an MTU of 1,500 take 45.</summary>
    internal const int FragmentsPerDatagramMax = 64;

    /// <summary>
    /// Extension headers of a packet, and options of one header but for padding: more are an attack (RFC 8504 section 5.3 has hosts set
    /// such limits).
    /// </summary>
    internal const int ExtensionHeadersMax = 8;

    /// <inheritdoc cref="ExtensionHeadersMax"/>
    internal const int HeaderOptionsMax = 8;

    /// <summary>Destinations of which a redirect or a path MTU is known; the one that is forgotten soonest gives way.</summary>
    internal const int DestinationsMax = 256;

    /// <summary>
    /// Routes and addresses of a link that router advertisements have made: more than any network has, less than a flood of them
    /// would (RFC 6104).
    /// </summary>
    internal const int AdvertisedRoutesMax = 16;

    /// <inheritdoc cref="AdvertisedRoutesMax"/>
    internal const int AutomaticAddressesMax = 8;

    /// <summary>Sockets of the whole stack.</summary>
    internal const int SocketsMax = 65_536;

    /// <summary>Packets that wait in a datagram socket.</summary>
    internal const int DatagramsQueuedMax = 256;

    /// <summary>Bytes that a stream may have queued in each direction: 100 Mbit/s over 250 ms.</summary>
    internal const int StreamBytesMax = 3 << 20;

    /// <summary>A stream's queues unless a socket option says otherwise.</summary>
    internal const int StreamBytesDefault = 1 << 20;

    /// <summary>
    /// Segments that a connection may have in flight: as many as the largest window has, at an MSS of 536 and above.
    /// </summary>
    internal const int SegmentsInFlightMax = 8_192;

    /// <summary>Segments that arrive as one: as many as a sender's largest segmentation offload makes at an MSS of 1,448.</summary>
    internal const int SegmentsMergedMax = 45;

    /// <summary>
    /// Out-of-order pieces that a connection keeps: they hold a whole buffer each, however short they are. As many as a window
    /// of full segments.
    /// </summary>
    internal const int OutOfOrderMax = 1_024;

    /// <summary>
    /// Nothing more is kept behind gaps when only one in so many packet buffers is free beside the reserve: a few connections of short
    /// segments would hold all of them, and devices would have none to receive into. Senders send it again.
    /// </summary>
    internal const int OutOfOrderShare = 8;

    /// <summary>Connections of a listener that are not accepted yet, whatever <c>listen</c> asks for.</summary>
    internal const int BacklogMax = 4_096;

    /// <summary>Connections in TIME-WAIT; the oldest gives way, as RFC 9293 lets a system under pressure do.</summary>
    internal const int TimeWaitMax = 4_096;

    /// <summary>ICMP errors in a second (RFC 1812 section 4.3.2.8).</summary>
    internal const int IcmpErrorsPerSecondMax = 100;

    /// <summary>Packets to itself that one call of a socket takes in: what a full window of short segments has.</summary>
    internal const int LoopbackPacketsMax = 1_024;

    /// <summary>
    /// Events that a socket tells of changes beside its own: of calls of poll, and of epoll instances; as many as other files have. Each
    /// costs every change a signal, and servers have a listener that each of their processes waits for.
    /// </summary>
    internal const int WatchersPerSocketMax = 64;

    /// <summary>Room for them that a socket begins with.</summary>
    internal const int WatchersPerSocketUsual = 4;

    /// <summary>How often devices are looked after that have no interrupts.</summary>
    internal const long PollMicros = 500;

    /// <summary>
    /// And those that have: an interrupt that gets lost is not sent again, and a server that waits has no timer. As often as Linux's
    /// drivers look after theirs.
    /// </summary>
    internal const long LostSignalMicros = 2_000_000;

    /// <summary>How long the stack's thread leaves a system alone that says it is deadlocked.</summary>
    internal const long DeadlockPauseMicros = 1_000_000;

    /// <summary>Packets that one round takes from an interface before timers and others get their turn.</summary>
    internal const int PacketsPerRoundMax = 256;
}
