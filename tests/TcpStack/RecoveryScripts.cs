using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>Losses: RFC 6298, 5681, 6582, 2018, 2883, 6675, 6937, 8985.</summary>
public sealed class RecoveryScripts
{
    private static readonly string TenSegments = string.Concat(
        Enumerable.Range(0, 10).Select(index => $"> . {(index * 1000) + 1}:{(index * 1000) + 1001}(1000) ack 1\n"));

    [Fact]
    public void Timeout_NobodyAnswers_BacksOff() => WireScript.Run("""
        established
        send 500
        > P. 1:501(500) ack 1
        +0.3 > P. 1:501(500) ack 1
        +0.6 > P. 1:501(500) ack 1
        +1.2 > P. 1:501(500) ack 1
        +2.4 > P. 1:501(500) ack 1
        """);

    [Fact]
    public void Timeout_UserTimeout_EndsTheConnection() => WireScript.Run("""
        set usertimeout 2
        established
        send 500
        > P. 1:501(500) ack 1
        +0.3 > P. 1:501(500) ack 1
        +0.6 > P. 1:501(500) ack 1
        +1.2 > R. 501:501(0) ack 1
        error TimedOut
        """);

    [Fact]
    public void Timeout_ManySegments_SendsOneThenSlowStarts() => WireScript.Run("""
        set reno 1
        established
        send 4000
        > . 1:1001(1000) ack 1
        > . 1001:2001(1000) ack 1
        > . 2001:3001(1000) ack 1
        > P. 3001:4001(1000) ack 1
        +0.3 > . 1:1001(1000) ack 1
        nothing
        +0.1 < . 1:1(0) ack 1001 win 65535
        > . 1001:2001(1000) ack 1
        > . 2001:3001(1000) ack 1
        nothing
        +0.1 < . 1:1(0) ack 3001 win 65535
        > P. 3001:4001(1000) ack 1
        """);

    /// <summary>RFC 6298 section 3 and rule 5.5: the ACK of what was sent twice measures nothing, so it ends nothing either.</summary>
    [Fact]
    public void Timeout_Backoff_StaysUntilARoundTripIsMeasured() => WireScript.Run("""
        established
        send 500
        > P. 1:501(500) ack 1
        +0.3 > P. 1:501(500) ack 1
        +0.1 < . 1:1(0) ack 501 win 65535
        send 500
        > P. 501:1001(500) ack 1
        +0.6 > P. 501:1001(500) ack 1
        """);

    [Fact]
    public void Timeout_BackoffEnds_WithTheNextMeasurement() => WireScript.Run("""
        established
        send 500
        > P. 1:501(500) ack 1
        +0.3 > P. 1:501(500) ack 1
        +0.1 < . 1:1(0) ack 501 win 65535
        send 500
        > P. 501:1001(500) ack 1
        +0.1 < . 1:1(0) ack 1001 win 65535
        send 500
        > P. 1001:1501(500) ack 1
        +0.25 > P. 1001:1501(500) ack 1
        """);

    /// <summary>An ACK of a byte that was sent several times measures nothing (RFC 6298 section 3).</summary>
    [Fact]
    public void ZeroWindow_ProbedSeveralTimes_IsNotMeasured() => WireScript.Run("""
        established
        < . 1:1(0) ack 1 win 0
        send 1001
        +0.3 > . 1:2(1) ack 1
        +0.6 > . 1:2(1) ack 1
        +1.2 > . 1:2(1) ack 1
        +0.1 < . 1:1(0) ack 2 win 65535
        > P. 2:1002(1000) ack 1
        +0.3 > P. 2:1002(1000) ack 1
        """);

    [Fact]
    public void FastRetransmit_ThreeDuplicates_SendsTheFirstAgain() => WireScript.Run(
        "established\nsend 10000\n" + TenSegments + """
        +0.1 < . 1:1(0) ack 1001 win 65535
        < . 1:1(0) ack 1001 win 65535
        < . 1:1(0) ack 1001 win 65535
        nothing
        < . 1:1(0) ack 1001 win 65535
        > . 1001:2001(1000) ack 1
        nothing
        """);

