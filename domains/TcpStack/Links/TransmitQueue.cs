using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Packets;

namespace RedLeafSharp.Domains.TcpStack.Links;

/// <summary>
/// Frames on their way out: those that the device has, and behind them a batch that it has not been given yet. Each entry keeps a reference
/// to its buffer until the device is done with it.
/// </summary>
internal sealed class TransmitQueue
{
    /// <summary>Entries of a batch: frames have three or four as a rule, and any frame fits.</summary>
    private const int BatchEntries = 4 * NetDeviceInfo.BatchFrames;

    /// <summary>As many long frames as a round has packets; what the device does not take waits in the batch.</summary>
    private const int RingEntries = 32 * StackLimits.PacketsPerRoundMax;
    private const int RingMask = RingEntries - 1;

    /// <summary>Frames here: each has a buffer for its headers at least.</summary>
    private const int FramesMax = StackLimits.PacketsPerRoundMax;

    /// <summary>What any frame fits into.</summary>
    private const int EntriesPerFrameMax = OutgoingPacket.PiecesMax + 1;

    private readonly PacketPool pool;

    /// <summary>The packet of each entry, the device's first; <see cref="PacketPool.None"/> of one that is no piece.</summary>
    private readonly int[] packets = new int[RingEntries];

    /// <summary>Whether a frame ends with it.</summary>
    private readonly bool[] isLast = new bool[RingEntries];
    private readonly TransmitEntry[] batch = new TransmitEntry[BatchEntries];
    private int piecesPerFrame = 1;
    private int first;
    private int inFlightCount;
    private int batchCount;
    private int frameCount;

    internal TransmitQueue(PacketPool pool) => this.pool = pool;

    /// <summary>Learns how many pieces of each frame the device takes.</summary>
    internal void Fit(in NetDeviceInfo info) => piecesPerFrame = Math.Clamp(info.PiecesMax, 1, OutgoingPacket.PiecesMax);

    /// <summary>Entries here, with the device or not.</summary>
    internal int Count => inFlightCount + batchCount;

    /// <summary>
    /// Whether the batch has to be handed over before another frame surely fits, or so many wait for a device that it must not have more of
    /// the pool.
    /// </summary>
    internal bool IsFull =>
        batchCount > BatchEntries - EntriesPerFrameMax || Count > RingEntries - EntriesPerFrameMax || frameCount >= FramesMax;

    /// <summary>
    /// Takes a packet over, flattened when it has more pieces than the device takes; false when there is no room.
    /// </summary>
    internal bool TryAdd(CallContext context, OutgoingPacket packet)
    {
        if (IsFull)
        {
            return false;
        }

        PacketOffload offload = packet.Offload;
        if (packet.Count > piecesPerFrame)
        {
            if (!packet.TryFlatten(context, out int whole))
            {
                return false;
            }

            packet.Adopt(whole);
        }

        if (offload.Kinds != TransmitOffloads.None)
        {
            Put(PacketPool.None, OffloadOf(in offload).Entry);
        }

        ReadOnlySpan<Piece> pieces = packet.Pieces;
        for (int index = 0; index < pieces.Length; index++)
        {
            ref readonly Piece piece = ref pieces[index];
            Put(piece.Packet, new TransmitEntry
            {
                BusAddress = pool.BusAddress(piece.Packet) + (ulong)piece.Offset,
                LengthBytes = piece.LengthBytes,
                Flags = index < pieces.Length - 1 ? EntryFlags.Continues : EntryFlags.None,
            });
        }

        packet.Forget();
        return true;
    }

    /// <summary>
    /// Hands the batch over; false when the device has not taken all of it. What it refuses for good is dropped.
    /// </summary>
    internal bool TrySend(CallContext context, INetDevice device)
    {
        if (batchCount == 0)
        {
            return true;
        }

        Reply<int, NetError> reply = device.Send(context, batch.AsSpan(0, batchCount));
        int taken = reply.IsOk ? Math.Clamp(reply.Value, 0, batchCount) : 0;
        inFlightCount += taken;
        if (!reply.IsOk)
        {
            taken = DropFirstOfBatch();
        }

        batchCount -= taken;
        Array.Copy(batch, taken, batch, 0, batchCount);
        return batchCount == 0;
    }

    /// <summary>The device is done with so many entries. More than it has is a driver's mistake, and harmless.</summary>
    internal void Complete(int count)
    {
        count = Math.Clamp(count, 0, inFlightCount);
        for (int ended = 0; ended < count; ended++)
        {
            ReleaseAt((first + ended) & RingMask);
        }

        first = (first + count) & RingMask;
        inFlightCount -= count;
    }

    private static FrameOffload OffloadOf(in PacketOffload offload) => new()
    {
        Kinds = offload.Kinds,
        SegmentBytes = offload.SegmentBytes,
        LinkHeaderBytes = (byte)(NetDeviceInfo.HeaderBytes + offload.TagBytes),
        NetworkHeaderBytes = offload.NetworkHeaderBytes,
        TransportHeaderBytes = offload.TransportHeaderBytes,
    };

    private void Put(int packet, in TransmitEntry entry)
    {
        int place = (first + Count) & RingMask;
        packets[place] = packet;
        isLast[place] = (entry.Flags & EntryFlags.Continues) == 0;
        frameCount += isLast[place] ? 1 : 0;
        batch[batchCount++] = entry;
    }

    /// <summary>Drops the batch's first frame; returns how many entries it had.</summary>
    private int DropFirstOfBatch()
    {
        int count = 1;
        while (count < batchCount && (batch[count - 1].Flags & EntryFlags.Continues) != 0)
        {
            count++;
        }

        int place = first + inFlightCount;
        for (int index = 0; index < count; index++)
        {
            ReleaseAt((place + index) & RingMask);
        }

        for (int index = count; index < batchCount; index++)
        {
            int from = (place + index) & RingMask;
            int to = (from - count) & RingMask;
            (packets[to], isLast[to]) = (packets[from], isLast[from]);
        }

        return count;
    }

    private void ReleaseAt(int place)
    {
        frameCount -= isLast[place] ? 1 : 0;
        if (packets[place] != PacketPool.None)
        {
            pool.Release(packets[place]);
        }
    }
}
