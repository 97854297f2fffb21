using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>Opening connections: RFC 9293 sections 3.5 and 3.10.7, RFC 6298, RFC 7323, RFC 5961.</summary>
public sealed class HandshakeScripts
{
    [Fact]
    public void PassiveOpen_SynWithAllOptions_AnswersWithEachOfThem() => WireScript.Run("""
        listen
        < S 0:0(0) win 65535 <mss 1460,sackOK,ts 100,ws 7>
        > S. 0:0(0) ack 1 win 65535 <mss 1460,sackOK,ts 100,ws 5>
        +0.1 < . 1:1(0) ack 1 win 512 <ts 200>
        accept
        state Established
        """);

    [Fact]
    public void PassiveOpen_SynWithoutOptions_AnswersWithMssAlone() => WireScript.Run("""
        listen
        < S 0:0(0) win 1100
        > S. 0:0(0) ack 1 <mss 1460,nosack>
        +0.1 < . 1:1(0) ack 1 win 1100
        accept
        send 2000
        > . 1:537(536) ack 1       // the default of section 3.7.1
        > . 537:1073(536) ack 1
        nothing
        """);

    [Fact]
    public void PassiveOpen_SynAckLost_IsSentAgainWithBackoff() => WireScript.Run("""
        listen
        < S 0:0(0) win 65535 <mss 1000>
        > S. 0:0(0) ack 1
        +1 > S. 0:0(0) ack 1
        +2 > S. 0:0(0) ack 1
        +4 > S. 0:0(0) ack 1
        +0.1 < . 1:1(0) ack 1 win 65535
        accept
        state Established
        """);

    [Fact]
    public void PassiveOpen_NobodyAnswers_GivesUpSilently() => WireScript.Run("""
        listen
        < S 0:0(0) win 65535 <mss 1000>
        > S. 0:0(0) ack 1
        +1 > S. 0:0(0) ack 1
        +2 > S. 0:0(0) ack 1
        +4 > S. 0:0(0) ack 1
        +8 > S. 0:0(0) ack 1
        +16 > S. 0:0(0) ack 1
        +40 refuse
        nothing
        """);

    [Fact]
    public void PassiveOpen_SynComesAgain_GetsTheSameAnswer() => WireScript.Run("""
        listen
        < S 0:0(0) win 65535 <mss 1000>
        > S. 0:0(0) ack 1
        +0.5 < S 0:0(0) win 65535 <mss 1000>
        > S. 0:0(0) ack 1
        """);

    [Fact]
    public void PassiveOpen_AckOfSomethingElse_IsReset() => WireScript.Run("""
        listen
        < S 0:0(0) win 65535 <mss 1000>
        > S. 0:0(0) ack 1
        < . 1:1(0) ack 2 win 65535
        > R 2:2(0)
        refuse
        """);

    [Fact]
    public void PassiveOpen_ResetWhileHalfOpen_ReturnsToListen() => WireScript.Run("""
        listen
        < S 0:0(0) win 65535 <mss 1000>
        > S. 0:0(0) ack 1
        < R 1:1(0) win 0
        refuse
        +5 nothing
        """);

    [Fact]
    public void PassiveOpen_DataWithTheAck_IsTaken() => WireScript.Run("""
        listen
        < S 0:0(0) win 65535 <mss 1000>
        > S. 0:0(0) ack 1
        +0.1 < P. 1:501(500) ack 1 win 65535
        accept
        recv 500
        +0.04 > . 1:1(0) ack 501
        """);

    [Fact]
    public void PassiveOpen_FinWithTheAck_EntersCloseWait() => WireScript.Run("""
        listen
        < S 0:0(0) win 65535 <mss 1000>
        > S. 0:0(0) ack 1
        +0.1 < F. 1:1(0) ack 1 win 65535
        > . 1:1(0) ack 2
        accept
        state CloseWait
        recv 0
        """);

    [Fact]
    public void PassiveOpen_BacklogFull_AnswersWithCookieAndConnects() => WireScript.Run("""
        listen 1
        < S 0:0(0) win 65535 <mss 1000>
        > S. 0:0(0) ack 1
        peer 40001
        < S 0:0(0) win 65535 <mss 1380,sackOK,ts 100,ws 7>
        > S. 0:0(0) ack 1 <mss 1460,sackOK,ts 100,ws 5>
        +0.1 < . 1:1(0) ack 1 win 512 <ts 200>
        accept
        state Established
        send 3000
        > . 1:1369(1368) ack 1 <ts 200>
        > . 1369:2737(1368) ack 1
        +0.1 < . 1:1(0) ack 2737 win 512 <ts 300>
        > P. 2737:3001(264) ack 1
        """);

