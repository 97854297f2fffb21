using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Packets;

namespace RedLeafSharp.Domains.TcpStack.Links;

/// <summary>
/// A VLAN of a link as a link of its own (IEEE 802.1Q): what it sends goes out by the link below with a tag, and the stack hands it what
/// comes there with that tag.
/// </summary>
internal sealed class VlanInterface(NetworkStack stack, NetworkInterface below, string name, ushort identifier)
    : NetworkInterface(name, below.Mac, below.MtuBytes)
{
    /// <summary>The link that frames go over.</summary>
    internal NetworkInterface Below => below;

    /// <summary>The VLAN, 1 to 4094.</summary>
    internal ushort Identifier => identifier;

    /// <summary>Whether it has been removed. It keeps its place, so that the numbers of other links stay, until a new one needs it.</summary>
    internal bool IsGone { get; set; }

    internal override MacAddress Mac => below.Mac;

    internal override bool HasCarrier => !IsGone && below.IsUp;

    internal override int MtuBytesMax => below.MtuBytes;

    internal override ulong Identity => below.Identity | ((ulong)identifier << 48);

    internal override TransmitOffloads Offloads => below.Offloads;

    internal override int CutBytesMax => below.CutBytesMax;

    internal override int PiecesMax => below.PiecesMax;

    internal override NetworkInterface Physical => below.Physical;

    internal override void Transmit(CallContext context, OutgoingPacket packet)
    {
        if (!IsUp)
        {
            Counters.SentDropped++;
            packet.Discard();
            return;
        }

        Counters.SentPackets++;
        Counters.SentBytes += packet.LengthBytes;
        packet.InsertTag(context, identifier);
        stack.Transmit(context, below, packet);
    }

    /// <summary>What comes is handed over by the link below.</summary>
    internal override bool TryReceive(CallContext context, out int packet)
    {
        packet = PacketPool.None;
        return false;
    }
}
