using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>Windows, Nagle, delayed acknowledgments, keepalive: RFC 9293 sections 3.7.4 and 3.8, RFC 7323.</summary>
public sealed class WindowScripts
{
    private static readonly string TenSegments = string.Concat(
        Enumerable.Range(0, 10).Select(index => $"> . {(index * 1000) + 1}:{(index * 1000) + 1001}(1000) ack 1\n"));

    /// <summary>Numbers wrap (RFC 9293 section 3.4): this one is before one edge of the window and behind the other.</summary>
    [Fact]
    public void Segment_HalfTheSpaceAway_IsNoDataForTheWindow() => WireScript.Run("""
        established
        < P. 2147483660:2147483760(100) ack 1 win 512
        > . 1:1(0) ack 1
        < P. 1:101(100) ack 1 win 512
        +0.04 > . 1:1(0) ack 101
        recv 100
        """);

    [Fact]
    public void Nagle_SmallWrites_WaitForTheFirstAck() => WireScript.Run("""
        established
        send 100
        > P. 1:101(100) ack 1
        send 100
        send 100
        +0.05 nothing
        +0.05 < . 1:1(0) ack 101 win 65535
        > P. 101:301(200) ack 1
        """);

    [Fact]
    public void Nagle_FullSegment_GoesAtOnce() => WireScript.Run("""
        established
        send 100
        > P. 1:101(100) ack 1
        send 1000
        > P. 101:1101(1000) ack 1
        """);

    [Fact]
    public void NoDelay_SmallWrites_GoAtOnce() => WireScript.Run("""
        set nodelay 1
        established
        send 100
        > P. 1:101(100) ack 1
        send 50
        > P. 101:151(50) ack 1
        """);

    [Fact]
    public void DelayedAck_OneSegment_WaitsForTheTimer() => WireScript.Run("""
        established
        < P. 1:501(500) ack 1 win 65535
        nothing
        +0.04 > . 1:1(0) ack 501
        """);

    [Fact]
    public void DelayedAck_SecondFullSegment_IsAcknowledgedAtOnce() => WireScript.Run("""
        established
        < . 1:1001(1000) ack 1 win 65535
        < . 1001:2001(1000) ack 1 win 65535
        > . 1:1(0) ack 2001
        """);

    [Fact]
    public void DelayedAck_DataGoesBack_CarriesTheAck() => WireScript.Run("""
        established
        < P. 1:501(500) ack 1 win 65535
        send 200
        > P. 1:201(200) ack 501
        +0.1 nothing
        """);

    [Fact]
    public void SendWindow_Limits_WhatIsInFlight() => WireScript.Run("""
        established
        < . 1:1(0) ack 1 win 2500
        send 5000
        > . 1:1001(1000) ack 1
        > . 1001:2001(1000) ack 1
        nothing
        +0.1 < . 1:1(0) ack 2001 win 2500
        > . 2001:3001(1000) ack 1
        > . 3001:4001(1000) ack 1
        """);

    [Fact]
    public void SendWindow_Scaled_IsShifted() => WireScript.Run("""
        established scale
        < . 1:1(0) ack 1 win 16      // 2048 bytes
        send 5000
        > . 1:1001(1000) ack 1
        > . 1001:2001(1000) ack 1
        nothing
        """);

    [Fact]
    public void InitialWindow_IsTenSegments() => WireScript.Run(
        "established\nsend 15000\n"
        + TenSegments
        + "nothing\n");

    [Fact]
    public void SlowStart_EachAck_OpensTwoSegments() => WireScript.Run(
        "established\nsend 30000\n"
        + TenSegments
        + """
        +0.1 < . 1:1(0) ack 1001 win 65535
        > . 10001:11001(1000) ack 1
        > . 11001:12001(1000) ack 1
        nothing
        < . 1:1(0) ack 3001 win 65535
        > . 12001:13001(1000) ack 1
        > . 13001:14001(1000) ack 1
        > . 14001:15001(1000) ack 1
        > . 15001:16001(1000) ack 1
        nothing
        """);

    [Fact]
    public void ZeroWindow_IsProbedWithBackoff() => WireScript.Run("""
        established
        < . 1:1(0) ack 1 win 0
        send 3000
        nothing
        +0.3 > . 1:2(1) ack 1
        < . 1:1(0) ack 1 win 0
        +0.6 > . 1:2(1) ack 1
        < . 1:1(0) ack 1 win 0
        +1.2 > . 1:2(1) ack 1
        """);

