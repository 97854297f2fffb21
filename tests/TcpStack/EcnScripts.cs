using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>Marks instead of losses: RFC 3168 section 6.1. E is ECE, W is CWR.</summary>
public sealed class EcnScripts
{
    [Fact]
    public void Handshake_PeerAsks_IsGranted() => WireScript.Run("""
        listen
        < SEW 0:0(0) win 65535 <mss 1000>
        > SE. 0:0(0) ack 1 ecn none
        +0.1 < . 1:1(0) ack 1
        accept
        send 100
        > P. 1:101(100) ack 1 ecn ect0
        """);

    [Fact]
    public void Handshake_PeerDoesNotAsk_NothingIsMarked() => WireScript.Run("""
        established
        send 100
        > P. 1:101(100) ack 1 ecn none
        +0.1 < E. 1:1(0) ack 101
        send 100
        > P. 101:201(100) ack 1 ecn none
        """);

    [Fact]
    public void Handshake_SwitchedOff_IsNotGranted() => WireScript.Run("""
        set ecn 0
        listen
        < SEW 0:0(0) win 65535 <mss 1000>
        > S. 0:0(0) ack 1
        +0.1 < . 1:1(0) ack 1
        accept
        send 100
        > P. 1:101(100) ack 1 ecn none
        """);

    [Fact]
    public void Connect_AskingFor_UsesItWhenGranted() => WireScript.Run("""
        set ecn 1
        connect
        > SEW 0:0(0) ecn none
        +0.1 < SE. 0:0(0) ack 1 win 65535 <mss 1000>
        > . 1:1(0) ack 1 ecn none
        send 100
        > P. 1:101(100) ack 1 ecn ect0
        """);

    [Fact]
    public void Connect_AnsweredWithBothBits_DoesNotUseIt() => WireScript.Run("""
        set ecn 1
        connect
        > SEW 0:0(0)
        +0.1 < SEW. 0:0(0) ack 1 win 65535 <mss 1000>
        > . 1:1(0) ack 1
        send 100
        > P. 1:101(100) ack 1 ecn none
        """);

    // Section 6.1.1.1: the bits may be why nobody answers.
    [Fact]
    public void Connect_SynLost_AsksNoMore() => WireScript.Run("""
        set ecn 1
        connect
        > SEW 0:0(0)
        +1 > S 0:0(0)
        +0.1 < SE. 0:0(0) ack 1 win 65535 <mss 1000>
        > . 1:1(0) ack 1
        send 100
        > P. 1:101(100) ack 1 ecn none
        """);

    // Section 6.1.3: until the sender has said that it has heard.
    [Fact]
    public void Mark_IsEchoedUntilTheSenderHasReduced() => WireScript.Run("""
        established ecn
        < . 1:1001(1000) ack 1 ecn ce
        < . 1001:2001(1000) ack 1 ecn ect0
        > E. 1:1(0) ack 2001 ecn none
        < . 2001:3001(1000) ack 1 ecn ect0
        < . 3001:4001(1000) ack 1 ecn ect0
        > E. 1:1(0) ack 4001
        < W. 4001:5001(1000) ack 1 ecn ect0
        < . 5001:6001(1000) ack 1 ecn ect0
        > . 1:1(0) ack 6001
        recv 6000
        """);

    [Fact]
    public void Mark_OnTheSegmentThatTellsOfTheReduction_IsANewOne() => WireScript.Run("""
        established ecn
        < . 1:1001(1000) ack 1 ecn ce
        < W. 1001:2001(1000) ack 1 ecn ce
        > E. 1:1(0) ack 2001
        recv 2000
        """);

    [Fact]
    public void Mark_OnAnAckAlone_MeansNothing() => WireScript.Run("""
        established ecn
        send 100
        > P. 1:101(100) ack 1
        +0.1 < . 1:1(0) ack 101 ecn ce
        send 100
        > P. 101:201(100) ack 1 ecn ect0
        """);

    // Section 6.1.2: the window is halved once, the peer is told with the next new data, and nothing is sent again.
    [Fact]
    public void Echo_HalvesTheWindowOnceAndIsAnswered() => WireScript.Run("""
        set reno 1
        established ecn
        send 10000
        > . 1:1001(1000) ack 1 ecn ect0
        > . 1001:2001(1000) ack 1
        > . 2001:3001(1000) ack 1
        > . 3001:4001(1000) ack 1
        > . 4001:5001(1000) ack 1
        > . 5001:6001(1000) ack 1
        > . 6001:7001(1000) ack 1
        > . 7001:8001(1000) ack 1
        > . 8001:9001(1000) ack 1
        > P. 9001:10001(1000) ack 1
        send 4000
        +0.1 < E. 1:1(0) ack 2001
        < E. 1:1(0) ack 4001
        nothing
        < E. 1:1(0) ack 6001
        > W. 10001:11001(1000) ack 1 ecn ect0
        < . 1:1(0) ack 7001
        > . 11001:12001(1000) ack 1 ecn ect0
        """);

    // Section 6.1.5: a mark on what is sent again would be answered too late, or be a lie.
    [Fact]
    public void Retransmission_IsNotMarkable() => WireScript.Run("""
        established ecn
        send 500
        > P. 1:501(500) ack 1 ecn ect0
        +0.3 > P. 1:501(500) ack 1 ecn none
        +0.1 < . 1:1(0) ack 501
        send 500
        > PW. 501:1001(500) ack 1 ecn ect0
        """);

    [Fact]
    public void WindowProbe_IsNotMarkable() => WireScript.Run("""
        established ecn
        < . 1:1(0) ack 1 win 0
        send 100
        +0.3 > . 1:2(1) ack 1 ecn none
        """);
}
