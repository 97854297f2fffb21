using System.Buffers.Binary;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Packets;

/// <summary>What a packet still lacks that the device is to put in: see <see cref="FrameOffload"/> for what it holds instead.</summary>
internal struct PacketOffload
{
    internal TransmitOffloads Kinds;

    /// <summary>TCP payload of each frame that the packet is to be cut into; 0 when it is one frame.</summary>
    internal ushort SegmentBytes;

    internal ushort NetworkHeaderBytes;

    internal byte TransportHeaderBytes;

    /// <summary>Bytes of a VLAN tag in the link's header.</summary>
    internal byte TagBytes;

    internal readonly bool IsCut => SegmentBytes > 0;

    /// <summary>Puts the checksum of TCP in after all, for a packet whose data starts with the IP header.</summary>
    /// <returns>False when that does not make it whole: it would have to be cut.</returns>
    internal readonly bool TryFinish(Span<byte> packet)
    {
        if (IsCut)
        {
            return false;
        }

        if ((Kinds & TransmitOffloads.TcpChecksum) != 0)
        {
            Span<byte> segment = packet[NetworkHeaderBytes..];
            ushort checksum = InternetChecksum.Complement(InternetChecksum.Sum(segment));
            BinaryPrimitives.WriteUInt16BigEndian(segment[TcpHeader.ChecksumOffset..], checksum);
        }

        return true;
    }
}
