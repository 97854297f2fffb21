using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace RedLeafSharp.Contracts;

/// <summary>A received frame, or a piece of one: what became of the buffer that was posted first of those not returned yet.</summary>
public struct ReceivedFrame
{
    private const ulong SignOfLength = 1UL << 31;

    /// <summary>Bytes from the buffer's start; the checksum of the link is not among them.</summary>
    public int LengthBytes;

    /// <summary>What the device knows of the frame; all of it is with the last piece.</summary>
    public ReceiveFlags Flags;

    /// <summary>The VLAN tag that was taken out of the frame: priority, DEI and identifier (IEEE 802.1Q section 9.6).</summary>
    public ushort VlanTag;

    /// <summary>Adds up what a poll has delivered, four at a time.</summary>
    /// <param name="frames">The frames.</param>
    /// <param name="lengthBytesMax">Length of a buffer.</param>
    /// <param name="bytes">The sum of all lengths.</param>
    /// <param name="flags">What is known of any of them.</param>
    /// <returns>Whether each length is one that fits.</returns>
    public static bool TrySum(ReadOnlySpan<ReceivedFrame> frames, int lengthBytesMax, out long bytes, out ReceiveFlags flags)
    {
        // The lower half of a word is the length. Its sign tells of a negative one, that of the difference of one that is too long.
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<ReceivedFrame, ulong>(frames);
        Vector256<ulong> sums = Vector256<ulong>.Zero;
        Vector256<ulong> all = Vector256<ulong>.Zero;
        Vector256<int> differences = Vector256<int>.Zero;
        var longest = Vector256.Create(lengthBytesMax);
        for (; words.Length >= Vector256<ulong>.Count; words = words[Vector256<ulong>.Count..])
        {
            Vector256<ulong> four = Vector256.Create(words);
            sums += four & Vector256.Create((ulong)uint.MaxValue);
            all |= four;
            differences |= longest - four.AsInt32();
        }

        ulong sum = Vector256.Sum(sums);
        all |= differences.AsUInt64() & Vector256.Create(SignOfLength);
        Vector128<ulong> both = all.GetLower() | all.GetUpper();
        ulong union = both.GetElement(0) | both.GetElement(1);
        foreach (ulong word in words)
        {
            sum += (uint)word;
            union |= word | ((ulong)(lengthBytesMax - (int)word) & SignOfLength);
        }

        bytes = (long)sum;
        flags = (ReceiveFlags)(union >> 32);
        return (union & SignOfLength) == 0;
    }
}

/// <summary>What a device tells of a received frame.</summary>
[Flags]
public enum ReceiveFlags : ushort
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The frame goes on in the buffer of the next entry, which is delivered by the same poll.</summary>
    Continues = 1,

    /// <summary>The checksum of the IPv4 header was checked and is right.</summary>
    IPv4ChecksumGood = 2,

    /// <summary>The checksum of the TCP segment or UDP datagram was checked and is right.</summary>
    TransportChecksumGood = 4,

    /// <summary>A checksum of IPv4, TCP or UDP was checked and is wrong. The frame is delivered all the same.</summary>
    ChecksumBad = 8,

    /// <summary><see cref="ReceivedFrame.VlanTag"/> was taken out of the frame.</summary>
    VlanRemoved = 16,

    /// <summary>No frame: the buffer comes back after <see cref="INetDevice.Recall"/>, or what was received into it was damaged.</summary>
    Unfilled = 32,
}

/// <summary>
/// An entry of what is sent: a piece of a frame, or, before the pieces, what the device is to do with the frame
/// (<see cref="FrameOffload"/>).
/// </summary>
public struct TransmitEntry
{
    /// <summary>Most bytes in one piece.</summary>
    public const int LengthBytesMax = 1 << 16;

    /// <summary>
    /// First byte, in a registered page; the piece may go on in the pages behind it, if they are registered, too. Not an address in
    /// an entry with <see cref="EntryFlags.Offload"/>.
    /// </summary>
    public ulong BusAddress;

    /// <summary>Length in bytes, 1 to <see cref="LengthBytesMax"/>.</summary>
    public int LengthBytes;

    /// <summary>What the entry is.</summary>
    public EntryFlags Flags;
}

/// <summary>What an entry is.</summary>
[Flags]
public enum EntryFlags : uint
{
    /// <summary>The last piece of a frame.</summary>
    None = 0,

    /// <summary>The frame goes on in the next entry of the same call.</summary>
    Continues = 1,

