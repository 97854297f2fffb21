using System.Buffers.Binary;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Packets;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Ip;

/// <summary>ICMP (RFC 792, RFC 1122 section 3.2.2): answers echoes, tells and hears of errors.</summary>
/// <remarks>
/// Redirects are not followed: whoever is on the link could take the traffic over. Timestamp and information requests are not
/// answered, which RFC 1122 section 3.2.2.8 leaves open.
/// </remarks>
internal sealed class Icmp(NetworkStack stack)
{
    private long budgetSecond = -1;
    private int errorsLeft;

    /// <summary>Messages that could not be right.</summary>
    internal long BadCount { get; private set; }

    internal void Receive(CallContext context, in PacketOrigin origin, int packet)
    {
        ReadOnlySpan<byte> first = stack.Pool.Data(context, packet);
        if (!IcmpHeader.TryParse(first, out IcmpHeader header) || !InternetChecksum.IsIntact(stack.SumChain(context, packet)))
        {
            BadCount++;
        }
        else if (header.Type == IcmpSpec.Echo && origin.IsUnicast)
        {
            Answer(context, in origin, in header, packet);
        }
        else if (header.Type is IcmpSpec.DestinationUnreachable or IcmpSpec.TimeExceeded or IcmpSpec.ParameterProblem)
        {
            Notify(context, first[IcmpHeader.LengthBytes..], in header);
        }

        stack.Pool.ReleaseChain(packet);
    }

    /// <summary>
    /// Tells a sender that its packet could not be delivered, unless RFC 1122 section 3.2.2 forbids it: never about an error, a
    /// group's or broadcast packet; and not too often.
    /// </summary>
    internal void SendError(CallContext context, in PacketOrigin origin, int packet, byte type, byte code)
    {
        OutgoingPacket message = stack.Control;
        if (!origin.IsUnicast || origin.Source.IsUnspecified || IsError(context, in origin, packet) || !TrySpend()
            || stack.Output.FindPath(origin.Source, origin.Destination, out PacketPath path) != SocketError.None
            || !message.TryBegin())
        {
            return;
        }

        // The packet as it came: its header lies before the data.
        int quotedBytes = Math.Min(stack.Pool[packet].LengthBytes, IcmpSpec.QuotedPayloadBytes) + origin.HeaderBytes;
        int offset = stack.Pool[packet].Offset - origin.HeaderBytes;
        stack.Pool.Buffer(context, packet).Slice(offset, quotedBytes).CopyTo(message.Append(context, quotedBytes));
        new IcmpHeader { Type = type, Code = code }.Write(message.Prepend(context, IcmpHeader.LengthBytes));
        Send(context, message, in path);
    }

    /// <summary>Tells a transport of this host that a packet of its could not be delivered.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="quoted">The packet, from its IP header on.</param>
    /// <param name="error">Why.</param>
    internal void NotifySender(CallContext context, ReadOnlySpan<byte> quoted, SocketError error)
    {
        if (!TryParseQuoted(quoted, out FlowKey flow, out byte protocol, out uint sequence))
        {
            return;
        }

        if (protocol == Ipv4Header.ProtocolTcp)
        {
            stack.Tcp.HearError(context, in flow, sequence, error, mtuBytes: 0);
        }
        else
        {
            stack.Udp.HearError(in flow, error);
        }
    }

    private void Notify(CallContext context, ReadOnlySpan<byte> quoted, in IcmpHeader header)
    {
        if (!TryParseQuoted(quoted, out FlowKey flow, out byte protocol, out uint sequence) || !stack.IsOwn(flow.Local))
        {
            return;
        }

        bool isTooLong = header.Type == IcmpSpec.DestinationUnreachable && header.Code == IcmpSpec.CodeFragmentationNeeded;
        SocketError error = isTooLong ? SocketError.MessageTooLong : ErrorOf(in header);
        if (protocol == Ipv4Header.ProtocolTcp)
        {
            stack.Tcp.HearError(context, in flow, sequence, error, isTooLong ? (int)(header.Rest & 0xFFFF) : 0);
        }
        else
        {
            stack.Udp.HearError(in flow, error);
        }
    }

