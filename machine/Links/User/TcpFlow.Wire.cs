using System.Buffers.Binary;
using Spec = RedLeafSharp.Machine.Links.User.UserSpec;

namespace RedLeafSharp.Machine.Links.User;

/// <content>The side of the system: segments that come, segments that go, and the one timer.</content>
internal sealed partial class TcpFlow
{
    private const int SynOptionBytes = 8;
    private const long Never = long.MaxValue;

    private uint sendUnacknowledged;
    private uint sendNext;
    private uint sendMax;
    private uint recoverAt;
    private int sendWindow;
    private int sendScale;
    private int mss = Spec.MssDefault;
    private uint receiveNext;
    private int advertisedBytes;
    private bool scalesWindows;
    private bool isFinAcknowledged;
    private bool mustAcknowledge;
    private bool mustProbe;
    private bool isHeldBack;
    private int duplicates;
    private int attempts;
    private long deadlineMicros = Never;

    private bool HasOutstanding => sendMax != sendUnacknowledged;

    private int OwnScale => scalesWindows ? LinkLimits.FlowScale : 0;

    /// <summary>Takes a segment of the system.</summary>
    internal void Receive(in GuestSegment segment, long now)
    {
        switch (state)
        {
            case FlowState.SynSent:
                ReceiveInSynSent(in segment, now);
                break;
            case FlowState.SynReceived:
                ReceiveInSynReceived(in segment, now);
                break;
            case FlowState.Open:
                ReceiveInOpen(in segment, now);
                break;
            case FlowState.Lingering when segment.IsRst:
                Dispose();
                break;
            case FlowState.Lingering:
                Emit(sendMax, Spec.Ack, 0, 0);
                break;
        }

        WatchHost();
    }

    /// <summary>RFC 9293 section 3.10.7.3.</summary>
    private void ReceiveInSynSent(in GuestSegment segment, long now)
    {
        if (!segment.IsAck || segment.Acknowledgment != sendNext)
        {
            return;
        }

        if (segment.IsRst)
        {
            ResetHost();
        }
        else if (segment.IsSyn)
        {
            TakeSyn(in segment);
            Establish(in segment);
            mustAcknowledge = true;
            Output(now);
        }
    }

    /// <summary>RFC 9293 section 3.10.7.4, SYN-RECEIVED.</summary>
    private void ReceiveInSynReceived(in GuestSegment segment, long now)
    {
        if (segment.IsRst)
        {
            if (segment.Sequence == receiveNext)
            {
                ResetHost();
            }
        }
        else if (segment.IsSyn)
        {
            SendHandshake(now);
        }
        else if (segment.IsAck && segment.Acknowledgment == sendNext)
        {
            Establish(in segment);
            ReceiveInOpen(in segment, now);
        }
    }

    /// <summary>RFC 9293 section 3.10.7.4, ESTABLISHED and later.</summary>
    private void ReceiveInOpen(in GuestSegment segment, long now)
    {
        if (segment.IsRst)
        {
            // Not exactly the next number: a guess, or an old one (RFC 5961 section 3.2).
            if (segment.Sequence == receiveNext)
            {
                ResetHost();
            }

            return;
        }

        if (segment.IsSyn || !segment.IsAck)
        {
            mustAcknowledge |= segment.IsSyn;
            return;
        }

        TakeAcknowledgment(in segment);
        TakeData(in segment);
        if (state == FlowState.Open)
        {
            FlushHost();
        }

        if (state == FlowState.Open)
        {
            Output(now);
            FinishWhenDone(now);
        }
    }

    private void TakeSyn(in GuestSegment segment)
    {
        receiveNext = segment.Sequence + 1;
        mss = segment.Mss;
        scalesWindows = segment.Scale >= 0;
        sendScale = Math.Max(segment.Scale, 0);
        sendWindow = segment.Window; // a SYN's window is never scaled (RFC 7323 section 2.2)
    }

    private void Establish(in GuestSegment segment)
    {
        state = FlowState.Open;
        sendUnacknowledged = sendNext;
        recoverAt = sendNext;
        attempts = 0;
        deadlineMicros = Never;
        sendWindow = segment.IsSyn ? segment.Window : segment.Window << sendScale;
    }

    private void TakeAcknowledgment(in GuestSegment segment)
    {
        uint advance = segment.Acknowledgment - sendUnacknowledged;
        if (advance > sendMax - sendUnacknowledged)
        {
            mustAcknowledge = true;
            return;
        }

        bool isRepeated = advance == 0 && HasOutstanding && segment.Data.Length == 0 && !segment.IsFin
            && segment.Window << sendScale == sendWindow;
        sendWindow = segment.Window << sendScale;
        attempts = 0;
        if (advance > 0)
        {
            Acknowledge((int)advance);
        }
        else if (isRepeated && ++duplicates == LinkLimits.FlowDuplicates && (int)(sendUnacknowledged - recoverAt) >= 0)
        {
            recoverAt = sendMax;
            sendNext = sendUnacknowledged;
        }
    }

    private void Acknowledge(int advance)
    {
        duplicates = 0;
        deadlineMicros = Never;
        sendUnacknowledged += (uint)advance;
        sendNext = (int)(sendNext - sendUnacknowledged) < 0 ? sendUnacknowledged : sendNext;
        int data = Math.Min(advance, toGuest.Count);
        isFinAcknowledged |= advance > data;
        toGuest.Discard(data);
    }

