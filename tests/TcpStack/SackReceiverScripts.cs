using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>What the stack tells of by SACKs, beyond RecoveryScripts: RFC 2018 section 4, RFC 2883 section 4.</summary>
public sealed class SackReceiverScripts
{
    /// <summary>What was refused was not received: a sender that hears of it as of a duplicate takes its data for delivered.</summary>
    [Fact]
    public void ClosedWindow_ProbeIsRefused_IsToldOfNoDuplicate() => WireScript.Run("""
        set rcvbuf 2000
        established sack
        < . 1:1001(1000) ack 1
        < . 1001:2001(1000) ack 1
        > . 1:1(0) ack 2001 win 0
        < . 2001:2002(1) ack 1
        > . 1:1(0) ack 2001 win 0 <nosack>
        """);

    [Fact]
    public void Data_BeyondTheWindow_IsNoDuplicate() => WireScript.Run("""
        established sack
        < . 200000:200100(100) ack 1
        > . 1:1(0) ack 1 <nosack>
        """);

    [Fact]
    public void Data_WithAnOldTimestamp_IsNoDuplicateUnlessItWasReceived() => WireScript.Run("""
        established ts
        < . 1:1001(1000) ack 1 <ts 300>
        +0.04 > . 1:1(0) ack 1001
        < . 1001:2001(1000) ack 1 <ts 250>
        > . 1:1(0) ack 1001 <nosack>
        < . 501:1501(1000) ack 1 <ts 250>
        > . 1:1(0) ack 1001 <sack 501:1001>
        """);

    [Fact]
    public void Duplicate_OfAPieceBehindTheGapThatFills_IsTold() => WireScript.Run("""
        established sack
        < . 501:1501(1000) ack 1
        > . 1:1(0) ack 1 <sack 501:1501>
        < . 1:1001(1000) ack 1
        > . 1:1(0) ack 1501 <sack 501:1001>
        """);

    [Fact]
    public void Duplicate_OfPartOfAPieceBehindAGap_IsTold() => WireScript.Run("""
        established sack
        < . 1001:2001(1000) ack 1
        > . 1:1(0) ack 1 <sack 1001:2001>
        < . 1501:2501(1000) ack 1
        > . 1:1(0) ack 1 <sack 1501:2001 1001:2501>
        """);

    /// <summary>RFC 2883 section 4: the second block is the one that the duplicate lies in.</summary>
    [Fact]
    public void Duplicate_OfAPieceThatIsNotTheLatest_IsToldBeforeItsBlock() => WireScript.Run("""
        established sack
        < . 2001:3001(1000) ack 1
        > . 1:1(0) ack 1 <sack 2001:3001>
        < . 5001:6001(1000) ack 1
        > . 1:1(0) ack 1 <sack 5001:6001 2001:3001>
        < . 2001:3001(1000) ack 1
        > . 1:1(0) ack 1 <sack 2001:3001 2001:3001 5001:6001>
        """);

    /// <summary>RFC 2018 section 3: without timestamps there is room for four.</summary>
    [Fact]
    public void Gaps_OfFourPieces_AreAllTold() => WireScript.Run("""
        established sack
        < . 1001:2001(1000) ack 1
        > . 1:1(0) ack 1 <sack 1001:2001>
        < . 3001:4001(1000) ack 1
        > . 1:1(0) ack 1 <sack 3001:4001 1001:2001>
        < . 5001:6001(1000) ack 1
        > . 1:1(0) ack 1 <sack 5001:6001 3001:4001 1001:2001>
        < . 7001:8001(1000) ack 1
        > . 1:1(0) ack 1 <sack 7001:8001 5001:6001 3001:4001 1001:2001>
        < . 9001:10001(1000) ack 1
        > . 1:1(0) ack 1 <sack 9001:10001 7001:8001 5001:6001 3001:4001>
        """);
}
