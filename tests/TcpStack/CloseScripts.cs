using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>Ending connections: RFC 9293 sections 3.6 and 3.10.4 to 3.10.7, RFC 1122 section 4.2.2.13, RFC 6191.</summary>
public sealed class CloseScripts
{
    private const string ToFinWait2 = """
        established
        shutdown
        > F. 1:1(0) ack 1
        state FinWait1
        +0.1 < . 1:1(0) ack 2 win 65535
        state FinWait2

        """;

    private const string ToTimeWait = ToFinWait2 + """
        +0.1 < F. 1:1(0) ack 2 win 65535
        > . 2:2(0) ack 2
        state TimeWait

        """;

    [Fact]
    public void ActiveClose_OneAfterTheOther_PassesFinWaitStatesToTimeWait() => WireScript.Run(ToTimeWait + """
        +59 state TimeWait
        +2 state Closed
        """);

    [Fact]
    public void ActiveClose_FinWithTheAck_GoesStraightToTimeWait() => WireScript.Run("""
        established
        shutdown
        > F. 1:1(0) ack 1
        +0.1 < F. 1:1(0) ack 2 win 65535
        > . 2:2(0) ack 2
        state TimeWait
        """);

    [Fact]
    public void SimultaneousClose_FinsCross_PassesClosing() => WireScript.Run("""
        established
        shutdown
        > F. 1:1(0) ack 1
        < F. 1:1(0) ack 1 win 65535
        > . 2:2(0) ack 2
        state Closing
        +0.1 < . 2:2(0) ack 2 win 65535
        state TimeWait
        """);

    [Fact]
    public void PassiveClose_ProgramClosesLater_PassesLastAck() => WireScript.Run("""
        established
        < F. 1:1(0) ack 1 win 65535
        > . 1:1(0) ack 2
        state CloseWait
        recv 0
        shutdown
        > F. 1:1(0) ack 2
        state LastAck
        +0.1 < . 2:2(0) ack 2 win 65535
        state Closed
        """);

    [Fact]
    public void HalfClose_PeerGoesOnSending_IsReceivedAndAcknowledged() => WireScript.Run(ToFinWait2 + """
        < P. 1:1001(1000) ack 2 win 65535
        < P. 1001:2001(1000) ack 2 win 65535
        > . 2:2(0) ack 2001
        recv 2000
        < F. 2001:2001(0) ack 2 win 65535
        > . 2:2(0) ack 2002
        recv 0
        """);

    [Fact]
    public void HalfClose_OfThePeer_DataStillGoesOut() => WireScript.Run("""
        established
        < F. 1:1(0) ack 1 win 65535
        > . 1:1(0) ack 2
        send 500
        > P. 1:501(500) ack 2
        +0.1 < . 2:2(0) ack 501 win 65535
        shutdown
        > F. 501:501(0) ack 2
        """);

    [Fact]
    public void Close_WithDataQueued_SendsDataAndFinTogether() => WireScript.Run("""
        established
        send 1500
        > . 1:1001(1000) ack 1
        shutdown
        > F. 1001:1501(500) ack 1
        +0.1 < . 1:1(0) ack 1502 win 65535
        state FinWait2
        """);

    [Fact]
    public void Fin_Lost_IsSentAgain() => WireScript.Run("""
        established
        shutdown
        > F. 1:1(0) ack 1
        +0.3 > F. 1:1(0) ack 1
        +0.6 > F. 1:1(0) ack 1
        +0.1 < . 1:1(0) ack 2 win 65535
        state FinWait2
        """);

    [Fact]
    public void Fin_BehindAGap_WaitsForTheGap() => WireScript.Run("""
        established
        < F. 1001:1501(500) ack 1 win 65535
        > . 1:1(0) ack 1
        state Established
        < . 1:1001(1000) ack 1 win 65535
        > . 1:1(0) ack 1502
        state CloseWait
        recv 1500
        error None
        """);

    [Fact]
    public void Fin_BeforeItsData_WaitsForIt() => WireScript.Run(ToFinWait2 + """
        < F. 1001:1001(0) ack 2 win 65535
        > . 2:2(0) ack 1
        state FinWait2
        < P. 1:501(500) ack 2 win 65535
        +0.04 > . 2:2(0) ack 501
        < P. 501:1001(500) ack 2 win 65535
        > . 2:2(0) ack 1002
        state TimeWait
        recv 1000
        """);

