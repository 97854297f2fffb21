using System.Runtime.CompilerServices;

namespace RedLeafSharp.Contracts;

/// <summary>What a network device is and can do.</summary>
public struct NetDeviceInfo
{
    /// <summary>Frames that callers hand over or collect at once, as a rule: enough that a call's cost vanishes.</summary>
    public const int BatchFrames = 32;

    /// <summary>Bytes of an Ethernet header without a VLAN tag (IEEE 802.3 section 3.1.1).</summary>
    public const int HeaderBytes = 14;

    /// <summary>Bytes of a VLAN tag (IEEE 802.1Q section 9.3).</summary>
    public const int TagBytes = 4;

    /// <summary>Shortest frame that may be sent: a header. The device pads it to what its link needs.</summary>
    public const int FrameBytesMin = HeaderBytes;

    /// <summary>The device's own address.</summary>
    public MacAddress Address;

    /// <summary>Most bytes of payload in a frame on the link, without Ethernet header, VLAN tag and checksum.</summary>
    public int MtuBytes;

    /// <summary>
    /// Length of a receive buffer that the device counts on, and most that it writes into one. A longer frame takes several
    /// (<see cref="ReceiveFlags.Continues"/>).
    /// </summary>
    public int ReceiveBufferBytes;

    /// <summary>Most receive buffers that the device has at a time.</summary>
    public int ReceiveBuffersMax;

    /// <summary>Entries in flight (<see cref="TransmitEntry"/>) for which there is room when each is a frame; long frames may be fewer, or more.</summary>
    public int EntriesMax;

    /// <summary>Most pieces of one frame.</summary>
    public int PiecesMax;

    /// <summary>
    /// Most bytes of a frame that is cut by the device (<see cref="TransmitOffloads.Segmentation"/>), header included; 0 if
    /// it cannot.
    /// </summary>
    public int SegmentationBytesMax;

    /// <summary>Most bytes of the headers of a frame with offloads of IP or above.</summary>
    public int HeaderBytesMax;

    /// <summary>Multicast addresses that the device filters.</summary>
    public int MulticastMax;

    /// <summary>What may be asked for in a frame.</summary>
    public TransmitOffloads Offloads;

    /// <summary>What the device tells of received frames.</summary>
    public ReceiveFlags ReceiveOffloads;

    /// <summary>Whether <see cref="INetDevice.Arm"/> works.</summary>
    public bool HasInterrupts;

    /// <summary>
    /// Whether an entry is a well-formed frame by itself, finished and in one piece: the shortest way, for the most common frames.
    /// </summary>
    /// <param name="entry">The entry.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool AdmitsPlain(in TransmitEntry entry) =>
        entry.Flags == EntryFlags.None
            && (uint)(entry.LengthBytes - FrameBytesMin) <= (uint)(MtuBytes + HeaderBytes + TagBytes - FrameBytesMin);

    /// <summary>The first frame of some entries.</summary>
    /// <param name="entries">The entries, of one call.</param>
    /// <param name="count">How many of them are the frame's.</param>
    /// <returns>False when there is none, or it is not well-formed: then no device takes it.</returns>
    public readonly bool Admits(ReadOnlySpan<TransmitEntry> entries, out int count)
    {
        bool hasOffload = entries.Length > 0 && (entries[0].Flags & EntryFlags.Offload) != 0;
        int lengthBytes = 0;
        count = hasOffload ? 1 : 0;
        bool isLast = hasOffload && entries[0].Flags != (EntryFlags.Offload | EntryFlags.Continues);
        int countMax = Math.Min(entries.Length, count + PiecesMax);
        while (!isLast && count < countMax)
        {
            ref readonly TransmitEntry piece = ref entries[count++];
            if ((piece.Flags & ~EntryFlags.Continues) != 0 || piece.LengthBytes is < 1 or > TransmitEntry.LengthBytesMax)
            {
                return false;
            }

            lengthBytes += piece.LengthBytes;
            isLast = piece.Flags == EntryFlags.None;
        }

        if (!isLast || lengthBytes == 0)
        {
            return false;
        }

        if (!hasOffload)
        {
            return lengthBytes >= FrameBytesMin && lengthBytes <= MtuBytes + HeaderBytes + TagBytes;
        }

        var offload = FrameOffload.Of(in entries[0]);
        return (offload.Kinds & ~Offloads) == 0 && entries[0].LengthBytes == (int)offload.Kinds
            && ((offload.Kinds & TransmitOffloads.Headers) == 0
                ? lengthBytes >= FrameBytesMin && lengthBytes <= MtuBytes + HeaderBytes + VlanBytes(in offload)
                : AdmitsHeaders(in offload, lengthBytes, entries[1].LengthBytes));
    }