    [Fact]
    public void ZeroWindow_Opens_DataGoesOnAtOnce() => WireScript.Run("""
        established
        < . 1:1(0) ack 1 win 0
        send 3000
        +0.3 > . 1:2(1) ack 1
        +0.1 < . 1:1(0) ack 1 win 65535
        > . 1:1001(1000) ack 1
        > . 1001:2001(1000) ack 1
        > P. 2001:3001(1000) ack 1
        """);

    [Fact]
    public void ZeroWindow_ProbeIsAccepted_GoesOnBehindIt() => WireScript.Run("""
        established
        < . 1:1(0) ack 1 win 0
        send 1500
        +0.3 > . 1:2(1) ack 1
        +0.1 < . 1:1(0) ack 2 win 65535
        > . 2:1002(1000) ack 1
        nothing
        """);

    [Fact]
    public void ZeroWindow_PeerAnswersForEver_ConnectionLives() => WireScript.Run(
        "set usertimeout 3\nestablished\n< . 1:1(0) ack 1 win 0\nsend 100\n"
        + "+0.3 > . 1:2(1) ack 1\n< . 1:1(0) ack 1 win 0\n+0.6 > . 1:2(1) ack 1\n< . 1:1(0) ack 1 win 0\n"
        + "+1.2 > . 1:2(1) ack 1\n< . 1:1(0) ack 1 win 0\n+2.4 > . 1:2(1) ack 1\n< . 1:1(0) ack 1 win 0\nstate Established\n");

    /// <summary>Nobody waits for the end of it any more, and what is queued holds memory.</summary>
    [Fact]
    public void ZeroWindow_PeerAnswersForEverAfterTheClose_TimesOut() => WireScript.Run(
        "set usertimeout 3\nestablished\n< . 1:1(0) ack 1 win 0\nsend 100\nclose\n"
        + "+0.3 > . 1:2(1) ack 1\n< . 1:1(0) ack 1 win 0\n+0.6 > . 1:2(1) ack 1\n< . 1:1(0) ack 1 win 0\n"
        + "+1.2 > . 1:2(1) ack 1\n< . 1:1(0) ack 1 win 0\n+2.4 > R. 2:2(0) ack 1\nstate Closed\n");

    [Fact]
    public void ZeroWindow_PeerIsGone_TimesOut() => WireScript.Run("""
        set usertimeout 2
        established
        < . 1:1(0) ack 1 win 0
        send 100
        +0.3 > . 1:2(1) ack 1
        +0.6 > . 1:2(1) ack 1
        +1.2 > . 1:2(1) ack 1
        +2.4 > R. 2:2(0) ack 1
        error TimedOut
        """);

    [Fact]
    public void SmallWindow_SillySegmentsAreAvoided() => WireScript.Run("""
        established
        < . 1:1(0) ack 1 win 300
        send 1000
        nothing                      // less than half of the largest window: the override timer decides
        +0.3 > . 1:301(300) ack 1
        """);

    [Fact]
    public void ReceiveWindow_FillsAndReopens_ByHalfOfTheBuffer() => WireScript.Run("""
        set rcvbuf 4000
        listen
        < S 0:0(0) win 65535 <mss 1000>
        > S. 0:0(0) ack 1 win 4000
        +0.1 < . 1:1(0) ack 1 win 65535
        accept
        < . 1:1001(1000) ack 1 win 65535
        < . 1001:2001(1000) ack 1 win 65535
        > . 1:1(0) ack 2001 win 2000
        < . 2001:3001(1000) ack 1 win 65535
        < . 3001:4001(1000) ack 1 win 65535
        > . 1:1(0) ack 4001 win 0
        recv 500
        nothing
        recv 1500
        > . 1:1(0) ack 4001 win 2000
        """);

    [Fact]
    public void ReceiveWindow_Closed_ProbeIsAnswered() => WireScript.Run("""
        set rcvbuf 2000
        listen
        < S 0:0(0) win 65535 <mss 1000>
        > S. 0:0(0) ack 1 win 2000
        +0.1 < . 1:1(0) ack 1 win 65535
        accept
        < . 1:1001(1000) ack 1 win 65535
        < . 1001:2001(1000) ack 1 win 65535
        > . 1:1(0) ack 2001 win 0
        < . 2001:2002(1) ack 1 win 65535
        > . 1:1(0) ack 2001 win 0
        """);

