using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Tcp;

/// <content>
/// Urgent data (RFC 9293 section 3.8.5, RFC 6093): a mark in the stream, and one byte that programs have beside it. The pointer points
/// behind the byte.
/// </content>
internal sealed partial class TcpConnection
{
    private UrgentState urgentState;
    private uint urgentSequence;
    private byte urgentByte;
    private bool hasUrgentToSend;
    private uint urgentEnd;

    private enum UrgentState : byte
    {
        None,

        /// <summary>The peer has told of it; the byte has not come.</summary>
        Announced,

        Waiting,

        /// <summary>The program has it.</summary>
        Taken,
    }

    /// <summary>Whether there is a byte for a call with MSG_OOB, or an event of POLLPRI.</summary>
    internal bool HasUrgent => urgentState == UrgentState.Waiting;

    /// <summary>Whether the next byte to be read is the urgent one (SIOCATMARK).</summary>
    internal bool IsAtMark => urgentState != UrgentState.None && FirstUnread == urgentSequence;

    /// <summary>Bytes up to the mark, or all (FIONREAD).</summary>
    internal int UnreadBytes => !Settings.IsUrgentInline && TryFindMark(out int distance) && distance > 0 ? distance : ReadableBytes;

    /// <summary>Bytes that reads can get; the urgent one is passed over.</summary>
    internal int ReadableBytes => receiveQueue.Count - (IsAtMark && !Settings.IsUrgentInline && receiveQueue.Count > 0 ? 1 : 0);

    private uint FirstUnread => receiveNext - (uint)receiveQueue.Count - (hasReceivedFin ? 1U : 0);

    /// <summary>The byte beside the stream, for MSG_OOB.</summary>
    internal int ReceiveUrgent(Span<byte> buffer, bool isPeek, out SocketError error)
    {
        bool isOver = hasReceivedFin || Settings.IsReadShut || State == TcpState.Closed;
        error = Settings.IsUrgentInline || urgentState is UrgentState.None or UrgentState.Taken ? SocketError.InvalidArgument
            : urgentState == UrgentState.Announced && !isOver ? SocketError.TryAgain
            : SocketError.None;
        if (error != SocketError.None || urgentState == UrgentState.Announced || buffer.Length == 0)
        {
            return 0;
        }

        buffer[0] = urgentByte;
        urgentState = isPeek ? urgentState : UrgentState.Taken;
        return 1;
    }

    /// <summary>The sixth step of section 3.10.7.4: the URG bit.</summary>
    private void NoteUrgent(CallContext context, in TcpSegment segment)
    {
        bool mayReceive = State is TcpState.Established or TcpState.FinWait1 or TcpState.FinWait2;
        uint sequence = segment.Start + (uint)Math.Max(segment.Header.UrgentPointer - 1, 0);
        bool isNews = Sequence.IsAtOrAfter(sequence, receiveNext)
            && (urgentState == UrgentState.None || Sequence.IsAfter(sequence, urgentSequence));
        if ((segment.Header.Flags & TcpFlags.Urg) == 0 || !mayReceive || !isNews)
        {
            return;
        }

        // A second byte takes the first one's place: one that has not been read is lost, as RFC 6093 section 3.2 says systems do.
        if (IsAtMark && !Settings.IsUrgentInline && receiveQueue.Count > 0)
        {
            receiveQueue.Drop(1);
        }

        (urgentState, urgentSequence) = (UrgentState.Announced, sequence);
        TakeUrgent(context);
    }

    /// <summary>Looks whether the byte has come.</summary>
    private void TakeUrgent(CallContext context)
    {
        if (urgentState == UrgentState.Announced && TryFindMark(out int distance))
        {
            urgentByte = receiveQueue.Peek(context, distance);
            urgentState = UrgentState.Waiting;
            Changed?.Invoke();
        }
    }

    /// <summary>Before a read: how much of the buffer it may fill, and whether a byte is to be passed over first.</summary>
    private int LimitRead(int wantedBytes, out bool passesMark)
    {
        passesMark = IsAtMark && !Settings.IsUrgentInline && receiveQueue.Count > 0;
        return TryFindMark(out int distance) && distance > 0 ? Math.Min(wantedBytes, distance) : wantedBytes;
    }

    /// <summary>After a read: what lies behind the reader is nobody's news.</summary>
    private void ForgetPassedMark()
    {
        if (urgentState != UrgentState.None && Sequence.IsAfter(FirstUnread, urgentSequence))
        {
            urgentState = UrgentState.None;
        }
    }

    /// <summary>How far the mark is in what can be read; false when it is not there.</summary>
    private bool TryFindMark(out int distance)
    {
        distance = (int)(urgentSequence - FirstUnread);
        return urgentState != UrgentState.None && distance >= 0 && distance < receiveQueue.Count;
    }

    /// <summary>SEND with the urgent flag (section 3.10.2): the last byte queued is the urgent one.</summary>
    private void MarkUrgent()
    {
        hasUrgentToSend = true;
        urgentEnd = sendQueue.End;
    }

    /// <summary>The pointer of a segment; 0 without the flag. One that does not fit points as far as it can (RFC 6093 section 6).</summary>
    private ushort UrgentPointerOf(uint start)
    {
        hasUrgentToSend &= Sequence.IsAfter(urgentEnd, sendUnacknowledged);
        return hasUrgentToSend && Sequence.IsAfter(urgentEnd, start) ? (ushort)Math.Min(urgentEnd - start, ushort.MaxValue) : (ushort)0;
    }
}