    [Fact]
    public void FastRetransmit_PartialAck_SendsTheNextHole() => WireScript.Run(
        "established\nsend 10000\n" + TenSegments + """
        +0.1 < . 1:1(0) ack 1001 win 65535
        < . 1:1(0) ack 1001 win 65535
        < . 1:1(0) ack 1001 win 65535
        < . 1:1(0) ack 1001 win 65535
        > . 1001:2001(1000) ack 1
        +0.1 < . 1:1(0) ack 4001 win 65535
        > . 4001:5001(1000) ack 1
        +0.1 < . 1:1(0) ack 10001 win 65535
        nothing
        """);

    /// <summary>A peer that keeps nothing behind a hole: what goes out for its duplicate ACKs must not use up what fills the next one.</summary>
    [Fact]
    public void FastRetransmit_PeerKeepsNothingBehindAHole_FillsOneHoleForEachAck() => WireScript.Run(
        "established\nsend 40000\n" + TenSegments + """
        +0.1 < . 1:1(0) ack 1001 win 65535
        > . 10001:11001(1000) ack 1
        > . 11001:12001(1000) ack 1
        < . 1:1(0) ack 1001 win 65535
        > . 12001:13001(1000) ack 1
        < . 1:1(0) ack 1001 win 65535
        > . 13001:14001(1000) ack 1
        < . 1:1(0) ack 1001 win 65535
        > . 1001:2001(1000) ack 1
        < . 1:1(0) ack 1001 win 65535
        < . 1:1(0) ack 1001 win 65535
        < . 1:1(0) ack 1001 win 65535
        < . 1:1(0) ack 1001 win 65535
        > . 14001:15001(1000) ack 1
        +0.1 < . 1:1(0) ack 2001 win 65535
        > . 2001:3001(1000) ack 1
        +0.1 < . 1:1(0) ack 3001 win 65535
        > . 3001:4001(1000) ack 1
        +0.1 < . 1:1(0) ack 4001 win 65535
        > . 4001:5001(1000) ack 1
        """);

    [Fact]
    public void DuplicateAcks_WithAnotherWindow_AreNoDuplicates() => WireScript.Run(
        "established\nsend 10000\n" + TenSegments + """
        +0.1 < . 1:1(0) ack 1001 win 65535
        < . 1:1(0) ack 1001 win 65534
        < . 1:1(0) ack 1001 win 65533
        < . 1:1(0) ack 1001 win 65532
        nothing
        """);

    [Fact]
    public void Sack_ThreeSegmentsBehindAHole_RetransmitsTheHole() => WireScript.Run(
        "established sack\nsend 10000\n" + TenSegments + """
        +0.1 < . 1:1(0) ack 1 win 65535 <sack 1001:2001>
        < . 1:1(0) ack 1 win 65535 <sack 1001:3001>
        nothing
        < . 1:1(0) ack 1 win 65535 <sack 1001:4001>
        > . 1:1001(1000) ack 1
        nothing
        """);

    [Fact]
    public void Sack_TwoHoles_BothAreSentAgain() => WireScript.Run(
        "established sack\nsend 10000\n" + TenSegments + """
        +0.1 < . 1:1(0) ack 1 win 65535 <sack 1001:2001>
        < . 1:1(0) ack 1 win 65535 <sack 3001:4001 1001:2001>
        < . 1:1(0) ack 1 win 65535 <sack 3001:5001 1001:2001>
        > . 1:1001(1000) ack 1
        < . 1:1(0) ack 1 win 65535 <sack 3001:6001 1001:2001>
        < . 1:1(0) ack 1 win 65535 <sack 3001:7001 1001:2001>
        > . 2001:3001(1000) ack 1
        """);

    [Fact]
    public void Sack_LastSegmentsLost_ProbeBringsThemBack() => WireScript.Run("""
        established sack
        send 3000
        > . 1:1001(1000) ack 1
        > . 1001:2001(1000) ack 1
        > P. 2001:3001(1000) ack 1
        +0.202 > P. 2001:3001(1000) ack 1         // RFC 8985 section 7.2: two round trips
        +0.1 < . 1:1(0) ack 1 win 65535 <sack 2001:3001>
        > . 1:1001(1000) ack 1                    // as much as was delivered (RFC 6937)
        +0.1 < . 1:1(0) ack 1001 win 65535 <sack 2001:3001>
        > . 1001:2001(1000) ack 1
        """);

    [Fact]
    public void Sack_ProbeWithNewData_SendsItInsteadOfTheOld() => WireScript.Run("""
        established sack
        < . 1:1(0) ack 1 win 2000
        send 2000
        > . 1:1001(1000) ack 1
        > P. 1001:2001(1000) ack 1
        +0.202 > P. 1001:2001(1000) ack 1
        +0.1 < . 1:1(0) ack 2001 win 65535
        nothing
        """);