    [Fact]
    public void ReceiveWindow_DataBeyondIt_IsCutOff() => WireScript.Run("""
        set rcvbuf 1500
        listen
        < S 0:0(0) win 65535 <mss 1000>
        > S. 0:0(0) ack 1 win 1500
        +0.1 < . 1:1(0) ack 1 win 65535
        accept
        < . 1:1001(1000) ack 1 win 65535
        < . 1001:2001(1000) ack 1 win 65535
        +0.04 > . 1:1(0) ack 1501 win 0
        recv 1500
        > . 1:1(0) ack 1501 win 1500
        """);

    [Fact]
    public void Keepalive_PeerAnswers_GoesOn() => WireScript.Run("""
        set keepalive 10
        established
        +10 > . 0:0(0) ack 1
        < . 1:1(0) ack 1 win 65535
        +10 > . 0:0(0) ack 1
        < . 1:1(0) ack 1 win 65535
        state Established
        """);

    [Fact]
    public void Keepalive_PeerIsGone_Resets() => WireScript.Run("""
        set keepalive 10
        established
        +10 > . 0:0(0) ack 1
        +1 > . 0:0(0) ack 1
        +1 > R. 1:1(0) ack 1
        error TimedOut
        """);

    [Fact]
    public void Keepalive_OfThePeer_IsAnswered() => WireScript.Run("""
        established
        +5 < . 0:0(0) ack 1 win 65535
        > . 1:1(0) ack 1
        """);

    [Fact]
    public void WindowUpdate_OfAnOlderSegment_IsNotTaken() => WireScript.Run("""
        established
        < P. 1:101(100) ack 1 win 65535
        < . 1:1(0) ack 1 win 500
        > . 1:1(0) ack 101
        send 3000
        > . 1:1001(1000) ack 101
        > . 1001:2001(1000) ack 101
        > P. 2001:3001(1000) ack 101
        """);

    // tcp(7) of Linux: TCP_CORK.
    [Fact]
    public void Cork_HoldsWhatIsNoFullSegment() => WireScript.Run("""
        set nodelay 1
        set cork 1
        established
        send 500
        nothing
        send 600
        > . 1:1001(1000) ack 1
        nothing
        set cork 0
        > P. 1001:1101(100) ack 1
        """);

    [Fact]
    public void Cork_Forgotten_HoldsForATimeOnly() => WireScript.Run("""
        set cork 1
        established
        send 500
        +0.3 > P. 1:501(500) ack 1
        """);

    [Fact]
    public void Cork_Fin_LetsGo() => WireScript.Run("""
        set cork 1
        established
        send 500
        nothing
        shutdown
        > F. 1:501(500) ack 1
        """);

    // MSG_MORE is a cork for one call.
    [Fact]
    public void More_HoldsUntilTheNextCall() => WireScript.Run("""
        established
        more 500
        nothing
        send 100
        > P. 1:601(600) ack 1
        """);

    /// <summary>The time that a peer has begins when there is something to send, not when it was last heard of.</summary>
    [Fact]
    public void ZeroWindow_AfterALongSilence_IsProbed() => WireScript.Run("""
        set usertimeout 3
        established
        < . 1:1(0) ack 1 win 0
        +5 send 100
        +0.3 > . 1:2(1) ack 1
        """);

    [Fact]
    public void Cork_AfterALongSilence_HoldsForATime() => WireScript.Run("""
        set usertimeout 3
        set cork 1
        established
        +5 send 500
        +0.3 > P. 1:501(500) ack 1
        """);

    [Fact]
    public void Keepalive_DataComes_TheIdleTimeBeginsAnew() => WireScript.Run("""
        set keepalive 10
        set keepinterval 75
        established
        +5 < P. 1:101(100) ack 1
        +0.04 > . 1:1(0) ack 101
        +9.96 > . 0:0(0) ack 101
        """);

    /// <summary>An ACK after a read says something new, or is not sent (RFC 9293 section 3.8.6.2.2).</summary>
    [Fact]
    public void ReceiveWindow_FilledByShortSegments_ReopensByAFullSegment() => WireScript.Run("""
        set rcvbuf 4000
        established
        < . 1:501(500) ack 1
        < . 501:1001(500) ack 1
        < . 1001:1501(500) ack 1
        > . 1:1(0) ack 1501 win 2500
        < . 1501:2001(500) ack 1
        < . 2001:2501(500) ack 1
        < . 2501:3001(500) ack 1
        > . 1:1(0) ack 3001 win 1000
        < . 3001:3501(500) ack 1
        < . 3501:4001(500) ack 1
        +0.04 > . 1:1(0) ack 4001 win 0
        recv 600
        nothing
        recv 400
        > . 1:1(0) ack 4001 win 1000
        """);
}
