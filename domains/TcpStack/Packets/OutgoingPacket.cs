using System.Buffers.Binary;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Packets;

/// <summary>
/// The packet that is being built: a buffer for headers, which are put before one another from the innermost out, and pieces of
/// payload where they lie. The stack has one at a time and uses it again.
/// </summary>
internal sealed class OutgoingPacket(PacketPool pool)
{
    /// <summary>A datagram of 64 KiB in buffers that are not quite full, and the headers.</summary>
    internal const int PiecesMax = 40;

    /// <summary>Room before the transport's header: IP with 40 bytes of options, Ethernet with a tag.</summary>
    internal const int HeadroomBytes = 128;

    private const int NoLink = -1;

    private readonly Piece[] pieces = new Piece[PiecesMax];
    private int unreadableBytes;
    private int lentLink;

    internal PacketPool Pool { get; } = pool;

    /// <summary>Headers first. Each piece holds a reference to its buffer.</summary>
    internal ReadOnlySpan<Piece> Pieces => pieces.AsSpan(0, Count);

    internal int Count { get; private set; }

    internal int LengthBytes { get; private set; }

    /// <summary>Bytes before the first piece that only devices can read.</summary>
    internal int ReadableBytes => LengthBytes - unreadableBytes;

    /// <summary>Whether there are bytes that only devices can read.</summary>
    internal bool HasLent => unreadableBytes > 0;

    /// <summary>Whether a link's device can read all of it.</summary>
    internal bool IsReadableBy(int link) => !HasLent || lentLink == link;

    /// <summary>What is left to whoever sends the packet, and what it has to know for that.</summary>
    internal PacketOffload Offload;

    /// <summary>Starts a packet; false when there is no buffer for its headers.</summary>
    internal bool TryBegin()
    {
        Discard();
        if (!Pool.TryTake(out int header))
        {
            return false;
        }

        pieces[0] = new Piece { Packet = header, Offset = HeadroomBytes };
        Count = 1;
        return true;
    }

    /// <summary>Makes room for a header before what is there. The bytes are not cleared.</summary>
    internal Span<byte> Prepend(CallContext context, int lengthBytes)
    {
        ref Piece header = ref pieces[0];
        header.Offset -= lengthBytes;
        header.LengthBytes += lengthBytes;
        LengthBytes += lengthBytes;
        return Pool.Buffer(context, header.Packet).Slice(header.Offset, lengthBytes);
    }

    /// <summary>Puts a VLAN tag into the Ethernet header, which is there already (IEEE 802.1Q section 9.3).</summary>
    internal void InsertTag(CallContext context, ushort tag)
    {
        _ = Prepend(context, EthernetHeader.TagBytes);
        Span<byte> header = Pool.Buffer(context, pieces[0].Packet)[pieces[0].Offset..];
        header.Slice(EthernetHeader.TagBytes, VlanSpec.AddressBytes).CopyTo(header);
        BinaryPrimitives.WriteUInt16BigEndian(header[VlanSpec.AddressBytes..], EthernetHeader.TypeVlan);
        BinaryPrimitives.WriteUInt16BigEndian(header[(VlanSpec.AddressBytes + 2)..], tag);
        Offload.TagBytes = EthernetHeader.TagBytes;
    }

    /// <summary>Makes room behind what is in the header's buffer; only before other pieces are added.</summary>
    internal Span<byte> Append(CallContext context, int lengthBytes)
    {
        ref Piece header = ref pieces[0];
        int end = header.Offset + header.LengthBytes;
        header.LengthBytes += lengthBytes;
        LengthBytes += lengthBytes;
        return Pool.Buffer(context, header.Packet).Slice(end, lengthBytes);
    }

    /// <summary>Adds a part of a buffer, and a reference to it; false when there are too many.</summary>
    internal bool TryAdd(int packet, int offset, int lengthBytes)
    {
        if (Count == PiecesMax)
        {
            return false;
        }

        Pool.AddReference(packet);
        pieces[Count++] = new Piece { Packet = packet, Offset = offset, LengthBytes = lengthBytes };
        LengthBytes += lengthBytes;
        if (Pool.IsLent(packet))
        {
            int link = Pool.LinkOfLent(packet);
            lentLink = HasLent && link != lentLink ? NoLink : link;
            unreadableBytes += lengthBytes;
        }
        else if (HasLent)
        {
            unreadableBytes += lengthBytes;
        }

        return true;
    }

    /// <summary>The sum over everything from the first byte on; of a packet without lent pages.</summary>
    internal uint Sum(CallContext context)
    {
        uint sum = 0;
        bool isOdd = false;
        foreach (ref readonly Piece piece in Pieces)
        {
            ReadOnlySpan<byte> bytes = Pool.Buffer(context, piece.Packet).Slice(piece.Offset, piece.LengthBytes);
            sum += isOdd ? InternetChecksum.SumAtOdd(bytes) : InternetChecksum.Sum(bytes);
            isOdd ^= bytes.Length % 2 != 0;
        }

        return sum;
    }

    /// <summary>Copies a part of the packet that is readable.</summary>
    internal void CopyTo(CallContext context, int offset, Span<byte> destination)
    {
        foreach (ref readonly Piece piece in Pieces)
        {
            int taken = Math.Clamp(piece.LengthBytes - offset, 0, destination.Length);
            if (taken > 0)
            {
                Pool.Buffer(context, piece.Packet).Slice(piece.Offset + offset, taken).CopyTo(destination);
                destination = destination[taken..];
            }

            offset = Math.Max(0, offset - piece.LengthBytes);
        }
    }

    /// <summary>Copies all of it into one buffer of its own; false when it does not fit, only devices can read it, or none is free.</summary>
    internal bool TryFlatten(CallContext context, out int packet)
    {
        packet = PacketPool.None;
        if (HasLent || LengthBytes > PacketPool.BufferBytes - HeadroomBytes || !Pool.TryTake(out packet))
        {
            return false;
        }

        Pool[packet].Offset = HeadroomBytes;
        Pool[packet].LengthBytes = LengthBytes;
        CopyTo(context, 0, Pool.Data(context, packet));
        return true;
    }

    /// <summary>Makes a flattened packet the one that is being built, and takes it over.</summary>
    internal void Adopt(int packet)
    {
        Discard();
        pieces[0] = new Piece { Packet = packet, Offset = Pool[packet].Offset, LengthBytes = Pool[packet].LengthBytes };
        LengthBytes = pieces[0].LengthBytes;
        Count = 1;
    }

    /// <summary>Lets go of all pieces.</summary>
    internal void Discard()
    {
        foreach (ref readonly Piece piece in Pieces)
        {
            Pool.Release(piece.Packet);
        }

        Forget();
    }

    /// <summary>Somebody has taken over the references.</summary>
    internal void Forget()
    {
        Count = 0;
        LengthBytes = 0;
        unreadableBytes = 0;
        Offload = default;
    }
}

/// <summary>A part of a buffer.</summary>
internal struct Piece
{
    internal int Packet;
    internal int Offset;
    internal int LengthBytes;
}
