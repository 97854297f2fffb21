using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>When others hold the packet buffers.</summary>
public sealed class ShortageScripts
{
    [Fact]
    public void DelayedAck_WithoutABuffer_IsSentWhenThereIsOne() => WireScript.Run("""
        established
        < P. 1:101(100) ack 1
        hoard 0
        +0.1 nothing
        unhoard
        +0.02 > . 1:1(0) ack 101             // it is tried again every 40 ms
        """);

    /// <summary>What lies behind a gap can be sent again (RFC 2018 section 8); the buffers are for what others can use.</summary>
    [Fact]
    public void Gap_WhileBuffersAreScarce_NothingIsKeptBehindIt() => WireScript.Run("""
        established sack
        < . 1001:2001(1000) ack 1
        > . 1:1(0) ack 1 <sack 1001:2001>
        hoard 400
        < . 3001:4001(1000) ack 1
        > . 1:1(0) ack 1 <sack 1001:2001>
        < . 1:1001(1000) ack 1
        > . 1:1(0) ack 2001 <nosack>
        unhoard
        < . 3001:4001(1000) ack 1
        > . 1:1(0) ack 2001 <sack 3001:4001>
        """);
}
