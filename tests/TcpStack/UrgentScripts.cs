using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>Urgent data: RFC 9293 section 3.8.5, RFC 6093, and what programs of Linux see of it. Byte n of a segment has the value 7 n.</summary>
public sealed class UrgentScripts
{
    [Fact]
    public void Send_UrgentByte_PointerIsBehindIt() => WireScript.Run("""
        established
        oob 10
        > PU. 1:11(10) ack 1 urg 10
        +0.1 < . 1:1(0) ack 11
        send 10
        > P. 11:21(10) ack 1 urg 0
        """);

    // RFC 9293 section 3.8.5: each segment tells of it until it is acknowledged, sent for the first time or again.
    [Fact]
    public void Send_UrgentBehindASegment_BothTellOfIt() => WireScript.Run("""
        established
        oob 1500
        > U. 1:1001(1000) ack 1 urg 1500
        +0.3 > U. 1:1001(1000) ack 1 urg 1500
        +0.1 < . 1:1(0) ack 1001
        > PU. 1001:1501(500) ack 1 urg 500
        """);

    [Fact]
    public void Receive_UrgentByte_IsBesideTheStream() => WireScript.Run("""
        established
        < PU. 1:11(10) ack 1 urg 10
        urgent 63
        urgent InvalidArgument
        unread 9
        recv 9
        mark 1
        < P. 11:21(10) ack 1
        recv 10
        mark 0
        +0.04 > . 1:1(0) ack 21
        """);

    [Fact]
    public void Receive_StopsAtTheMark() => WireScript.Run("""
        established
        < PU. 1:11(10) ack 1 urg 5
        unread 4
        recv 4
        mark 1
        unread 5
        recv 5
        mark 0
        urgent InvalidArgument
        +0.04 > . 1:1(0) ack 11
        """);

    [Fact]
    public void Receive_Inline_KeepsTheByteInTheStream() => WireScript.Run("""
        set inline 1
        established
        < PU. 1:11(10) ack 1 urg 5
        urgent InvalidArgument
        unread 10
        recv 4
        mark 1
        recv 6
        mark 0
        +0.04 > . 1:1(0) ack 11
        """);

    [Fact]
    public void Receive_PointerBeforeTheByte_IsAnnounced() => WireScript.Run("""
        established
        < U. 1:11(10) ack 1 urg 15
        urgent TryAgain
        recv 10
        < PU. 11:21(10) ack 1 urg 5
        urgent 28
        recv 4
        recv 5
        +0.04 > . 1:1(0) ack 21
        """);

    [Fact]
    public void Receive_SecondUrgentByte_TakesTheFirstOnesPlace() => WireScript.Run("""
        established
        < PU. 1:11(10) ack 1 urg 10
        < PU. 11:21(10) ack 1 urg 10
        urgent 63
        unread 19
        recv 19
        mark 1
        +0.04 > . 1:1(0) ack 21
        """);

    [Fact]
    public void Receive_OldPointer_IsIgnored() => WireScript.Run("""
        established
        < P. 1:11(10) ack 1
        recv 10
        < P. 11:21(10) ack 1
        < PU. 1:11(10) ack 1 urg 5
        > . 1:1(0) ack 21
        urgent InvalidArgument
        recv 10
        """);
}
