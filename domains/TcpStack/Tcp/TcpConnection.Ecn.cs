using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Tcp;

/// <content>Explicit congestion notification (RFC 3168 section 6.1): routers mark packets instead of dropping them.</content>
internal sealed partial class TcpConnection
{
    private bool hasAskedForEcn;
    private bool usesEcn;

    /// <summary>As receiver: marked data has come, and the peer has not said yet that it has heard of it.</summary>
    private bool echoesCongestion;

    /// <summary>As sender: the window has been reduced, and the peer is to be told with the next new data.</summary>
    private bool owesReduction;

    /// <summary>What was sent last when the window was reduced: one reduction for each window of data.</summary>
    private uint congestionPoint;

    internal bool UsesEcn => usesEcn;

    /// <summary>
    /// What a SYN agrees on (section 6.1.1): both bits ask for it, ECE alone grants it. A SYN that had to be sent again without them
    /// grants and takes nothing.
    /// </summary>
    private bool AgreesOnEcn(in TcpSegment segment)
    {
        TcpFlags bits = segment.Header.Flags & (TcpFlags.Ece | TcpFlags.Cwr);
        return segment.Header.IsAck
            ? hasAskedForEcn && bits == TcpFlags.Ece
            : tcp.Ecn != EcnMode.Off && bits == (TcpFlags.Ece | TcpFlags.Cwr);
    }

    private TcpFlags SynEcnFlags()
    {
        if (State != TcpState.SynSent)
        {
            return usesEcn ? TcpFlags.Ece : TcpFlags.None;
        }

        // Some firewalls drop SYNs with these bits: the second one goes without (section 6.1.1.1).
        hasAskedForEcn = tcp.Ecn == EcnMode.Ask && expiries == 0;
        return hasAskedForEcn ? TcpFlags.Ece | TcpFlags.Cwr : TcpFlags.None;
    }

    /// <summary>The bits of a segment that is no SYN; CWR goes with new data, once.</summary>
    private TcpFlags EcnFlags(bool isNewData)
    {
        TcpFlags flags = echoesCongestion ? TcpFlags.Ece : TcpFlags.None;
        if (isNewData && owesReduction)
        {
            owesReduction = false;
            flags |= TcpFlags.Cwr;
        }

        return flags;
    }

    /// <summary>As receiver (section 6.1.3): every ACK tells of the mark, until the sender has answered.</summary>
    private void NoteMark(in TcpSegment segment)
    {
        if (!usesEcn || segment.PayloadBytes == 0)
        {
            return;
        }

        echoesCongestion &= (segment.Header.Flags & TcpFlags.Cwr) == 0;
        echoesCongestion |= segment.IsMarked;
    }

    /// <summary>As sender (section 6.1.2): as if a segment had been lost, but nothing is sent again. True when the ACK tells of a mark.</summary>
    private bool HearEcho(in TcpSegment segment, int flightBytes)
    {
        bool isEcho = usesEcn && (segment.Header.Flags & (TcpFlags.Ece | TcpFlags.Syn)) == TcpFlags.Ece;
        if (isEcho && phase == RecoveryPhase.Open && Sequence.IsAfter(segment.Header.Acknowledgment, congestionPoint))
        {
            congestion.OnLoss(flightBytes, stack.NowMicros);
            congestion.Window = Math.Max(Math.Min(congestion.Window, congestion.Threshold), mss);
            NoteReduction();
        }

        return isEcho;
    }

    private void NoteReduction()
    {
        congestionPoint = sendNext;
        owesReduction = usesEcn;
    }
}

/// <summary>Whether connections use ECN, with Linux's numbers (tcp_ecn).</summary>
internal enum EcnMode
{
    Off = 0,

    /// <summary>Connections made from here ask for it, too.</summary>
    Ask = 1,

    /// <summary>When the peer asks.</summary>
    Accept = 2,
}