    [Fact]
    public void Fin_BeyondTheWindow_IsForgotten() => WireScript.Run("""
        set rcvbuf 2000
        established
        < F. 1001:2501(1500) ack 1
        > . 1:1(0) ack 1
        < . 1:1001(1000) ack 1
        > . 1:1(0) ack 2001 win 0
        state Established
        """);

    [Fact]
    public void TimeWait_FinComesAgain_IsAnsweredAndTheTimeStartsAnew() => WireScript.Run(ToTimeWait + """
        +50 < F. 1:1(0) ack 2 win 65535
        > . 2:2(0) ack 2
        +55 state TimeWait
        +6 state Closed
        """);

    [Fact]
    public void TimeWait_NewSynBeyond_OpensAgain() => WireScript.Run(ToTimeWait + """
        +1 peer 40000
        < S 100000:100000(0) win 65535 <mss 1000>
        > S. 0:0(0) ack 100001
        """);

    [Fact]
    public void TimeWait_OldSyn_IsNotTakenForANewConnection() => WireScript.Run(ToTimeWait + """
        +1 < S 0:0(0) win 65535 <mss 1000>
        > . 2:2(0) ack 2
        state TimeWait
        """);

    private const string OwnToTimeWait = """
        connect
        > S 0:0(0)
        +0.1 < S. 0:0(0) ack 1 win 65535 <mss 1000,ts 100>
        > . 1:1(0) ack 1
        shutdown
        > F. 1:1(0) ack 1
        +0.1 < F. 1:1(0) ack 2 win 65535 <ts 200>
        > . 2:2(0) ack 2
        state TimeWait

        """;

    [Fact]
    public void TimeWait_OwnConnectAfterASecond_TakesItsPlace() => WireScript.Run(OwnToTimeWait + """
        +1.1 connect // the clock of sequence numbers ticks every 4 us
        state SynSent
        > S 325000:325000(0)
        +0.1 < S. 0:0(0) ack 325001 win 65535 <mss 1000,ts 1500>
        > . 325001:325001(0) ack 1
        state Established
        """);

    [Fact]
    public void TimeWait_OwnConnectAtOnce_IsRefused() => WireScript.Run(OwnToTimeWait + """
        +0.5 inuse
        state TimeWait
        """);

    /// <summary>Without timestamps old segments of the peer could not be told from new ones.</summary>
    [Fact]
    public void TimeWait_OwnConnectWithoutTimestamps_IsRefused() => WireScript.Run("""
        connect
        > S 0:0(0)
        +0.1 < S. 0:0(0) ack 1 win 65535 <mss 1000>
        > . 1:1(0) ack 1
        shutdown
        > F. 1:1(0) ack 1
        +0.1 < F. 1:1(0) ack 2 win 65535
        > . 2:2(0) ack 2
        +30 inuse
        state TimeWait
        """);

    /// <summary>RFC 6191 section 2: the old connection had no timestamps, so whatever has some is new.</summary>
    [Fact]
    public void TimeWait_SynWithTimestampsForTheFirstTime_OpensAgain() => WireScript.Run(ToTimeWait + """
        +1 peer 40000
        < S 0:0(0) win 65535 <mss 1000,ts 5>
        > S. 0:0(0) ack 1
        """);

    [Fact]
    public void TimeWait_Reset_EndsItWithoutAnError() => WireScript.Run(ToTimeWait + """
        < R 2:2(0) win 0
        state Closed
        """);

    [Fact]
    public void LastAck_AckOfFinLost_FinIsSentAgain() => WireScript.Run("""
        established
        < F. 1:1(0) ack 1 win 65535
        > . 1:1(0) ack 2
        shutdown
        > F. 1:1(0) ack 2
        +0.3 > F. 1:1(0) ack 2
        +0.1 < . 2:2(0) ack 2 win 65535
        state Closed
        """);

    [Fact]
    public void Close_WithUnreadData_Resets() => WireScript.Run("""
        established
        < P. 1:101(100) ack 1 win 65535
        close
        > R. 1:1(0) ack 101
        state Closed
        """);

