using System.Buffers.Binary;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Ip;
using RedLeafSharp.Domains.TcpStack.Links;
using RedLeafSharp.Domains.TcpStack.Packets;
using RedLeafSharp.Domains.TcpStack.Udp;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Tcp;

/// <summary>All of TCP that is not one connection's: finds connections and listeners for segments, and makes them.</summary>
internal sealed partial class TcpProtocol(NetworkStack stack)
{
    private readonly Dictionary<FlowKey, TcpConnection> connections = [];
    private readonly Dictionary<ushort, List<TcpListener>> listeners = [];
    private readonly Dictionary<ushort, int> connectionsOfPort = [];
    private readonly Queue<TcpConnection> timeWaits = new();
    private readonly SynCookies cookies = new(stack.Hash);
    private readonly SegmentMerger merger = new(stack.Pool);

    internal TimerHeap Timers { get; } = new();

    /// <summary>CUBIC, unless a test or a setting asks for NewReno.</summary>
    internal bool UsesCubic { get; set; } = true;

    /// <summary>As Linux by default: whoever asks gets it.</summary>
    internal EcnMode Ecn { get; set; } = EcnMode.Accept;

    internal int ConnectionCount => connections.Count;

    internal long BadCount { get; private set; }

    internal long CookiesSent { get; private set; }

    internal long DeadlineMicros => Timers.DeadlineMicros;

    /// <summary>Takes a segment, whose reference is this method's.</summary>
    internal void Receive(CallContext context, in PacketOrigin origin, int packet)
    {
        if (TryFlatten(context, ref packet))
        {
            if (TryParse(context, in origin, packet, out TcpSegment segment))
            {
                var flow = new FlowKey(
                    origin.Destination, segment.Header.DestinationPort, origin.Source, segment.Header.SourcePort);
                Take(context, in flow, in origin, in segment);
                return;
            }

            BadCount++;
        }

        stack.Pool.ReleaseChain(packet);
    }

    /// <summary>Hands on what was held back to be merged with what follows.</summary>
    /// <returns>Whether there was something.</returns>
    internal bool EndRun(CallContext context)
    {
        if (merger.IsEmpty)
        {
            return false;
        }

        TcpSegment segment = merger.Take(out FlowKey flow, out PacketOrigin origin);
        Dispatch(context, in flow, in origin, in segment);
        stack.Pool.ReleaseChain(segment.Packet);
        return true;
    }

    internal void Tick(CallContext context)
    {
        while (Timers.TryTake(stack.NowMicros, out TcpConnection connection))
        {
            if (connection.Deadline <= stack.NowMicros)
            {
                connection.Tick(context);
            }

            if (connection.State != TcpState.Closed)
            {
                Timers.Update(connection, connection.Deadline);
            }
        }
    }

    internal SocketError Listen(
        IpAddress local, ushort port, int backlog, out TcpListener listener, bool mayShare = false, bool isV6Only = false)
    {
        listener = new TcpListener(local, port, backlog, isV6Only) { MayShare = mayShare };
        if (!listeners.TryGetValue(port, out List<TcpListener>? there))
        {
            there = [];
            listeners.Add(port, there);
        }

        foreach (TcpListener other in there)
        {
            bool overlaps = AddressMatch.Overlaps(other.Local, other.IsV6Only, local, isV6Only);
            if (overlaps && !(mayShare && other.MayShare))
            {
                return SocketError.AddressInUse;
            }
        }

        there.Add(listener);
        return SocketError.None;
    }

    /// <summary>
    /// The listener is gone, and with it the connections that nobody has accepted (RFC 9293 section 3.10.4, LISTEN).
    /// </summary>
    internal void Close(CallContext context, TcpListener listener)
    {
        if (listeners.TryGetValue(listener.Port, out List<TcpListener>? there) && there.Remove(listener) && there.Count == 0)
        {
            listeners.Remove(listener.Port);
        }

        while (listener.TryAccept(out TcpConnection? connection))
        {
            connection!.Abort(context, SocketError.None);
            connection.Forget();
        }

        var halfOpen = new List<TcpConnection>();
        foreach (TcpConnection connection in connections.Values)
        {
            if (connection.Listener == listener)
            {
                halfOpen.Add(connection);
            }
        }

        foreach (TcpConnection connection in halfOpen)
        {
            connection.Abort(context, SocketError.None);
        }
    }

