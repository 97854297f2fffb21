using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Ip;
using RedLeafSharp.Domains.TcpStack.Packets;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Tcp;

/// <content>SEGMENT ARRIVES for ports that are closed (RFC 9293 section 3.10.7.1) or listen (section 3.10.7.2).</content>
internal sealed partial class TcpProtocol
{
    private void Dispatch(CallContext context, in FlowKey flow, in PacketOrigin origin, in TcpSegment segment)
    {
        // Segments to a group or to all are never answered (RFC 9293 section 3.9.2.3).
        if (!origin.IsUnicast)
        {
            return;
        }

        TcpListener? listener = null;
        if (connections.TryGetValue(flow, out TcpConnection? connection))
        {
            if (IsReuse(connection, in segment) && TryFindListener(in flow, out listener))
            {
                Reopen(context, connection, listener!, in segment, origin.Zone);
            }
            else
            {
                connection.Arrive(context, in segment);
            }
        }
        else if (TryFindListener(in flow, out listener))
        {
            ArriveInListen(context, listener!, in flow, in segment, origin.Zone);
        }
        else
        {
            AnswerWithReset(context, in flow, in segment, origin.Zone);
        }
    }

    /// <summary>
    /// A SYN for a connection in TIME-WAIT that cannot be of the old one (RFC 9293 section 3.10.7.4, RFC 6191 section 2): a later
    /// timestamp, timestamps for the first time, or else a sequence number beyond what was received.
    /// </summary>
    private static bool IsReuse(TcpConnection connection, in TcpSegment segment) =>
        connection.State == TcpState.TimeWait
        && (segment.Header.Flags & (TcpFlags.Syn | TcpFlags.Ack | TcpFlags.Rst)) == TcpFlags.Syn
        && (!segment.Options.HasTimestamps || (connection.UsesTimestamps && segment.Options.TimestampValue == connection.TimestampRecent)
            ? Sequence.IsAfter(segment.Start, connection.ReceiveNext)
            : !connection.UsesTimestamps || Sequence.IsAfter(segment.Options.TimestampValue, connection.TimestampRecent));

    /// <summary>
    /// A new connection takes the place of one in TIME-WAIT. Without room for it the SYN is dropped like others; a cookie could not begin
    /// behind the old numbers.
    /// </summary>
    private void Reopen(CallContext context, TcpConnection old, TcpListener listener, in TcpSegment segment, int zone)
    {
        if (listener.IsFull || listener.NeedsCookies)
        {
            return;
        }

        FlowKey flow = old.Flow;
        old.Finish(SocketError.None);
        Make(listener, in flow, zone)?.AcceptSyn(context, in segment, ChooseIssBehind(old));
    }

    /// <summary>The listener at the address, else the one at all addresses; of several the one that a hash of the flow chooses.</summary>
    private bool TryFindListener(in FlowKey flow, out TcpListener? listener)
    {
        listener = null;
        if (!listeners.TryGetValue(flow.LocalPort, out List<TcpListener>? there))
        {
            return false;
        }

        ulong best = 0;
        for (int index = 0; index < there.Count; index++)
        {
            TcpListener one = there[index];
            ulong score = one.Local == flow.Local ? 1UL << 63 : AddressMatch.Accepts(one.Local, one.IsV6Only, flow.Local) ? 1UL << 62 : 0;
            score |= score == 0 || !one.MayShare ? score : 1 + (stack.Hash.Of(in flow, (uint)index) >> 3);
            if (score > best)
            {
                (best, listener) = (score, one);
            }
        }

        return listener is not null;
    }

    private void ArriveInListen(CallContext context, TcpListener listener, in FlowKey flow, in TcpSegment segment, int zone)
    {
        // First, check for a RST. Second, for an ACK: it may bring a cookie back.
        if (segment.Header.IsRst)
        {
            return;
        }

        if (segment.Header.IsAck)
        {
            if (segment.Header.IsSyn || listener.IsFull || !cookies.TryRead(in flow, in segment, stack.NowMicros, out int mss))
            {
                AnswerWithReset(context, in flow, in segment, zone);
                return;
            }

            CookieOptions options = SynCookies.DecodeOptions(in segment.Options);
            TcpConnection? made = Make(listener, in flow, zone);
            made?.AcceptCookie(in segment, mss, in options);

            // The timestamp has told of options; of when the SYN-ACK was sent it does not tell.
            TcpSegment answer = segment;
            answer.Options.TimestampEcho = 0;
            made?.Arrive(context, in answer);
            return;
        }

        // Third, check for a SYN.
        if (!segment.Header.IsSyn || listener.IsFull)
        {
            return;
        }

        if (listener.NeedsCookies)
        {
            SendCookie(context, listener, in flow, in segment, zone);
        }
        else
        {
            Make(listener, in flow, zone)?.AcceptSyn(context, in segment, ChooseIss(in flow));
        }
    }