    [Fact]
    public void Sack_ReorderedByOne_IsNotSentAgain() => WireScript.Run("""
        established sack
        send 3000
        > . 1:1001(1000) ack 1
        > . 1001:2001(1000) ack 1
        > P. 2001:3001(1000) ack 1
        +0.1 < . 1:1(0) ack 1 win 65535 <sack 1001:2001>
        +0.005 < . 1:1(0) ack 2001 win 65535
        < . 1:1(0) ack 3001 win 65535
        +1 nothing
        """);

    [Fact]
    public void Sack_HoleStaysOpenPastTheReorderingWindow_IsSentAgain() => WireScript.Run("""
        established sack
        send 3000
        > . 1:1001(1000) ack 1
        > . 1001:2001(1000) ack 1
        > P. 2001:3001(1000) ack 1
        +0.1 < . 1:1(0) ack 1 win 65535 <sack 1001:2001>
        nothing
        +0.025 > . 1:1001(1000) ack 1            // a quarter of the shortest round trip (section 6.2, step 4)
        """);

    [Fact]
    public void Sack_RetransmissionLostToo_IsSentOnceMore() => WireScript.Run(
        "established sack\nsend 12000\n" + TenSegments + """
        +0.1 < . 1:1(0) ack 1 win 65535 <sack 1001:4001>
        > . 1:1001(1000) ack 1
        < . 1:1(0) ack 1 win 65535 <sack 1001:10001>
        > . 10001:11001(1000) ack 1
        > . 11001:12001(1000) ack 1
        +0.1 < . 1:1(0) ack 1 win 65535 <sack 1001:12001>
        > . 1:1001(1000) ack 1
        """);

    [Fact]
    public void Sack_Reneging_TimeoutSendsEverythingAgain() => WireScript.Run("""
        established sack
        send 3000
        > . 1:1001(1000) ack 1
        > . 1001:2001(1000) ack 1
        > P. 2001:3001(1000) ack 1
        +0.1 < . 1:1(0) ack 1 win 65535 <sack 1001:3001>
        +0.025 > . 1:1001(1000) ack 1
        +0.175 > . 1:1001(1000) ack 1            // the timer runs since the first transmission
        nothing
        +0.5 > . 1:1001(1000) ack 1              // now nothing is taken for delivered any more (RFC 2018 section 8)
        +0.1 < . 1:1(0) ack 1001 win 65535
        > . 1001:2001(1000) ack 1
        > P. 2001:3001(1000) ack 1
        """);

    [Fact]
    public void Sack_BlockBeyondWhatWasSent_IsIgnored() => WireScript.Run("""
        established sack
        send 1000
        > P. 1:1001(1000) ack 1
        < . 1:1(0) ack 1 win 65535 <sack 5001:9001>
        < . 1:1(0) ack 1 win 65535 <sack 9001:5001>
        nothing
        """);

    [Fact]
    public void SackReceiver_Gap_IsToldWithTheLatestBlockFirst() => WireScript.Run("""
        established sack
        < . 1001:2001(1000) ack 1 win 65535
        > . 1:1(0) ack 1 <sack 1001:2001>
        < . 3001:4001(1000) ack 1 win 65535
        > . 1:1(0) ack 1 <sack 3001:4001 1001:2001>
        < . 5001:6001(1000) ack 1 win 65535
        > . 1:1(0) ack 1 <sack 5001:6001 3001:4001 1001:2001>
        < . 2001:3001(1000) ack 1 win 65535
        > . 1:1(0) ack 1 <sack 1001:4001 5001:6001>
        < . 1:1001(1000) ack 1 win 65535
        > . 1:1(0) ack 4001 <sack 5001:6001>
        < . 4001:5001(1000) ack 1 win 65535
        > . 1:1(0) ack 6001 <nosack>
        recv 6000
        """);

    [Fact]
    public void SackReceiver_DuplicateBelowTheAck_IsToldOnce() => WireScript.Run("""
        established sack
        < . 1:1001(1000) ack 1 win 65535
        < . 1001:2001(1000) ack 1 win 65535
        > . 1:1(0) ack 2001 <nosack>
        < . 1:1001(1000) ack 1 win 65535
        > . 1:1(0) ack 2001 <sack 1:1001>
        < . 2001:3001(1000) ack 1 win 65535
        < . 3001:4001(1000) ack 1 win 65535
        > . 1:1(0) ack 4001 <nosack>
        """);

