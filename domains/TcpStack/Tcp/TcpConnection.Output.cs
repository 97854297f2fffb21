using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Ip;
using RedLeafSharp.Domains.TcpStack.Packets;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Tcp;

/// <content>What is sent, and when: RFC 9293 sections 3.8.6 (windows) and 3.7.4 (Nagle).</content>
internal sealed partial class TcpConnection
{
    private readonly SendQueue sendQueue;
    private bool isWindowLimited;
    private bool isMoreComing;
    private bool needsAck;
    private int unacknowledgedBytes;
    private int receiveMss = TcpSpec.MssDefaultV4;
    private uint lastAckSent;

    private uint TimestampNow => TimestampAt(stack.NowMicros);

    private bool IsFinSent => isFinQueued && sendNext == sendQueue.End + 1;

    /// <summary>Bytes, and a FIN, that have not been sent yet.</summary>
    private int UnsentLength => (int)(sendQueue.End - sendNext) + (isFinQueued ? 1 : 0);

    /// <summary>Sends what may be sent now: first what was lost, then new data, then an ACK if none has gone along.</summary>
    private void Output(CallContext context)
    {
        if (State is TcpState.Established or TcpState.CloseWait or TcpState.FinWait1 or TcpState.Closing or TcpState.LastAck)
        {
            if (forwardCheck != ForwardCheck.SendingNew)
            {
                RetransmitLost(context);
            }

            SendNew(context);
        }

        if (needsAck && State >= TcpState.SynReceived)
        {
            EmitAck(context);
        }

        Reschedule();
    }

    private void RetransmitLost(CallContext context)
    {
        for (int index = 0; segments.LostBytes > 0 && index < segments.Count; index++)
        {
            if (!segments[index].IsLost)
            {
                continue;
            }

            int pipe = PipeBytes;
            if (pipe > 0 && pipe + Math.Min(segments[index].LengthBytes, mss) > congestion.Window)
            {
                return;
            }

            if (!TryRetransmit(context, index))
            {
                return;
            }
        }
    }

    private bool TryRetransmit(CallContext context, int index)
    {
        if (segments[index].LengthBytes > mss + 1 && !segments.TrySplit(index, mss))
        {
            return false;
        }

        ref SentSegment segment = ref segments[index];
        if (!TryEmit(context, segment.Start, segment.End))
        {
            return false;
        }

        prrOut += segment.LengthBytes;
        segments.MarkRetransmitted(index, stack.NowMicros);
        StartRetransmission();
        return true;
    }

    private void SendNew(CallContext context)
    {
        bool hasSent = false;
        while (UnsentLength > 0 && !segments.IsFull && TryChooseLength(out int lengthBytes))
        {
            hasSent |= TrySendNext(context, lengthBytes);
            if (!hasSent)
            {
                break;
            }
        }

        int pipe = segments.PipeBytes;
        isWindowLimited = hasSent || UnsentLength > 0
            ? pipe + mss > congestion.Window || (congestion.IsInSlowStart && 2L * pipe >= congestion.Window)
            : isWindowLimited;
        if (hasSent)
        {
            StartRetransmission();
            ArmProbe();
        }
        else if (segments.Count == 0 && UnsentLength > 0 && retransmissionDeadline == long.MaxValue)
        {
            // Data begins to wait now: before, nothing was owed to us.
            lastProgressMicros = stack.NowMicros;
            StartRetransmission();
        }
    }

    /// <summary>
    /// How much of the unsent data goes into the next segment (RFC 9293 section 3.8.6.2.1); false to wait for more.
    /// </summary>
    private bool TryChooseLength(out int lengthBytes)
    {
        int unsent = UnsentLength;
        int windowRoom = (int)(sendUnacknowledged + sendWindow - sendNext);
        int room = Math.Min(windowRoom, congestion.Window - PipeBytes);
        int full = mss - SackBytes;
        lengthBytes = Math.Min(Math.Min(unsent, full), room);
        if (lengthBytes <= 0)
        {
            return false;
        }

        if (lengthBytes == full && CutBytesMax > full)
        {
            int unsentBytes = Math.Min(room, (int)(sendQueue.End - sendNext));
            lengthBytes = WholeSegments(full, sendQueue.BytesWithin(path.Interface.PiecesMax - 1, sendNext, unsentBytes));
            return true;
        }

        bool isAll = lengthBytes == unsent;
        bool isHeld = Settings.IsCorked || isMoreComing;
        bool mayBeShort = isFinQueued || (!isHeld && (Settings.IsNoDelay || segments.Count == 0));
        return lengthBytes == full || (isAll && mayBeShort) || (uint)lengthBytes >= Math.Max(1, sendWindowMax / 2);
    }

    /// <summary>
    /// So many full segments as may be sent at once, for the device to cut. SACKs and FINs go in segments of their own: they would be in
    /// each piece, or in none.
    /// </summary>
    private int WholeSegments(int full, int room)
    {
        int count = Math.Min(Math.Min(room, CutBytesMax) / full, segments.FreeCount);
        return Math.Max(1, count) * full;
    }

