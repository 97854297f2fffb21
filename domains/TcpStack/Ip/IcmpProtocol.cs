using System.Buffers.Binary;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Packets;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Ip;

/// <summary>What ICMP and ICMPv6 do alike: echoes, errors that quote a packet, and their limits.</summary>
internal abstract class IcmpProtocol(NetworkStack stack, byte protocol)
{
    private long budgetSecond = -1;
    private int errorsLeft;

    /// <summary>Messages that could not be right.</summary>
    internal long BadCount { get; private protected set; }

    protected NetworkStack Stack { get; } = stack;

    /// <summary>Makes the checksum of a message, over the pseudo-header too in IPv6 (RFC 4443 section 2.3), and sends it.</summary>
    internal void Send(CallContext context, OutgoingPacket message, in PacketPath path, byte hopLimit = 0)
    {
        uint pseudo = path.IsV4
            ? 0
            : InternetChecksum.PseudoHeader(path.Source, path.Destination, protocol, message.LengthBytes);
        ushort checksum = InternetChecksum.Complement(message.Sum(context) + pseudo);
        Span<byte> header = Stack.Pool.Buffer(context, message.Pieces[0].Packet)[message.Pieces[0].Offset..];
        BinaryPrimitives.WriteUInt16BigEndian(header[IcmpHeader.ChecksumOffset..], checksum);
        var properties = new PacketProperties { Protocol = protocol, TimeToLive = hopLimit };
        Stack.Output.Send(context, message, in path, in properties);
    }

    /// <summary>Answers an echo with its own data.</summary>
    protected void AnswerEcho(CallContext context, in PacketOrigin origin, in IcmpHeader header, int packet, byte type)
    {
        OutgoingPacket answer = Stack.Control;
        if (!TryFindWayBack(in origin, out PacketPath path) || !answer.TryBegin())
        {
            return;
        }

        // The longest ones come in more fragments than a packet has pieces.
        bool isWhole = TryAddChain(answer, packet, IcmpHeader.LengthBytes)
            || (answer.TryBegin() && TryAppendChain(context, answer, packet, IcmpHeader.LengthBytes));
        if (isWhole)
        {
            new IcmpHeader { Type = type, Rest = header.Rest }.Write(answer.Prepend(context, IcmpHeader.LengthBytes));
            Send(context, answer, in path);
        }
        else
        {
            answer.Discard();
        }
    }

    /// <summary>Sends an error about a packet, which it quotes as it came: its header lies before its data. Not too often.</summary>
    protected void SendQuote(
        CallContext context, in PacketOrigin origin, int packet, in IcmpHeader header, int quotedPayloadBytesMax)
    {
        OutgoingPacket message = Stack.Control;
        if (!TrySpend() || !TryFindWayBack(in origin, out PacketPath path) || !message.TryBegin())
        {
            return;
        }

        int quotedBytes = Math.Min(Stack.Pool[packet].LengthBytes, quotedPayloadBytesMax) + origin.HeaderBytes;
        int offset = Stack.Pool[packet].Offset - origin.HeaderBytes;
        Stack.Pool.Buffer(context, packet).Slice(offset, quotedBytes).CopyTo(message.Append(context, quotedBytes));
        header.Write(message.Prepend(context, IcmpHeader.LengthBytes));
        Send(context, message, in path);
    }

    /// <summary>Puts a chain behind a packet's headers as it lies; false when it has too many pieces.</summary>
    private bool TryAddChain(OutgoingPacket packet, int chain, int skippedBytes)
    {
        bool isWhole = true;
        for (int piece = chain; piece != PacketPool.None && isWhole; piece = Stack.Pool[piece].Next)
        {
            ref Packet info = ref Stack.Pool[piece];
            isWhole = info.LengthBytes == skippedBytes
                || packet.TryAdd(piece, info.Offset + skippedBytes, info.LengthBytes - skippedBytes);
            skippedBytes = 0;
        }

        return isWhole;
    }

    /// <summary>Copies a chain behind a packet's headers, into as few buffers as hold it; false when there are none.</summary>
    private bool TryAppendChain(CallContext context, OutgoingPacket packet, int chain, int skippedBytes)
    {
        bool isWhole = true;
        while (chain != PacketPool.None && isWhole && Stack.Pool.TryTakeForData(out int buffer))
        {
            Span<byte> room = Stack.Pool.Buffer(context, buffer);
            while (chain != PacketPool.None && room.Length > 0)
            {
                ReadOnlySpan<byte> rest = Stack.Pool.Data(context, chain)[skippedBytes..];
                int taken = Math.Min(rest.Length, room.Length);
                rest[..taken].CopyTo(room);
                room = room[taken..];
                (chain, skippedBytes) = taken == rest.Length ? (Stack.Pool[chain].Next, 0) : (chain, skippedBytes + taken);
            }

            isWhole = packet.TryAdd(buffer, 0, PacketPool.BufferBytes - room.Length);
            Stack.Pool.Release(buffer);
        }

        return isWhole && chain == PacketPool.None;
    }

    /// <summary>From the address that was asked, or from one of this host's if that was a group's (RFC 4443 section 2.2).</summary>
    private bool TryFindWayBack(in PacketOrigin origin, out PacketPath path)
    {
        IpAddress source = origin.Destination.IsMulticast ? IpAddress.AnyV6 : origin.Destination;
        return Stack.Output.FindPath(origin.Source, source, out path, origin.Zone) == SocketError.None;
    }

    private bool TrySpend()
    {
        long second = Stack.NowMicros / 1_000_000;
        if (second != budgetSecond)
        {
            (budgetSecond, errorsLeft) = (second, StackLimits.IcmpErrorsPerSecondMax);
        }

        return errorsLeft-- > 0;
    }
}