    [Fact]
    public void SackReceiver_DuplicateAboveTheAck_IsToldBeforeItsBlock() => WireScript.Run("""
        established sack
        < . 1001:2401(1400) ack 1 win 65535
        > . 1:1(0) ack 1 <sack 1001:2401>
        < . 1001:2001(1000) ack 1 win 65535
        > . 1:1(0) ack 1 <sack 1001:2001 1001:2401>
        """);

    [Fact]
    public void Receiver_OverlappingSegments_EachByteIsTakenOnce() => WireScript.Run("""
        established sack
        < . 501:1501(1000) ack 1 win 65535
        > . 1:1(0) ack 1 <sack 501:1501>
        < . 1:1001(1000) ack 1 win 65535
        > . 1:1(0) ack 1501
        < . 1001:2001(1000) ack 1 win 65535
        recv 2000
        +0.04 > . 1:1(0) ack 2001
        """);

    [Fact]
    public void Timestamps_RetransmissionIsMeasuredByItsEcho() => WireScript.Run("""
        established ts
        send 500
        > P. 1:501(500) ack 1
        +0.3 > P. 1:501(500) ack 1
        +0.1 < . 1:1(0) ack 501 win 65535 <ts 300>
        send 500
        > P. 501:1001(500) ack 1 <ts 300>
        """);

    [Fact]
    public void CongestionAvoidance_Reno_HalvesAfterALoss() => WireScript.Run(
        "set reno 1\nestablished sack\nsend 30000\n" + TenSegments + """
        +0.1 < . 1:1(0) ack 1 win 65535 <sack 1001:4001>
        > . 1:1001(1000) ack 1
        < . 1:1(0) ack 1 win 65535 <sack 1001:10001>
        > . 10001:11001(1000) ack 1
        > . 11001:12001(1000) ack 1
        > . 12001:13001(1000) ack 1
        > . 13001:14001(1000) ack 1
        nothing
        """);

    /// <summary>The segment that an ACK ends before was let go of, if it was said to be there (RFC 2018 section 8).</summary>
    [Fact]
    public void Sack_RenegingOfTheFirstSegment_IsSeenByTheFirstTimeout() => WireScript.Run("""
        established sack
        send 2000
        > . 1:1001(1000) ack 1
        > P. 1001:2001(1000) ack 1
        +0.1 < . 1:1(0) ack 1 <sack 1001:2001>
        < . 1:1(0) ack 1001
        +0.2125 > P. 1001:2001(1000) ack 1
        """);

    /// <summary>RFC 3042: each of the first two duplicates lets a new segment out, so that a small window gets its third.</summary>
    [Fact]
    public void LimitedTransmit_FirstTwoDuplicates_SendNewData() => WireScript.Run(
        "set reno 1\nestablished\nsend 20000\n" + TenSegments + """
        +0.1 < . 1:1(0) ack 1 win 65535
        > . 10001:11001(1000) ack 1
        < . 1:1(0) ack 1 win 65535
        > . 11001:12001(1000) ack 1
        nothing
        < . 1:1(0) ack 1 win 65535
        > . 1:1001(1000) ack 1
        nothing
        """);

    /// <summary>What is outstanding counts, whether it was SACKed or not (RFC 5681 section 2: FlightSize).</summary>
    [Fact]
    public void CongestionAvoidance_SacksOneByOne_HalvesWhatWasOutstanding() => WireScript.Run(
        "set reno 1\nestablished sack\nsend 10000\n" + TenSegments + """
        +0.1 < . 1:1(0) ack 1 <sack 1001:2001>
        < . 1:1(0) ack 1 <sack 1001:3001>
        < . 1:1(0) ack 1 <sack 1001:4001>
        > . 1:1001(1000) ack 1
        +0.1 < . 1:1(0) ack 10001
        send 10000
        > . 10001:11001(1000) ack 1
        > . 11001:12001(1000) ack 1
        > . 12001:13001(1000) ack 1
        > . 13001:14001(1000) ack 1
        > . 14001:15001(1000) ack 1
        > . 15001:16001(1000) ack 1               // the ACK has opened it by one
        nothing
        """);
}