    private TcpConnection? Make(TcpListener listener, in FlowKey flow, int zone)
    {
        if (connections.Count >= StackLimits.SocketsMax
            || stack.Output.FindPath(flow.Remote, flow.Local, out PacketPath path, zone) != SocketError.None)
        {
            return null;
        }

        var connection = new TcpConnection(this, stack, in flow, in path) { Settings = listener.Settings, Listener = listener };
        Add(connection);
        listener.HalfOpenCount++;
        return connection;
    }

    private void SendCookie(CallContext context, TcpListener listener, in FlowKey flow, in TcpSegment segment, int zone)
    {
        OutgoingPacket packet = stack.Outgoing;
        if (stack.Output.FindPath(flow.Remote, flow.Local, out PacketPath path, zone) != SocketError.None || !packet.TryBegin())
        {
            return;
        }

        CookiesSent++;
        bool hasTimestamps = segment.Options.HasTimestamps;
        uint clock = (uint)(stack.NowMicros / TcpSpec.TimestampTickMicros) + (uint)stack.Hash.Of(in flow, purpose: 0x7573);
        var options = new TcpOptions
        {
            Mss = (ushort)(path.MtuBytes - TcpSpec.HeaderBytes(in path)),
            HasTimestamps = hasTimestamps,
            TimestampValue = hasTimestamps ? SynCookies.EncodeOptions(in segment.Options, clock) : 0,
            TimestampEcho = segment.Options.TimestampValue,
            IsSackPermitted = hasTimestamps && segment.Options.IsSackPermitted,
            HasWindowScale = hasTimestamps && segment.Options.HasWindowScale,
            WindowScale = (byte)TcpSpec.WindowScale(listener.Settings.ReceiveBytes),
        };
        int peerMss = segment.Options.Mss == 0 ? TcpSpec.MssDefault(in path) : segment.Options.Mss;
        var header = new TcpHeader
        {
            SourcePort = flow.LocalPort,
            DestinationPort = flow.RemotePort,
            HeaderBytes = TcpHeader.LengthBytes + options.LengthBytes,
            Sequence = cookies.Make(in flow, segment.Start, peerMss, stack.NowMicros),
            Acknowledgment = segment.Start + 1,
            Flags = TcpFlags.Syn | TcpFlags.Ack,
            Window = (ushort)Math.Min(listener.Settings.ReceiveBytes, ushort.MaxValue),
        };
        Emit(context, packet, in path, in header, in options, timeToLive: listener.Settings.TimeToLive);
    }

    private bool TryParse(CallContext context, in PacketOrigin origin, int packet, out TcpSegment segment)
    {
        segment = default;
        ReadOnlySpan<byte> bytes = stack.Pool.Data(context, packet);
        if (!TcpHeader.TryParse(bytes, out segment.Header))
        {
            return false;
        }

        bool isIntact = stack.Pool[packet].IsTransportChecked
            || InternetChecksum.IsIntact(InternetChecksum.Sum(bytes) + InternetChecksum.PseudoHeader(
                origin.Source, origin.Destination, Ipv4Header.ProtocolTcp, bytes.Length));
        if (!isIntact
            || !TcpOptions.TryParse(bytes[TcpHeader.LengthBytes..segment.Header.HeaderBytes], out segment.Options))
        {
            return false;
        }

        segment.Packet = packet;
        segment.IsMarked = (origin.TypeOfService & IpSpec.EcnMask) == IpSpec.EcnMask;
        segment.PayloadBytes = bytes.Length - segment.Header.HeaderBytes;
        stack.Pool[packet].Skip(segment.Header.HeaderBytes);
        return true;
    }

    /// <summary>
    /// A segment that came in fragments goes into one buffer; one that is too long for it was never sent with our MSS.
    /// </summary>
    private bool TryFlatten(CallContext context, ref int packet)
    {
        if (stack.Pool[packet].Next == PacketPool.None)
        {
            return true;
        }

        int lengthBytes = stack.Pool.ChainBytes(packet);
        if (lengthBytes > PacketPool.BufferBytes || !stack.Pool.TryTakeForData(out int whole))
        {
            return false;
        }

        Span<byte> destination = stack.Pool.Buffer(context, whole);
        for (int piece = packet; piece != PacketPool.None; piece = stack.Pool[piece].Next)
        {
            stack.Pool.Data(context, piece).CopyTo(destination);
            destination = destination[stack.Pool[piece].LengthBytes..];
        }

        stack.Pool.ReleaseChain(packet);
        stack.Pool[whole].LengthBytes = lengthBytes;
        packet = whole;
        return true;
    }
}