    private static SocketError ErrorOf(in IcmpHeader header) => header.Type != IcmpSpec.DestinationUnreachable
        ? SocketError.HostUnreachable
        : header.Code switch
        {
            IcmpSpec.CodePortUnreachable or IcmpSpec.CodeProtocolUnreachable => SocketError.ConnectionRefused,
            0 => SocketError.NetworkUnreachable,
            _ => SocketError.HostUnreachable,
        };

    /// <summary>
    /// Reads what an error quotes. The quoted packet may be cut short, so its length and checksum are not looked at.
    /// </summary>
    private static bool TryParseQuoted(ReadOnlySpan<byte> quoted, out FlowKey flow, out byte protocol, out uint sequence)
    {
        (flow, protocol, sequence) = (default, 0, 0);
        if (quoted.Length < Ipv4Header.LengthBytes || quoted[0] >> 4 != 4)
        {
            return false;
        }

        int headerBytes = (quoted[0] & 15) * 4;
        protocol = quoted[9];
        if (headerBytes < Ipv4Header.LengthBytes || quoted.Length < headerBytes + IcmpSpec.QuotedPayloadBytes
            || protocol is not (Ipv4Header.ProtocolTcp or Ipv4Header.ProtocolUdp))
        {
            return false;
        }

        ReadOnlySpan<byte> transport = quoted[headerBytes..];
        flow = new FlowKey(
            IpAddress.From(quoted.Slice(12, 4)),
            BinaryPrimitives.ReadUInt16BigEndian(transport),
            IpAddress.From(quoted.Slice(16, 4)),
            BinaryPrimitives.ReadUInt16BigEndian(transport[2..]));
        sequence = BinaryPrimitives.ReadUInt32BigEndian(transport[4..]);
        return true;
    }

    private void Answer(CallContext context, in PacketOrigin origin, in IcmpHeader header, int packet)
    {
        OutgoingPacket answer = stack.Control;
        if (stack.Output.FindPath(origin.Source, origin.Destination, out PacketPath path) != SocketError.None
            || !answer.TryBegin())
        {
            return;
        }

        bool isWhole = true;
        int skipped = IcmpHeader.LengthBytes;
        for (int piece = packet; piece != PacketPool.None && isWhole; piece = stack.Pool[piece].Next)
        {
            ref Packet info = ref stack.Pool[piece];
            isWhole = info.LengthBytes == skipped || answer.TryAdd(piece, info.Offset + skipped, info.LengthBytes - skipped);
            skipped = 0;
        }

        new IcmpHeader { Type = IcmpSpec.EchoReply, Rest = header.Rest }.Write(answer.Prepend(context, IcmpHeader.LengthBytes));
        if (isWhole)
        {
            Send(context, answer, in path);
        }
        else
        {
            answer.Discard();
        }
    }

    private void Send(CallContext context, OutgoingPacket message, in PacketPath path)
    {
        ushort checksum = InternetChecksum.Complement(message.Sum(context));
        Span<byte> header = stack.Pool.Buffer(context, message.Pieces[0].Packet)[message.Pieces[0].Offset..];
        BinaryPrimitives.WriteUInt16BigEndian(header[IcmpHeader.ChecksumOffset..], checksum);
        var properties = new PacketProperties { Protocol = Ipv4Header.ProtocolIcmp, TimeToLive = IpSpec.TimeToLiveDefault };
        stack.Output.Send(context, message, in path, in properties);
    }

    private bool IsError(CallContext context, in PacketOrigin origin, int packet) =>
        origin.Protocol == Ipv4Header.ProtocolIcmp
        && IcmpHeader.TryParse(stack.Pool.Data(context, packet), out IcmpHeader header)
        && header.Type is not (IcmpSpec.Echo or IcmpSpec.EchoReply);

    private bool TrySpend()
    {
        long second = stack.NowMicros / 1_000_000;
        if (second != budgetSecond)
        {
            (budgetSecond, errorsLeft) = (second, StackLimits.IcmpErrorsPerSecondMax);
        }

        return errorsLeft-- > 0;
    }
}