    /// <summary>Opens a connection; port 0 and no address choose them.</summary>
    internal SocketError Connect(
        CallContext context, IpAddress local, ushort localPort, IpAddress remote, ushort remotePort,
        in TcpOptionsOfSocket settings, out TcpConnection? connection, int zone = 0)
    {
        connection = null;
        SocketError error = stack.Output.FindPath(remote, local, out PacketPath path, zone);
        if (error != SocketError.None)
        {
            return error;
        }

        if (localPort == 0 && !TryChoosePort(path.Source, remote, remotePort, out localPort))
        {
            return SocketError.AddressNotAvailable;
        }

        var flow = new FlowKey(path.Source, localPort, remote, remotePort);
        uint initialSequence = ChooseIss(in flow);
        if (connections.TryGetValue(flow, out TcpConnection? old))
        {
            if (!old.MayBeReopened)
            {
                return SocketError.AddressInUse;
            }

            initialSequence = ChooseIssBehind(old);
            old.Finish(SocketError.None);
        }

        connection = new TcpConnection(this, stack, in flow, in path) { Settings = settings };
        Add(connection);
        connection.Connect(context, initialSequence);
        return SocketError.None;
    }

    /// <summary>Sends a segment whose payload is in the packet already.</summary>
    internal void Emit(
        CallContext context, OutgoingPacket packet, in PacketPath path, in TcpHeader header, in TcpOptions options,
        byte typeOfService = 0, byte timeToLive = 0)
    {
        // The sum of a segment without payload costs less than telling the device where it is.
        TransmitOffloads kinds = NetworkInterface.ChecksumOffloads(path.IsV4);
        bool isLeft = packet.Offload.IsCut || (packet.LengthBytes > 0 && (path.Interface.Offloads & kinds) == kinds);
        if (packet.HasLent && !(isLeft && packet.IsReadableBy(path.Interface.Physical.Index)))
        {
            // The way leads over another link by now. As with other losses the segment is sent again, or the connection ends by its time-out.
            path.Interface.Counters.SentDropped++;
            packet.Discard();
            return;
        }

        Span<byte> bytes = packet.Prepend(context, header.HeaderBytes);
        header.Write(bytes);
        options.Write(bytes[TcpHeader.LengthBytes..]);
        uint sum = InternetChecksum.PseudoHeader(
            path.Source, path.Destination, Ipv4Header.ProtocolTcp, packet.Offload.IsCut ? 0 : packet.LengthBytes);
        ushort checksum = isLeft ? InternetChecksum.Fold(sum) : InternetChecksum.Complement(sum + packet.Sum(context));
        BinaryPrimitives.WriteUInt16BigEndian(bytes[TcpHeader.ChecksumOffset..], checksum);
        if (isLeft)
        {
            packet.Offload.Kinds |= kinds;
            packet.Offload.TransportHeaderBytes = (byte)header.HeaderBytes;
        }

        var properties = new PacketProperties
        {
            Protocol = Ipv4Header.ProtocolTcp,
            TypeOfService = typeOfService,
            TimeToLive = timeToLive,
            DontFragment = true,
        };
        stack.Output.Send(context, packet, in path, in properties);
    }

    /// <summary>A reset for a segment that belongs to nothing (RFC 9293 section 3.10.7.1).</summary>
    internal void AnswerWithReset(CallContext context, in FlowKey flow, in TcpSegment segment, int zone = 0)
    {
        OutgoingPacket packet = stack.Outgoing;
        if (segment.Header.IsRst || stack.Output.FindPath(flow.Remote, flow.Local, out PacketPath path, zone) != SocketError.None
            || !packet.TryBegin())
        {
            return;
        }

        var header = new TcpHeader
        {
            SourcePort = flow.LocalPort,
            DestinationPort = flow.RemotePort,
            HeaderBytes = TcpHeader.LengthBytes,
            Sequence = segment.Header.IsAck ? segment.Header.Acknowledgment : 0,
            Acknowledgment = segment.Header.IsAck ? 0 : segment.End,
            Flags = segment.Header.IsAck ? TcpFlags.Rst : TcpFlags.Rst | TcpFlags.Ack,
        };
        Emit(context, packet, in path, in header, default);
    }

    /// <summary>The initial sequence number (RFC 6528 section 3): a clock, and a secret offset for each four-tuple.</summary>
    internal uint ChooseIss(in FlowKey flow) =>
        (uint)(stack.NowMicros / TcpSpec.SequenceClockMicros) + (uint)stack.Hash.Of(in flow, purpose: 0x15);

