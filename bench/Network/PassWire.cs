using System.Buffers.Binary;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack;
using RedLeafSharp.Domains.TcpStack.Links;
using RedLeafSharp.Domains.TcpStack.Packets;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Bench.Network;

/// <summary>
/// One end of a wire between two stacks in one thread: a packet is copied into buffers of the other's pool, one for each 1,500 bytes. It may
/// do what a controller does: cut a packet of TCP into frames, and vouch for checksums that nobody has made.
/// </summary>
internal sealed class PassWire(PacketPool pool, string name, bool takesUnfinished) : NetworkInterface(name, default, MtuBytesOfEthernet)
{
    private const int MtuBytesOfEthernet = 1_500;
    private const int PacketCount = 7_680;

    /// <summary>Packets on their way: more than a round takes.</summary>
    private const int QueueMax = 1_024;

    /// <summary>As a controller of 64 KiB has it.</summary>
    private const int CutBytes = 64_000;

    private readonly int[] queue = new int[QueueMax];
    private readonly byte[] header = new byte[OutgoingPacket.HeadroomBytes];
    private uint head;
    private uint tail;

    internal static IpAddress First { get; } = IpAddress.FromV4(10, 0, 0, 1);

    internal static IpAddress Second { get; } = IpAddress.FromV4(10, 0, 0, 2);

    internal override bool HasLinkHeader => false;

    internal override TransmitOffloads Offloads => takesUnfinished ? TransmitOffloads.TcpChecksum : TransmitOffloads.None;

    internal override int CutBytesMax => takesUnfinished ? CutBytes : 0;

    private PassWire? Other { get; set; }

    private PacketPool Pool => pool;

    /// <summary>Two stacks, connected.</summary>
    internal static (NetworkStack First, NetworkStack Second) Connect(CallContext context, bool takesUnfinished)
    {
        (NetworkStack firstStack, PassWire first) = Create(context, First, 1, takesUnfinished);
        (NetworkStack secondStack, PassWire second) = Create(context, Second, 2, takesUnfinished);
        first.Other = second;
        second.Other = first;
        return (firstStack, secondStack);
    }

    internal override void Transmit(CallContext context, OutgoingPacket packet)
    {
        PacketOffload offload = packet.Offload;
        if (offload.IsCut)
        {
            Cut(context, packet, in offload);
        }
        else if (TryMake(out int copy, packet.LengthBytes))
        {
            packet.CopyTo(context, 0, Other!.Pool.Data(context, copy));
            Put(copy, offload.Kinds != TransmitOffloads.None);
        }

        packet.Discard();
    }

    internal override bool TryReceive(CallContext context, out int packet)
    {
        bool isThere = head != tail;
        packet = isThere ? queue[head++ % QueueMax] : PacketPool.None;
        return isThere;
    }

    private static (NetworkStack Stack, PassWire Wire) Create(CallContext context, IpAddress address, ulong key, bool takesUnfinished)
    {
        if (!PacketPool.TryCreate(context, PacketCount, out PacketPool pool))
        {
            throw new InvalidOperationException("no memory for packets");
        }

        var stack = new NetworkStack(pool, key, ~key);
        var wire = new PassWire(pool, "eth0", takesUnfinished);
        stack.AddInterface(wire);
        _ = stack.TryAddAddress(wire, address, prefixBits: 24, isTentative: false);
        return (stack, wire);
    }

    /// <summary>A frame for each piece of payload, with the headers of the whole and its own length, place and checksum of IP.</summary>
    private void Cut(CallContext context, OutgoingPacket packet, in PacketOffload offload)
    {
        int headerBytes = offload.NetworkHeaderBytes + offload.TransportHeaderBytes;
        packet.CopyTo(context, 0, header.AsSpan(0, headerBytes));
        uint sequence = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(offload.NetworkHeaderBytes + 4));
        for (int offset = headerBytes; offset < packet.LengthBytes; offset += offload.SegmentBytes)
        {
            int count = Math.Min(offload.SegmentBytes, packet.LengthBytes - offset);
            if (!TryMake(out int copy, headerBytes + count))
            {
                return;
            }

            Span<byte> frame = Other!.Pool.Data(context, copy);
            header.AsSpan(0, headerBytes).CopyTo(frame);
            packet.CopyTo(context, offset, frame[headerBytes..]);
            BinaryPrimitives.WriteUInt16BigEndian(frame[Ipv4Header.TotalBytesOffset..], (ushort)frame.Length);
            ushort sum = InternetChecksum.Complement(InternetChecksum.Sum(frame[..Ipv4Header.LengthBytes]));
            BinaryPrimitives.WriteUInt16BigEndian(frame[Ipv4Header.ChecksumOffset..], sum);
            BinaryPrimitives.WriteUInt32BigEndian(frame[(offload.NetworkHeaderBytes + 4)..], sequence + (uint)(offset - headerBytes));
            frame[offload.NetworkHeaderBytes + 13] &= offset + count < packet.LengthBytes ? (byte)~TcpFlags.Psh : byte.MaxValue;
            Put(copy, isChecked: true);
        }
    }

    private bool TryMake(out int copy, int lengthBytes)
    {
        if (Other!.tail - Other.head == QueueMax || !Other.Pool.TryTake(out copy))
        {
            copy = PacketPool.None;
            Counters.SentDropped++;
            return false;
        }

        Other.Pool[copy].Offset = OutgoingPacket.HeadroomBytes;
        Other.Pool[copy].LengthBytes = lengthBytes;
        return true;
    }

    private void Put(int copy, bool isChecked)
    {
        Other!.Pool[copy].IsTransportChecked = isChecked;
        Other.queue[Other.tail++ % QueueMax] = copy;
    }
}
