using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Packets;

namespace RedLeafSharp.Domains.TcpStack.Links;

/// <summary>
/// Frames on their way out: a batch that the device has not been given yet, and those that it has. Their pieces keep a
/// reference to
/// each buffer until the device is done with the frame.
/// </summary>
internal sealed class TransmitRing
{
    private readonly PacketPool pool;
    private readonly Piece[] pieces;
    private readonly int[] pieceCounts;
    private readonly int[] freeSlots;
    private readonly bool[] isInFlight;
    private readonly TransmitFrame[] frames = new TransmitFrame[NetDeviceInfo.BatchFrames];
    private readonly FrameSegment[] segments;
    private int piecesPerFrame = 1;
    private int framesMax = 1;
    private int freeCount;
    private int frameCount;
    private int segmentCount;

    internal TransmitRing(PacketPool pool)
    {
        this.pool = pool;
        const int slots = StackLimits.PacketsPerRoundMax;
        pieces = new Piece[slots * OutgoingPacket.PiecesMax];
        pieceCounts = new int[slots];
        isInFlight = new bool[slots];
        freeSlots = new int[slots];
        segments = new FrameSegment[frames.Length * OutgoingPacket.PiecesMax];
        for (int slot = 0; slot < slots; slot++)
        {
            freeSlots[freeCount++] = slot;
        }
    }

    /// <summary>Learns how many frames the device takes, and how many pieces of each.</summary>
    internal void Fit(in NetDeviceInfo info)
    {
        piecesPerFrame = Math.Clamp(info.SegmentsMax, 1, OutgoingPacket.PiecesMax);
        framesMax = Math.Clamp(info.FramesMax, 1, freeSlots.Length);
    }

    /// <summary>Whether the batch has to be handed over before another frame fits.</summary>
    internal bool IsFull => frameCount == frames.Length || freeSlots.Length - freeCount >= framesMax;

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

        int slot = freeSlots[--freeCount];
        pieceCounts[slot] = packet.Count;
        packet.Pieces.CopyTo(pieces.AsSpan(slot * OutgoingPacket.PiecesMax));
        frames[frameCount++] = new TransmitFrame
        {
            Tag = (ulong)slot,
            FirstSegment = segmentCount,
            SegmentCount = packet.Count,
            Offloads = offload.Kinds,
            SegmentBytes = offload.SegmentBytes,
            LinkHeaderBytes = (byte)(NetDeviceInfo.HeaderBytes + offload.TagBytes),
            NetworkHeaderBytes = offload.NetworkHeaderBytes,
            TransportHeaderBytes = offload.TransportHeaderBytes,
        };
        foreach (ref readonly Piece piece in packet.Pieces)
        {
            segments[segmentCount++] = new FrameSegment
            {
                BusAddress = pool.BusAddress(piece.Packet) + (ulong)piece.Offset,
                LengthBytes = piece.LengthBytes,
            };
        }

        packet.Forget();
        return true;
    }

    /// <summary>
    /// Hands the batch over; false when the device has not taken all of it. What it refuses for good is dropped.
    /// </summary>
    internal bool TrySend(CallContext context, INetDevice device)
    {
        if (frameCount == 0)
        {
            return true;
        }

        Reply<int, NetError> reply = device.Send(context, frames.AsSpan(0, frameCount), segments.AsSpan(0, segmentCount));
        int taken = reply.IsOk ? Math.Clamp(reply.Value, 0, frameCount) : 0;
        for (int index = 0; index < taken; index++)
        {
            isInFlight[(int)frames[index].Tag] = true;
        }

        if (!reply.IsOk)
        {
            Release((int)frames[0].Tag);
            taken = 1;
        }

        Drop(taken);
        return frameCount == 0;
    }

    /// <summary>The device is done with frames. A tag that names none in flight is a driver's mistake, and harmless.</summary>
    internal void Complete(ReadOnlySpan<ulong> tags)
    {
        foreach (ulong tag in tags)
        {
            if (tag < (ulong)isInFlight.Length && isInFlight[(int)tag])
            {
                isInFlight[(int)tag] = false;
                Release((int)tag);
            }
        }
    }

    /// <summary>Moves what is left of the batch to its start.</summary>
    private void Drop(int count)
    {
        frameCount -= count;
        Array.Copy(frames, count, frames, 0, frameCount);
        int dropped = frameCount == 0 ? segmentCount : frames[0].FirstSegment;
        segmentCount -= dropped;
        Array.Copy(segments, dropped, segments, 0, segmentCount);
        for (int index = 0; index < frameCount; index++)
        {
            frames[index].FirstSegment -= dropped;
        }
    }

    private void Release(int slot)
    {
        foreach (ref readonly Piece piece in pieces.AsSpan(slot * OutgoingPacket.PiecesMax, pieceCounts[slot]))
        {
            pool.Release(piece.Packet);
        }

        freeSlots[freeCount++] = slot;
    }
}