    /// <summary>No piece: a <see cref="FrameOffload"/> of the pieces behind it. A frame begins with it, if it has one.</summary>
    Offload = 2,
}

/// <summary>What a device is to do with a frame; handed over as the frame's first entry.</summary>
/// <remarks>
/// What is asked for decides what the frame must hold already. <see cref="TransmitOffloads.IPv4Checksum"/>: 0 in the header's
/// checksum field. <see cref="TransmitOffloads.TcpChecksum"/>, <see cref="TransmitOffloads.UdpChecksum"/>: the sum over the
/// pseudo-header (RFC 9293 section 3.1, RFC 768), not inverted, in the checksum field. With
/// <see cref="TransmitOffloads.Segmentation"/> that sum counts the length as 0, and the length field of IP holds 0; the device
/// counts up the sequence number and IPv4's identification from piece to piece, and clears FIN and PSH in all but the last.
/// With any of these the headers lie in the first piece as a whole.
/// </remarks>
public struct FrameOffload
{
    /// <summary>What is to be done.</summary>
    public TransmitOffloads Kinds;

    /// <summary>The VLAN tag to insert, with <see cref="TransmitOffloads.Vlan"/>.</summary>
    public ushort VlanTag;

    /// <summary>Payload of TCP in each frame on the link, with <see cref="TransmitOffloads.Segmentation"/>.</summary>
    public ushort SegmentBytes;

    /// <summary>Length of the IP header with options or extension headers, with offloads of IP and above.</summary>
    public ushort NetworkHeaderBytes;

    /// <summary>Length of the Ethernet header, with offloads of IP and above: 14, or 18 with a tag inside.</summary>
    public byte LinkHeaderBytes;

    /// <summary>Length of the TCP or UDP header, with offloads of TCP or UDP.</summary>
    public byte TransportHeaderBytes;

    /// <summary>The entry that says so; the frame's pieces follow it.</summary>
    public readonly TransmitEntry Entry => new()
    {
        BusAddress = VlanTag | ((ulong)SegmentBytes << 16) | ((ulong)NetworkHeaderBytes << 32)
            | ((ulong)LinkHeaderBytes << 48) | ((ulong)TransportHeaderBytes << 56),
        LengthBytes = (int)Kinds,
        Flags = EntryFlags.Offload | EntryFlags.Continues,
    };

    /// <summary>What an entry with <see cref="EntryFlags.Offload"/> says.</summary>
    public static FrameOffload Of(in TransmitEntry entry) => new()
    {
        Kinds = (TransmitOffloads)entry.LengthBytes,
        VlanTag = (ushort)entry.BusAddress,
        SegmentBytes = (ushort)(entry.BusAddress >> 16),
        NetworkHeaderBytes = (ushort)(entry.BusAddress >> 32),
        LinkHeaderBytes = (byte)(entry.BusAddress >> 48),
        TransportHeaderBytes = (byte)(entry.BusAddress >> 56),
    };
}

/// <summary>What a device may do with a frame that it sends.</summary>
[Flags]
public enum TransmitOffloads : ushort
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Fills in the checksum of the IPv4 header.</summary>
    IPv4Checksum = 1,

    /// <summary>Fills in the checksum of TCP.</summary>
    TcpChecksum = 2,

    /// <summary>Fills in the checksum of UDP.</summary>
    UdpChecksum = 4,

    /// <summary>
    /// Cuts TCP's payload into pieces and makes each a frame of its own; with <see cref="TcpChecksum"/>, and with
    /// <see cref="IPv4Checksum"/> unless it is <see cref="IPv6"/>.
    /// </summary>
    Segmentation = 8,

    /// <summary>The packet is one of IPv6. Needed only beside others.</summary>
    IPv6 = 16,

    /// <summary>Inserts <see cref="FrameOffload.VlanTag"/>.</summary>
    Vlan = 32,

    /// <summary>Those for which the device must know where the headers are.</summary>
    Headers = IPv4Checksum | TcpChecksum | UdpChecksum | Segmentation,
}

/// <summary>What one <see cref="INetDevice.Poll"/> has collected.</summary>
public struct NetProgress
{
    /// <summary>Received entries written.</summary>
    public int ReceivedCount;

    /// <summary>Entries of <see cref="INetDevice.Send"/> that the device is done with, those of whole frames, in the order of sending.</summary>
    public int SentCount;

    /// <summary>Whether the link may have changed since the last poll: ask <see cref="INetDevice.GetLink"/>.</summary>
    public bool HasLinkChanged;
}