    [Fact]
    public void Close_LingerZero_Resets() => WireScript.Run("""
        established
        set linger 0
        close
        > R. 1:1(0) ack 1
        state Closed
        """);

    [Fact]
    public void Close_DataArrivesForNobody_Resets() => WireScript.Run("""
        established
        close
        > F. 1:1(0) ack 1
        < P. 1:101(100) ack 2 win 65535
        > R. 2:2(0) ack 1
        state Closed
        """);

    [Fact]
    public void Close_PeerNeverCloses_FinWait2EndsByItself() => WireScript.Run("""
        established
        close
        > F. 1:1(0) ack 1
        +0.1 < . 1:1(0) ack 2 win 65535
        state FinWait2
        +61 state Closed
        """);

    [Fact]
    public void Abort_InEachOpenState_SendsReset() => WireScript.Run("""
        established
        send 100
        > P. 1:101(100) ack 1
        abort
        > R. 101:101(0) ack 1
        state Closed
        """);

    [Fact]
    public void Reset_WithUnreadData_IsTold() => WireScript.Run("""
        established
        send 100
        > P. 1:101(100) ack 1
        < R 1:1(0) win 0
        error ConnectionReset
        """);

    [Fact]
    public void Send_AfterShutdown_IsRefused() => WireScript.Run(ToFinWait2 + """
        broken 100
        nothing
        """);

    [Fact]
    public void FinWait1_DataAndFinLost_BothAreSentAgain() => WireScript.Run("""
        established
        send 300
        > P. 1:301(300) ack 1
        shutdown
        > F. 301:301(0) ack 1
        +0.3 > . 1:301(300) ack 1
        > F. 301:301(0) ack 1
        +0.1 < . 1:1(0) ack 302 win 65535
        state FinWait2
        """);

    /// <summary>The program has read all of it: only the end is new, and that needs no reader.</summary>
    [Fact]
    public void Close_DataThatWasReadComesAgainWithTheFin_IsNoReset() => WireScript.Run("""
        established
        < P. 1:1001(1000) ack 1
        recv 1000
        close
        > F. 1:1(0) ack 1001
        < FP. 1:1001(1000) ack 2
        > . 2:2(0) ack 1002
        state TimeWait
        """);

    /// <summary>RFC 9293 section 3.10.5: CLOSING and LAST-ACK end without a reset.</summary>
    [Fact]
    public void Abort_InLastAck_SendsNothing() => WireScript.Run("""
        established
        < F. 1:1(0) ack 1
        > . 1:1(0) ack 2
        shutdown
        > F. 1:1(0) ack 2
        abort
        nothing
        state Closed
        """);

    [Fact]
    public void Abort_InClosing_SendsNothing() => WireScript.Run("""
        established
        shutdown
        > F. 1:1(0) ack 1
        < F. 1:1(0) ack 1
        > . 2:2(0) ack 2
        abort
        nothing
        state Closed
        """);

    /// <summary>The stream from the peer is complete: its reader gets all of it, and its end. Who writes hears of the reset.</summary>
    [Fact]
    public void Reset_AfterTheFin_LeavesWhatWasReceived() => WireScript.Run("""
        established
        < FP. 1:4(3) ack 1
        > . 1:1(0) ack 5
        send 100
        > P. 1:101(100) ack 5
        < R 5:5(0)
        state Closed
        recv 3
        error None
        broken 100
        """);

    [Fact]
    public void Reset_AfterTheFinBeforeTheAccept_LeavesNothing() => WireScript.Run("""
        listen
        < S 0:0(0) win 65535 <mss 1000>
        > S. 0:0(0) ack 1
        < FP. 1:4(3) ack 1
        > . 1:1(0) ack 5
        < R 5:5(0)
        refuse
        """);

    /// <summary>The script's end closes the listener, and counts the buffers.</summary>
    [Fact]
    public void Listener_ClosedWithDataThatNobodyAccepted_GivesItsBuffersBack() => WireScript.Run("""
        listen
        < S 0:0(0) win 65535 <mss 1000>
        > S. 0:0(0) ack 1
        < P. 1:101(100) ack 1
        +0.04 > . 1:1(0) ack 101
        """);
}
