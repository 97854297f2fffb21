using System.Buffers.Binary;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Ndp;
using RedLeafSharp.Domains.TcpStack.Packets;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Ip;

/// <summary>ICMPv6 (RFC 4443): answers echoes, tells and hears of errors; hands on what is of neighbours, routers and groups.</summary>
internal sealed class Icmpv6(NetworkStack stack) : IcmpProtocol(stack, Ipv6Header.NextIcmp)
{
    internal void Receive(CallContext context, in PacketOrigin origin, int packet)
    {
        ReadOnlySpan<byte> first = Stack.Pool.Data(context, packet);
        uint pseudo = InternetChecksum.PseudoHeader(
            origin.Source, origin.Destination, Ipv6Header.NextIcmp, Stack.Pool.ChainBytes(packet));
        if (!IcmpHeader.TryParse(first, out IcmpHeader header)
            || !InternetChecksum.IsIntact(Stack.SumChain(context, packet) + pseudo))
        {
            BadCount++;
        }
        else if (header.Type == Icmpv6Spec.EchoRequest)
        {
            // One to a group may be answered, too (section 4.2); nobody is there to be answered without an address.
            if (!origin.Source.IsUnspecified)
            {
                AnswerEcho(context, in origin, in header, packet, Icmpv6Spec.EchoReply);
            }
        }
        else if (header.Type < Icmpv6Spec.FirstInformational)
        {
            Hear(context, in header, first[IcmpHeader.LengthBytes..]);
        }
        else if (!origin.WasFragment && Stack.Pool[packet].Next == PacketPool.None)
        {
            // Fragments of these are not taken (RFC 6980 section 5).
            Stack.Discovery.Receive(context, in origin, first);
        }

        Stack.Pool.ReleaseChain(packet);
    }

    /// <summary>Sends what a program has written, with its checksum; what is too short to have one is no message.</summary>
    internal SocketError SendRaw(CallContext context, OutgoingPacket message, in PacketPath path, byte hopLimit)
    {
        if (message.Count < 2 || message.Pieces[1].LengthBytes < IcmpHeader.ChecksumOffset + sizeof(ushort))
        {
            message.Discard();
            return SocketError.InvalidArgument;
        }

        ref readonly Piece first = ref message.Pieces[1];
        Span<byte> field = Stack.Pool.Buffer(context, first.Packet).Slice(first.Offset + IcmpHeader.ChecksumOffset, sizeof(ushort));
        field.Clear();
        uint pseudo = InternetChecksum.PseudoHeader(path.Source, path.Destination, Ipv6Header.NextIcmp, message.LengthBytes);
        BinaryPrimitives.WriteUInt16BigEndian(field, InternetChecksum.Complement(message.Sum(context) + pseudo));
        var properties = new PacketProperties { Protocol = Ipv6Header.NextIcmp, TimeToLive = hopLimit };
        return Stack.Output.Send(context, message, in path, in properties);
    }

    internal void ReportFailure(CallContext context, in PacketOrigin origin, int packet, DeliveryFailure failure)
    {
        var header = failure == DeliveryFailure.NoPort
            ? new IcmpHeader { Type = Icmpv6Spec.DestinationUnreachable, Code = Icmpv6Spec.CodePort }
            : new IcmpHeader { Type = Icmpv6Spec.TimeExceeded, Code = Icmpv6Spec.CodeReassemblyTimeExceeded };
        SendError(context, in origin, packet, in header, mayBeGroup: false);
    }

    /// <summary>Tells a sender which byte of its packet was not understood (section 3.4).</summary>
    /// <param name="context">The caller.</param>
    /// <param name="origin">What the packet came with.</param>
    /// <param name="packet">The packet.</param>
    /// <param name="code">Why.</param>
    /// <param name="pointer">The byte, from the fixed header on.</param>
    /// <param name="mayBeGroup">Whether it is told of a packet to a group.</param>
    internal void SendParameterProblem(
        CallContext context, in PacketOrigin origin, int packet, byte code, int pointer, bool mayBeGroup)
    {
        var header = new IcmpHeader { Type = Icmpv6Spec.ParameterProblem, Code = code, Rest = (uint)pointer };
        SendError(context, in origin, packet, in header, mayBeGroup);
    }