    [Fact]
    public void PassiveOpen_ForgedCookie_IsReset() => WireScript.Run("""
        listen 1
        < S 0:0(0) win 65535 <mss 1000>
        > S. 0:0(0) ack 1
        peer 40001
        < S 0:0(0) win 65535 <mss 1000>
        > S. 0:0(0) ack 1
        < . 1:1(0) ack 2 win 512
        > R 2:2(0)
        refuse
        """);

    [Fact]
    public void PassiveOpen_AcceptQueueFull_DropsTheSyn() => WireScript.Run("""
        listen 1
        < S 0:0(0) win 65535 <mss 1000>
        > S. 0:0(0) ack 1
        < . 1:1(0) ack 1 win 512
        peer 40001
        < S 0:0(0) win 65535 <mss 1000>
        nothing                    // the queue of the program is full: the SYN is dropped
        """);

    [Fact]
    public void Listen_AckOutOfTheBlue_IsReset() => WireScript.Run("""
        listen
        < . 1:1(0) ack 1 win 65535
        > R 1:1(0)
        """);

    [Fact]
    public void Listen_Reset_IsIgnored() => WireScript.Run("""
        listen
        < R 1:1(0) win 0
        nothing
        """);

    [Fact]
    public void ClosedPort_Syn_IsResetWithAck() => WireScript.Run("""
        < S 0:0(0) win 65535 <mss 1000>
        > R. 0:0(0) ack 1
        """);

    [Fact]
    public void ClosedPort_DataWithAck_IsResetAtItsAck() => WireScript.Run("""
        < P. 7:107(100) ack 55 win 100
        > R 55:55(0)
        """);

    [Fact]
    public void ClosedPort_Reset_IsIgnored() => WireScript.Run("""
        < R. 7:7(0) ack 55 win 100
        nothing
        """);

    [Fact]
    public void ActiveOpen_Handshake_OffersAllOptions() => WireScript.Run("""
        connect
        > S 0:0(0) win 65535 <mss 1460,sackOK,ts 0,ws 5>
        +0.05 < S. 0:0(0) ack 1 win 65535 <mss 1000,sackOK,ts 7,ws 3>
        > . 1:1(0) ack 1 <ts 7>
        state Established
        """);

    [Fact]
    public void ActiveOpen_SynLost_IsSentAgainWithBackoff() => WireScript.Run("""
        connect
        > S 0:0(0)
        +1 > S 0:0(0)
        +2 > S 0:0(0)
        +4 > S 0:0(0)
        +0.05 < S. 0:0(0) ack 1 win 65535 <mss 1000>
        > . 1:1(0) ack 1
        send 5000
        > . 1:1001(1000) ack 1     // one segment after a lost SYN (RFC 5681 section 3.1)
        nothing
        """);

    [Fact]
    public void ActiveOpen_NobodyAnswers_TimesOut() => WireScript.Run("""
        connect
        > S 0:0(0)
        +1 > S 0:0(0)
        +2 > S 0:0(0)
        +4 > S 0:0(0)
        +8 > S 0:0(0)
        +16 > S 0:0(0)
        +32 > S 0:0(0)
        +60 > S 0:0(0)
        +60 error TimedOut
        state Closed
        """);

    [Fact]
    public void ActiveOpen_Reset_IsRefused() => WireScript.Run("""
        connect
        > S 0:0(0)
        +0.05 < R. 0:0(0) ack 1 win 0
        error ConnectionRefused
        state Closed
        """);

    [Fact]
    public void ActiveOpen_ResetWithoutGoodAck_IsIgnored() => WireScript.Run("""
        connect
        > S 0:0(0)
        < R 0:0(0) win 0
        < R. 0:0(0) ack 7 win 0
        state SynSent
        """);

    [Fact]
    public void ActiveOpen_AckOfSomethingElse_IsReset() => WireScript.Run("""
        connect
        > S 0:0(0)
        < S. 0:0(0) ack 7 win 65535 <mss 1000>
        > R 7:7(0)
        state SynSent
        """);

    [Fact]
    public void SimultaneousOpen_BothSynsCross_Establishes() => WireScript.Run("""
        connect
        > S 0:0(0)
        < S 0:0(0) win 65535 <mss 1000>
        > S. 0:0(0) ack 1
        state SynReceived
        < . 1:1(0) ack 1 win 65535
        state Established
        """);

    [Fact]
    public void SimultaneousOpen_AnswerIsSynAck_IsAnsweredAndEstablishes() => WireScript.Run("""
        connect
        > S 0:0(0)
        < S 0:0(0) win 65535 <mss 1000>
        > S. 0:0(0) ack 1
        < S. 0:0(0) ack 1 win 65535 <mss 1000>
        > . 1:1(0) ack 1
        state Established
        """);

    [Fact]
    public void Established_SynInWindow_GetsChallengeAck() => WireScript.Run("""
        established
        < S 1:1(0) win 65535 <mss 1000>
        > . 1:1(0) ack 1
        state Established
        """);