    /// <summary>A segment that tells of a reduction, or of urgent data, is one that is not cut: each piece would say the same.</summary>
    private int CutBytesMax => SackBytes == 0 && !owesReduction && !hasUrgentToSend ? path.Interface.CutBytesMaxOf(path.IsV4) : 0;

    /// <summary>Sends the next bytes for the first time: whole segments, or one.</summary>
    private bool TrySendNext(CallContext context, int lengthBytes)
    {
        int segmentBytes = lengthBytes > mss ? mss : 0;
        if (segments.Count == 0 && lastSentMicros > 0 && stack.NowMicros - lastSentMicros > rtt.BaseMicros)
        {
            congestion.OnIdle();
        }

        uint end = sendNext + (uint)lengthBytes;
        if (!TryEmit(context, sendNext, end, segmentBytes))
        {
            return false;
        }

        if (segments.Count == 0)
        {
            lastProgressMicros = stack.NowMicros;
        }

        int step = segmentBytes == 0 ? lengthBytes : segmentBytes;
        for (; sendNext != end; sendNext += (uint)step)
        {
            segments.Append(sendNext, sendNext + (uint)step, stack.NowMicros);
        }

        prrOut += lengthBytes;
        lastSentMicros = stack.NowMicros;
        return true;
    }

    private void SendSyn(CallContext context)
    {
        sendNext = iss + 1;
        segments.Append(iss, sendNext, stack.NowMicros);
        lastProgressMicros = stack.NowMicros;
        TryEmit(context, iss, sendNext);
        StartRetransmission();
        Reschedule();
    }

    private void ResendSyn(CallContext context) => TryEmit(context, iss, iss + 1);

    private void EmitAck(CallContext context) => TryEmit(context, sendNext, sendNext);

    private void EmitReset(CallContext context)
    {
        OutgoingPacket packet = stack.Outgoing;
        if (packet.TryBegin())
        {
            Complete(context, packet, TcpFlags.Rst | TcpFlags.Ack, sendNext, default, window: 0, isEcnCapable: false);
        }
    }

    /// <summary>After a read: tells the peer of room if it is worth a segment (RFC 9293 section 3.8.6.2.2).</summary>
    private void AnnounceWindow(CallContext context)
    {
        if (State is not (TcpState.Established or TcpState.FinWait1 or TcpState.FinWait2))
        {
            return;
        }

        int gained = (int)(receiveNext + OfferableBytes - advertisedEdge);
        int remaining = (int)(advertisedEdge - receiveNext);
        if (gained >= receiveQueue.Capacity / 2
            || (remaining < 2 * receiveMss && gained >= WindowStepBytes))
        {
            EmitAck(context);
        }
    }

    /// <summary>Sends a segment of the sequence numbers given: SYN, data and FIN as they come to lie in it.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="start">The first.</param>
    /// <param name="end">Behind the last.</param>
    /// <param name="segmentBytes">What the device is to cut the data into; 0 to leave it whole.</param>
    private bool TryEmit(CallContext context, uint start, uint end, int segmentBytes = 0)
    {
        bool isSyn = start == iss && start != end;
        var flags = TcpFlags.None;
        flags |= isSyn ? TcpFlags.Syn : TcpFlags.None;
        flags |= State != TcpState.SynSent ? TcpFlags.Ack : TcpFlags.None;
        flags |= isFinQueued && start != end && end == sendQueue.End + 1 ? TcpFlags.Fin : TcpFlags.None;
        uint dataStart = isSyn ? start + 1 : start;
        int dataBytes = (int)(((flags & TcpFlags.Fin) != 0 ? end - 1 : end) - dataStart);
        flags |= dataBytes > 0 && end == sendQueue.End ? TcpFlags.Psh : TcpFlags.None;

        // What is sent again, or into a closed window, is not to be marked: the answer would come late, or never (RFC 3168 section 6.1.5).
        bool isNewData = dataBytes > 0 && !isSyn && start == sendNext && sendWindow > 0;

        OutgoingPacket packet = stack.Outgoing;
        if (!packet.TryBegin() || (dataBytes > 0 && !sendQueue.TryAddTo(packet, dataStart, dataBytes)))
        {
            packet.Discard();
            return false;
        }

        packet.Offload.SegmentBytes = (ushort)segmentBytes;
        packet.Offload.Kinds = segmentBytes > 0 ? TransmitOffloads.Segmentation : TransmitOffloads.None;
        flags |= isSyn ? SynEcnFlags() : EcnFlags(isNewData);
        TcpOptions options;
        if (isSyn)
        {
            options = SynOptions();
        }
        else
        {
            SetSegmentOptions(dataBytes, out options);
        }

        Complete(context, packet, flags, start, in options, isSyn ? ChooseSynWindow() : ChooseWindow(), usesEcn && isNewData);
        NoteAckSent();
        return true;
    }