    /// <summary>Larger than any number of an old connection (RFC 9293 section 3.4.2), which may have been faster than the clock.</summary>
    private uint ChooseIssBehind(TcpConnection old)
    {
        uint initialSequence = ChooseIss(old.Flow);
        return Sequence.IsAfter(initialSequence, old.SendNext) ? initialSequence : old.SendNext + 1;
    }

    /// <summary>
    /// Whether a connection has this port at an address, or at any with the unspecified one; for those who may share it (as
    /// SO_REUSEADDR and SO_REUSEPORT have it), one that may not be shared.
    /// </summary>
    internal bool HasConnectionAt(IpAddress local, bool isV6Only, ushort port, bool mayShare, bool isEqual)
    {
        if (!connectionsOfPort.ContainsKey(port))
        {
            return false;
        }

        foreach (TcpConnection connection in connections.Values)
        {
            bool isThere = connection.Flow.LocalPort == port && AddressMatch.Accepts(local, isV6Only, connection.Flow.Local);
            bool isShared = (mayShare && connection.Settings.MayShareAddress) || (isEqual && connection.Settings.MaySharePort);
            if (isThere && !isShared)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A connection has ended.</summary>
    internal void Remove(TcpConnection connection, bool wasHalfOpen)
    {
        if (connections.TryGetValue(connection.Flow, out TcpConnection? there) && there == connection)
        {
            connections.Remove(connection.Flow);
            ushort port = connection.Flow.LocalPort;
            if (--connectionsOfPort[port] == 0)
            {
                connectionsOfPort.Remove(port);
            }
        }

        Timers.Update(connection, long.MaxValue);
        if (wasHalfOpen && connection.Listener is { } listener)
        {
            listener.HalfOpenCount--;
            connection.Listener = null;
        }
    }

    /// <summary>Bounds TIME-WAIT: the oldest goes.</summary>
    internal void NoteTimeWait(TcpConnection connection)
    {
        timeWaits.Enqueue(connection);
        while (timeWaits.Count > 0
            && (timeWaits.Count > StackLimits.TimeWaitMax || timeWaits.Peek().State != TcpState.TimeWait))
        {
            timeWaits.Dequeue().Finish(SocketError.None);
        }
    }

    internal void HearError(CallContext context, in FlowKey flow, uint sequence, SocketError error, int mtuBytes)
    {
        if (connections.TryGetValue(flow, out TcpConnection? connection))
        {
            connection.HearError(context, sequence, error, mtuBytes);
        }
    }

    /// <summary>Whether a segment that an error quotes is in flight.</summary>
    internal bool IsOutstanding(in FlowKey flow, uint sequence) =>
        connections.TryGetValue(flow, out TcpConnection? connection) && connection.IsOutstanding(sequence);

    /// <summary>Merges a segment with those before it, or hands on first those and then, unless more may follow, the segment.</summary>
    private void Take(CallContext context, in FlowKey flow, in PacketOrigin origin, in TcpSegment segment)
    {
        if (merger.TryAppend(in flow, in segment))
        {
            return;
        }

        _ = EndRun(context);
        if (!merger.TryHold(in flow, in origin, in segment))
        {
            Dispatch(context, in flow, in origin, in segment);
            stack.Pool.ReleaseChain(segment.Packet);
        }
    }

    private void Add(TcpConnection connection)
    {
        connections.Add(connection.Flow, connection);
        _ = connectionsOfPort.TryGetValue(connection.Flow.LocalPort, out int count);
        connectionsOfPort[connection.Flow.LocalPort] = count + 1;
    }

    /// <summary>Routes may have changed since a path was found.</summary>
    internal void RefreshPath(ref PacketPath path)
    {
        if (stack.Output.FindPath(path.Destination, path.Source, out PacketPath fresh) == SocketError.None)
        {
            path = fresh;
        }
    }

    /// <summary>A port that is hard to guess and is not taken for this peer (RFC 6056 section 3.3.3).</summary>
    private bool TryChoosePort(IpAddress local, IpAddress remote, ushort remotePort, out ushort port)
    {
        ulong start = stack.NextRandom();
        for (ulong attempt = 0; attempt < 2 * PortSpec.Count; attempt++)
        {
            // Ports of connections in TIME-WAIT come last.
            port = (ushort)(PortSpec.First + ((start + attempt) % PortSpec.Count));
            bool isTaken = connections.TryGetValue(new FlowKey(local, port, remote, remotePort), out TcpConnection? old)
                && (attempt < PortSpec.Count || !old.MayBeReopened);
            if (!isTaken && !listeners.ContainsKey(port))
            {
                return true;
            }
        }

        port = 0;
        return false;
    }
}