    [Fact]
    public void Established_SynAckComesAgain_GetsAck() => WireScript.Run("""
        connect
        > S 0:0(0)
        +0.05 < S. 0:0(0) ack 1 win 65535 <mss 1000>
        > . 1:1(0) ack 1
        +1 < S. 0:0(0) ack 1 win 65535 <mss 1000>
        > . 1:1(0) ack 1
        state Established
        """);

    [Fact]
    public void Established_ResetAtNextByte_Resets() => WireScript.Run("""
        established
        < R 1:1(0) win 0
        state Closed
        error ConnectionReset
        """);

    [Fact]
    public void Established_ResetElsewhereInWindow_GetsChallengeAck() => WireScript.Run("""
        established
        < R 1001:1001(0) win 0
        > . 1:1(0) ack 1
        state Established
        """);

    [Fact]
    public void Established_ResetOutsideOfWindow_IsIgnored() => WireScript.Run("""
        established
        < R 3000000:3000000(0) win 0
        nothing
        state Established
        """);

    [Fact]
    public void Established_AckBeyondWhatWasSent_GetsChallengeAck() => WireScript.Run("""
        established
        < . 1:1(0) ack 5000 win 65535
        > . 1:1(0) ack 1
        state Established
        """);

    [Fact]
    public void Established_ManyBadSegments_GetAtMostTenChallengeAcks() => WireScript.Run(
        "established\n"
        + string.Concat(Enumerable.Repeat("< R 1001:1001(0) win 0\n> . 1:1(0) ack 1\n", 10))
        + "< R 1001:1001(0) win 0\nnothing\n< R 1001:1001(0) win 0\nnothing\n"
        + "+6 < R 1001:1001(0) win 0\n> . 1:1(0) ack 1\n");

    [Fact]
    public void Established_OldTimestamp_IsDroppedWithAck() => WireScript.Run("""
        established ts
        < P. 1:101(100) ack 1 win 65535 <ts 150>
        > . 1:1(0) ack 1
        < P. 1:101(100) ack 1 win 65535 <ts 250>
        +0.04 > . 1:1(0) ack 101 <ts 250>
        """);

    /// <summary>What a cookie was sent in is not known when it comes back: nothing was measured (RFC 6298 rule 2.1).</summary>
    [Theory]
    [InlineData("")]
    [InlineData(",sackOK,ts 100")]
    public void Cookie_ComesBack_NoRoundTripIsMeasured(string options) => WireScript.Run($"""
        listen 1
        < S 0:0(0) win 65535 <mss 1000>
        > S. 0:0(0) ack 1
        +1 > S. 0:0(0) ack 1
        peer 40001
        < S 0:0(0) win 65535 <mss 1200{options}>
        > S. 0:0(0) ack 1
        +0.1 < . 1:1(0) ack 1 win 512{(options == "" ? "" : " <ts 200>")}
        accept
        send 500
        > P. 1:501(500) ack 1
        +1 > P. 1:501(500) ack 1
        """);

    /// <summary>Window and scale of the SYN-ACK are those that the connection has (RFC 7323 section 2.2).</summary>
    [Fact]
    public void Cookie_TellsOfTheListenersBuffer() => WireScript.Run("""
        set rcvbuf 20000
        listen 1
        < S 0:0(0) win 65535 <mss 1000>
        > S. 0:0(0) ack 1
        peer 40001
        < S 0:0(0) win 65535 <mss 1380,sackOK,ts 100,ws 7>
        > S. 0:0(0) ack 1 win 20000 <mss 1460,sackOK,ts 100,ws 0>
        +0.1 < . 1:1(0) ack 1 win 512 <ts 200>
        accept
        send 100
        > P. 1:101(100) ack 1 win 20000
        """);

    /// <summary>RFC 9293 section 3.10.7.4, first: only the SYN that is being answered gets its answer again.</summary>
    [Fact]
    public void PassiveOpen_AnotherSynOutsideOfTheWindow_GetsAnAck() => WireScript.Run("""
        listen
        < S 0:0(0) win 65535 <mss 1000>
        > S. 0:0(0) ack 1
        < S 500000:500000(0) win 65535 <mss 1000>
        > . 1:1(0) ack 1
        """);

    /// <summary>RFC 9293 section 3.10.7.4, fourth: back to LISTEN. The SYN comes again, and is a new connection's then.</summary>
    [Fact]
    public void PassiveOpen_AnotherSynInTheWindow_ReturnsToListen() => WireScript.Run("""
        listen
        < S 0:0(0) win 65535 <mss 1000>
        > S. 0:0(0) ack 1
        < S 5000:5000(0) win 65535 <mss 1000>
        nothing
        peer 40000
        +1 < S 5000:5000(0) win 65535 <mss 1000>
        > S. 0:0(0) ack 5001
        """);
}