    private void Complete(
        CallContext context, OutgoingPacket packet, TcpFlags flags, uint sequence, in TcpOptions options, ushort window, bool isEcnCapable)
    {
        ushort urgentPointer = (flags & (TcpFlags.Rst | TcpFlags.Syn)) == 0 ? UrgentPointerOf(sequence) : (ushort)0;
        flags |= urgentPointer == 0 ? TcpFlags.None : TcpFlags.Urg;
        uint acknowledgment = (flags & TcpFlags.Ack) != 0 ? receiveNext : 0;
        var header = new TcpHeader
        {
            SourcePort = Flow.LocalPort,
            DestinationPort = Flow.RemotePort,
            Sequence = sequence,
            Acknowledgment = acknowledgment,
            HeaderBytes = TcpHeader.LengthBytes + options.LengthBytes,
            Flags = flags,
            Window = window,
            UrgentPointer = urgentPointer,
        };
        byte typeOfService = (byte)(Settings.TypeOfService | (isEcnCapable ? IpSpec.EcnCapable : 0));
        tcp.Emit(context, packet, in path, in header, in options, typeOfService, Settings.TimeToLive);
    }

    private TcpOptions SynOptions() => new()
    {
        Mss = (ushort)(path.MtuBytes - TcpSpec.HeaderBytes(in path)),
        HasWindowScale = State == TcpState.SynSent || receiveScale > 0 || sendScale > 0,
        WindowScale = (byte)receiveScale,
        IsSackPermitted = State == TcpState.SynSent || usesSack,
        HasTimestamps = State == TcpState.SynSent || usesTimestamps,
        TimestampValue = TimestampNow,
        TimestampEcho = timestampRecent,
    };

    private void SetSegmentOptions(int dataBytes, out TcpOptions options)
    {
        options = default;
        options.HasTimestamps = usesTimestamps;
        options.TimestampValue = TimestampNow;
        options.TimestampEcho = timestampRecent;
        if (!usesSack)
        {
            return;
        }

        int blocksMax = usesTimestamps ? TcpOptions.SackBlocksMax - 1 : TcpOptions.SackBlocksMax;
        blocksMax = dataBytes == 0 ? blocksMax : Math.Clamp((mss - dataBytes - 4) / 8, 0, blocksMax);
        if (hasDuplicate && blocksMax > 0)
        {
            options.AddSack(duplicate);
            hasDuplicate = false;
        }

        for (int index = 0; index < receiveQueue.SackCount && options.SackCount < blocksMax; index++)
        {
            options.AddSack(receiveQueue.Sack(index));
        }
    }

    /// <summary>What SACK blocks take of a segment of data.</summary>
    private int SackBytes => usesSack && (hasDuplicate || receiveQueue.SackCount > 0) ? 12 : 0;

    /// <summary>By how much a window opens at least.</summary>
    private int WindowStepBytes => Math.Min(receiveQueue.Capacity / 2, mss);

    /// <summary>Room that a window field can tell of.</summary>
    private uint OfferableBytes => Math.Min((uint)receiveQueue.FreeBytes, (uint)ushort.MaxValue << receiveScale);

    private ushort ChooseSynWindow()
    {
        ushort window = (ushort)Math.Min(receiveQueue.FreeBytes, ushort.MaxValue);
        advertisedEdge = receiveNext + window;
        return window;
    }

    /// <summary>The window never shrinks, and opens only by steps that are worth it (RFC 9293 section 3.8.6.2.2).</summary>
    private ushort ChooseWindow()
    {
        uint edge = receiveNext + OfferableBytes;
        if ((int)(edge - advertisedEdge) >= WindowStepBytes)
        {
            advertisedEdge = edge;
        }

        uint window = Sequence.IsAfter(advertisedEdge, receiveNext) ? advertisedEdge - receiveNext : 0;
        uint field = Math.Min((window + (1U << receiveScale) - 1) >> receiveScale, ushort.MaxValue);
        advertisedEdge = receiveNext + (field << receiveScale);
        return (ushort)field;
    }

    private void NoteAckSent()
    {
        needsAck = false;
        unacknowledgedBytes = 0;
        delayedAckDeadline = long.MaxValue;
        lastAckSent = receiveNext;
    }

    /// <summary>Every second full segment is acknowledged at once, others after a while (RFC 9293 section 3.8.6.3).</summary>
    private void NoteUnacknowledged(int lengthBytes)
    {
        receiveMss = Math.Max(receiveMss, Math.Min(lengthBytes, path.MtuBytes));
        unacknowledgedBytes += lengthBytes;
        if (unacknowledgedBytes >= 2 * receiveMss)
        {
            needsAck = true;
        }
        else if (delayedAckDeadline == long.MaxValue)
        {
            delayedAckDeadline = stack.NowMicros + TcpSpec.DelayedAckMicros;
        }
    }

    private uint TimestampAt(long micros) => (uint)(micros / TcpSpec.TimestampTickMicros) + timestampOffset;
}