    /// <summary>A tag inside the frame is not payload; one that the device inserts is not in the frame.</summary>
    private static int VlanBytes(in FrameOffload offload) => (offload.Kinds & TransmitOffloads.Vlan) != 0 ? 0 : TagBytes;

    private readonly bool AdmitsHeaders(in FrameOffload offload, int lengthBytes, int firstBytes)
    {
        int headerBytes = offload.LinkHeaderBytes + offload.NetworkHeaderBytes + offload.TransportHeaderBytes;
        bool isTcp = (offload.Kinds & TransmitOffloads.TcpChecksum) != 0;
        bool isUdp = (offload.Kinds & TransmitOffloads.UdpChecksum) != 0;
        int networkBytesMin = (offload.Kinds & TransmitOffloads.IPv6) != 0 ? 40 : 20;
        if (offload.LinkHeaderBytes is not (HeaderBytes or HeaderBytes + TagBytes)
            || offload.NetworkHeaderBytes < networkBytesMin
            || (isTcp && (isUdp || offload.TransportHeaderBytes < 20))
            || (isUdp && offload.TransportHeaderBytes != 8)
            || firstBytes < headerBytes
            || headerBytes > HeaderBytesMax)
        {
            return false;
        }

        if ((offload.Kinds & TransmitOffloads.Segmentation) == 0)
        {
            return lengthBytes <= MtuBytes + offload.LinkHeaderBytes;
        }

        return isTcp && offload.SegmentBytes > 0 && lengthBytes > headerBytes && lengthBytes <= SegmentationBytesMax
            && offload.SegmentBytes + headerBytes <= MtuBytes + offload.LinkHeaderBytes;
    }
}

/// <summary>State of the link.</summary>
public struct NetLink
{
    /// <summary>Whether frames can pass.</summary>
    public bool IsUp;

    /// <summary>Whether both sides may send at once.</summary>
    public bool IsFullDuplex;

    /// <summary>Speed in Mbit/s; 0 while the link is down.</summary>
    public int MegabitsPerSecond;
}

/// <summary>Which classes of frames are delivered beside those to the device's own address.</summary>
[Flags]
public enum ReceiveFilter
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>To all stations.</summary>
    Broadcast = 1,

    /// <summary>To every group.</summary>
    AllMulticast = 2,

    /// <summary>To anybody.</summary>
    Promiscuous = 4,
}

/// <summary>What a network device has counted.</summary>
public struct NetStatistics
{
    /// <summary>Frames delivered.</summary>
    public long ReceivedFrames;

    /// <summary>Bytes in them.</summary>
    public long ReceivedBytes;

    /// <summary>Frames that the device is done with.</summary>
    public long SentFrames;

    /// <summary>Bytes in them, before they were cut or padded.</summary>
    public long SentBytes;

    /// <summary>Frames dropped because no buffer was posted.</summary>
    public long MissedFrames;

    /// <summary>Frames dropped because they were damaged, too long or too short.</summary>
    public long ReceiveErrors;

    /// <summary>Frames that could not be sent.</summary>
    public long SendErrors;

    /// <summary>Changes of the link's state.</summary>
    public long LinkChanges;

    /// <summary>Times that the device had to be reset while it ran.</summary>
    public long Resets;
}
