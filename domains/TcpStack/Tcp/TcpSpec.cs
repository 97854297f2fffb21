using RedLeafSharp.Domains.TcpStack.Ip;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Tcp;

/// <summary>Values of TCP, with their sources.</summary>
internal static class TcpSpec
{
    /// <summary>What a peer that says nothing takes (RFC 9293 section 3.7.1).</summary>
    internal const int MssDefaultV4 = 536;

    /// <inheritdoc cref="MssDefaultV4"/>
    internal const int MssDefaultV6 = 1_220;

    /// <summary>
    /// A smaller MSS would make headers of most of the traffic: Linux's bound against attacks (CVE-2019-11479).
    /// </summary>
    internal const int MssMin = 48;

    /// <summary>IP's and TCP's headers without options: what MSS leaves out (RFC 6691 section 2).</summary>
    internal static int HeaderBytes(in PacketPath path) => path.HeaderBytes + TcpHeader.LengthBytes;

    internal static int MssDefault(in PacketPath path) => path.IsV4 ? MssDefaultV4 : MssDefaultV6;

    /// <summary>
    /// A path of IPv4 with less is more likely an attack (CVE-2019-11479 and others; Linux: min_pmtu); one of IPv6 cannot have less.
    /// </summary>
    internal static int MtuBytesMin(in PacketPath path) => path.IsV4 ? 552 : IpSpec.MtuBytesMinV6;

    /// <summary>Largest shift of a window (RFC 7323 section 2.3).</summary>
    internal const int WindowScaleMax = 14;

    /// <summary>The smallest shift with which a window field can tell of a whole buffer.</summary>
    internal static int WindowScale(int bufferBytes)
    {
        int scale = 0;
        while (scale < WindowScaleMax && bufferBytes >> scale > ushort.MaxValue)
        {
            scale++;
        }

        return scale;
    }

    /// <summary>Segments sent at once at the start (RFC 6928 section 2).</summary>
    internal const int InitialWindowSegments = 10;

    /// <summary>Duplicate acknowledgments that mean a loss (RFC 5681 section 3.2).</summary>
    internal const int DuplicateThreshold = 3;

    /// <summary>Before a round trip has been measured (RFC 6298 rule 2.1).</summary>
    internal const long RtoInitialMicros = 1_000_000;

    /// <summary>
    /// RFC 6298 rule 2.4 asks for 1 s, for clocks of coarse ticks; with a clock of microseconds and RACK's timers Linux and
    /// others
    /// take 200 ms, the longest that a peer's acknowledgment is delayed as a rule.
    /// </summary>
    internal const long RtoMinMicros = 200_000;

    /// <summary>At least 60 s (RFC 6298 rule 2.5).</summary>
    internal const long RtoMaxMicros = 60_000_000;

    /// <summary>After a SYN was lost, data starts with this (RFC 6298 rule 5.7).</summary>
    internal const long RtoAfterSynLossMicros = 3_000_000;

    /// <summary>At most 500 ms (RFC 9293 section 3.8.6.3); 40 ms is what Linux takes.</summary>
    internal const long DelayedAckMicros = 40_000;

    /// <summary>How long a peer may delay, for the probe time-out (RFC 8985 section 7.2: WCDelAckT).</summary>
    internal const long WorstDelayedAckMicros = 200_000;

    /// <summary>Probe time-out before a round trip has been measured (RFC 8985 section 7.2).</summary>
    internal const long ProbeInitialMicros = 1_000_000;

    /// <summary>SYNs before connecting is given up: at least 3 minutes (RFC 9293 section 3.8.3, R2 for SYN).</summary>
    internal const int SynRetriesMax = 7;

    /// <summary>SYN-ACKs before a half-open connection is dropped: 63 s, as Linux.</summary>
    internal const int SynAckRetriesMax = 5;

    /// <summary>Without an acknowledgment for this long a connection ends: at least 100 s (RFC 9293 section 3.8.3, R2).</summary>
    internal const long UserTimeoutMicros = 600_000_000;

    /// <summary>
    /// How long TIME-WAIT lasts: twice the segment lifetime (RFC 9293 section 3.4.2), which Linux and BSD take as 30 s.
    /// </summary>
    internal const long TimeWaitMicros = 60_000_000;

    /// <summary>
    /// After so long a connection of timestamps in TIME-WAIT makes way for one that is opened from here: the clock of timestamps has gone on
    /// even if it ticks once a second (RFC 6191 section 2; RFC 7323 section 5.4 has 1 s as the slowest clock).
    /// </summary>
    internal const long TimeWaitReuseMicros = 1_000_000;

    /// <summary>FIN-WAIT-2 of a connection that nobody has open any more; RFC 9293 has no bound, Linux takes 60 s.</summary>
    internal const long FinWait2Micros = 60_000_000;

    /// <summary>At least two hours (RFC 9293 section 3.8.4).</summary>
    internal const long KeepaliveIdleMicros = 7_200_000_000;

    /// <inheritdoc cref="KeepaliveIdleMicros"/>
    internal const long KeepaliveIntervalMicros = 75_000_000;

    /// <inheritdoc cref="KeepaliveIdleMicros"/>
    internal const int KeepaliveProbesMax = 9;

    /// <summary>Challenge ACKs in <see cref="ChallengeWindowMicros"/> (RFC 5961 section 7).</summary>
    internal const int ChallengeAcksMax = 10;

    /// <inheritdoc cref="ChallengeAcksMax"/>
    internal const long ChallengeWindowMicros = 5_000_000;

    /// <summary>A timestamp is no longer compared when the connection was idle for longer (RFC 7323 section 5.5).</summary>
    internal const long PawsIdleMicros = 24L * 86_400_000_000;

    /// <summary>The clock of initial sequence numbers (RFC 6528 section 3).</summary>
    internal const long SequenceClockMicros = 4;

    /// <summary>Ticks of the timestamp clock: 1 ms, within the 1 ms to 1 s of RFC 7323 section 5.4.</summary>
    internal const long TimestampTickMicros = 1_000;

    /// <summary>RACK's reordering window is widened for so many recoveries after a D-SACK (RFC 8985 section 6.2.3).</summary>
    internal const int ReorderPersistRecoveries = 16;
}

/// <summary>The states of a connection (RFC 9293 section 3.3.2).</summary>
internal enum TcpState : byte
{
    Closed,
    SynSent,
    SynReceived,
    Established,
    FinWait1,
    FinWait2,
    CloseWait,
    Closing,
    LastAck,
    TimeWait,
}

/// <summary>Comparisons of sequence numbers, which wrap (RFC 9293 section 3.4).</summary>
internal static class Sequence
{
    internal static bool IsBefore(uint one, uint other) => (int)(one - other) < 0;

    internal static bool IsAfter(uint one, uint other) => (int)(one - other) > 0;

    internal static bool IsAtOrBefore(uint one, uint other) => (int)(one - other) <= 0;

    internal static bool IsAtOrAfter(uint one, uint other) => (int)(one - other) >= 0;

    /// <summary>A number of long ago, moved so near to this one that it still compares as before it.</summary>
    internal static uint Follow(uint old, uint current) => Max(old, current - (1U << 30));

    internal static uint Max(uint one, uint other) => IsAfter(one, other) ? one : other;

    internal static uint Min(uint one, uint other) => IsBefore(one, other) ? one : other;
}