    private void TakeData(in GuestSegment segment)
    {
        int known = (int)(receiveNext - segment.Sequence);
        if (known < 0 || known > segment.Data.Length)
        {
            // A gap, or nothing new. Each one is answered: the answers are what the sender counts.
            if (segment.Data.Length > 0 || segment.IsFin || known < 0 || known > segment.Data.Length + 1)
            {
                Emit(sendMax, Spec.Ack, 0, 0);
            }

            return;
        }

        ReadOnlySpan<byte> data = segment.Data[known..];
        int count = Math.Min(data.Length, hasGuestEnded ? 0 : toHost.FreeBytes);
        toHost.Append(data[..count]);
        receiveNext += (uint)count;
        mustAcknowledge |= segment.Data.Length > 0;
        if (segment.IsFin && count == data.Length && !hasGuestEnded)
        {
            hasGuestEnded = true;
            receiveNext++;
            mustAcknowledge = true;
        }
    }

    private void FinishWhenDone(long now)
    {
        if (isFinAcknowledged && hasGuestEnded && toHost.Count == 0)
        {
            FlushHost();
            if (state == FlowState.Open)
            {
                state = FlowState.Lingering;
                deadlineMicros = now + LinkLimits.FlowLingerMicros;
            }
        }
    }

    /// <summary>Sends what window and queue have room for; at least the acknowledgment that is due.</summary>
    private void Output(long now)
    {
        bool hasSent = false;
        isHeldBack = false;
        while (true)
        {
            int offset = (int)(sendNext - sendUnacknowledged);
            int available = toGuest.Count - offset;
            int count = Math.Min(Math.Min(available, mss), Math.Max(sendWindow - offset, mustProbe ? 1 : 0));
            bool isEnd = available == 0 && hasHostEnded && !isFinAcknowledged;
            bool isSilly = count < mss && count < available && offset > 0; // RFC 9293 section 3.8.6.2.1
            if (!isEnd && (count <= 0 || isSilly))
            {
                break;
            }

            if (!owner.Composer.HasRoom)
            {
                isHeldBack = true;
                break;
            }

            toGuest.CopyTo(offset, owner.Composer.Payload.Slice(Spec.TcpHeaderBytes, Math.Max(count, 0)));
            byte flags = isEnd ? (byte)(Spec.Fin | Spec.Ack) : count == available ? (byte)(Spec.Psh | Spec.Ack) : Spec.Ack;
            Emit(sendNext, flags, Math.Max(count, 0), 0);
            sendNext += (uint)count + (isEnd ? 1u : 0);
            sendMax = (int)(sendNext - sendMax) > 0 ? sendNext : sendMax;
            hasSent = true;
            mustProbe = false;
        }

        if (mustAcknowledge && !hasSent)
        {
            Emit(sendMax, Spec.Ack, 0, 0);
        }

        mustAcknowledge = false;
        if (deadlineMicros == Never && (HasOutstanding || toGuest.Count > 0))
        {
            deadlineMicros = now + (LinkLimits.FlowRetransmitMicros << Math.Min(attempts, LinkLimits.FlowBackoffMax));
        }
    }

    private void OnDeadline(long now)
    {
        deadlineMicros = Never;
        if (state == FlowState.Lingering)
        {
            Dispose();
        }
        else if (++attempts > LinkLimits.FlowAttemptsMax)
        {
            ResetHost();
        }
        else if (state is FlowState.SynSent or FlowState.SynReceived)
        {
            SendHandshake(now);
        }
        else if (state == FlowState.Open)
        {
            // What is outstanding again from its first byte; into a closed window one byte (RFC 9293 section 3.8.6.1).
            sendNext = sendUnacknowledged;
            recoverAt = sendMax;
            duplicates = 0;
            mustProbe = true;
            Output(now);
        }
    }

    private void SendHandshake(long now)
    {
        sendMax = sendNext;
        deadlineMicros = now + (LinkLimits.FlowRetransmitMicros << Math.Min(attempts, LinkLimits.FlowBackoffMax));
        if (owner.Composer.GuestStation == 0)
        {
            owner.Composer.SendArp(Spec.ArpRequest, UserNetwork.Gateway, 0, Guest);
            return;
        }

        Span<byte> options = owner.Composer.Payload.Slice(Spec.TcpHeaderBytes, SynOptionBytes);
        bool isAnswer = state == FlowState.SynReceived;
        options[0] = Spec.OptionMss;
        options[1] = 4;
        BinaryPrimitives.WriteUInt16BigEndian(options[2..], Spec.MssOwn);
        options[4] = Spec.OptionNop;
        options[5] = Spec.OptionScale;
        options[6] = 3;
        options[7] = LinkLimits.FlowScale;
        int optionBytes = isAnswer && !scalesWindows ? 4 : SynOptionBytes;
        Emit(sendNext - 1, isAnswer ? (byte)(Spec.Syn | Spec.Ack) : Spec.Syn, 0, optionBytes);
    }

    /// <summary>Sends one segment whose options and data have been filled in already.</summary>
    private void Emit(uint sequence, byte flags, int dataBytes, int optionBytes)
    {
        Span<byte> header = owner.Composer.Payload[..Spec.TcpHeaderBytes];
        bool isSyn = (flags & Spec.Syn) != 0;
        advertisedBytes = toHost.FreeBytes;
        int window = Math.Min(advertisedBytes >> (isSyn ? 0 : OwnScale), ushort.MaxValue);
        TcpForwarder.WriteHeader(
            header, Key.RemotePort, Key.GuestPort, sequence, (flags & Spec.Ack) != 0 ? receiveNext : 0, flags, window, optionBytes);
        owner.Composer.SendIp(Key.Remote, Guest, Spec.ProtocolTcp, Spec.TcpHeaderBytes + optionBytes + dataBytes);
    }
}