    /// <summary>
    /// Unless section 2.4 (e) forbids it: about errors and redirects, about packets to groups but for what they may be told, and to
    /// nobody.
    /// </summary>
    private void SendError(CallContext context, in PacketOrigin origin, int packet, in IcmpHeader header, bool mayBeGroup)
    {
        if ((!origin.IsUnicast && !mayBeGroup) || origin.Source.IsUnspecified || IsError(context, in origin, packet))
        {
            return;
        }

        // As much as fits into the least MTU (section 2.4 (c)).
        int quotedBytesMax = IpSpec.MtuBytesMinV6 - Ipv6Header.LengthBytes - IcmpHeader.LengthBytes - origin.HeaderBytes;
        if (quotedBytesMax >= 0)
        {
            SendQuote(context, in origin, packet, in header, quotedBytesMax);
        }
    }

    private void Hear(CallContext context, in IcmpHeader header, ReadOnlySpan<byte> quoted)
    {
        if (header.Type == Icmpv6Spec.PacketTooBig)
        {
            HearTooBig(context, quoted, (int)Math.Min(header.Rest, int.MaxValue));
            return;
        }

        SocketError error = ErrorOf(in header);
        if (QuotedPacket.TryParse(quoted, out QuotedPacket packet) && !packet.Flow.Local.IsV4 && error != SocketError.None)
        {
            Stack.Delivery.Notify(context, in packet, error, mtuBytes: 0);
        }
    }

    /// <summary>
    /// A router cannot carry packets of this length on (RFC 8201 section 4). Less than the least MTU is not believed, nor what quotes
    /// a segment that TCP has not got in flight.
    /// </summary>
    private void HearTooBig(CallContext context, ReadOnlySpan<byte> quoted, int mtuBytes)
    {
        if (mtuBytes < IpSpec.MtuBytesMinV6 || quoted.Length < Ipv6Header.LengthBytes || quoted[0] >> 4 != 6)
        {
            return;
        }

        IpAddress source = IpAddress.From(quoted.Slice(8, 16));
        IpAddress destination = IpAddress.From(quoted.Slice(24, 16));
        bool isOfTransport = QuotedPacket.TryParse(quoted, out QuotedPacket packet);
        bool isTcp = isOfTransport && packet.Protocol == Ipv4Header.ProtocolTcp;
        if (!Stack.IsOwn(source) || (isTcp && !Stack.Tcp.IsOutstanding(in packet.Flow, packet.Sequence)))
        {
            return;
        }

        Stack.Destinations.LearnMtu(destination, mtuBytes);
        if (isTcp)
        {
            Stack.Delivery.Notify(context, in packet, SocketError.MessageTooLong, mtuBytes);
        }
    }

    private static SocketError ErrorOf(in IcmpHeader header) => (header.Type, header.Code) switch
    {
        (Icmpv6Spec.DestinationUnreachable, Icmpv6Spec.CodePort) => SocketError.ConnectionRefused,
        (Icmpv6Spec.DestinationUnreachable, Icmpv6Spec.CodeNoRoute) => SocketError.NetworkUnreachable,
        (Icmpv6Spec.DestinationUnreachable, Icmpv6Spec.CodeAddress or Icmpv6Spec.CodeBeyondScope) => SocketError.HostUnreachable,
        (Icmpv6Spec.DestinationUnreachable, _) => SocketError.AccessDenied,
        (Icmpv6Spec.TimeExceeded or Icmpv6Spec.ParameterProblem, _) => SocketError.HostUnreachable,
        _ => SocketError.None,
    };

    /// <summary>Looks past headers that have not been taken yet, too.</summary>
    private bool IsError(CallContext context, in PacketOrigin origin, int packet)
    {
        int offset = Stack.Pool[packet].Offset - origin.HeaderBytes;
        ReadOnlySpan<byte> whole = Stack.Pool.Buffer(context, packet).Slice(offset, origin.HeaderBytes + Stack.Pool[packet].LengthBytes);
        byte protocol = ExtensionHeaders.FindTransport(whole, out int transport);
        return protocol == Ipv6Header.NextIcmp && transport > 0 && whole.Length > transport
            && whole[transport] is < Icmpv6Spec.FirstInformational or NdpSpec.Redirect;
    }
}
