using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>What RACK takes for reordering, and how long it waits: RFC 8985 section 6.2.</summary>
public sealed class RackScripts
{
    private static readonly string TenSegments = string.Concat(
        Enumerable.Range(0, 10).Select(index => $"> . {(index * 1000) + 1}:{(index * 1000) + 1001}(1000) ack 1\n"));

    /// <summary>An ACK tells of segments before those of its SACKs, and of those in any order: none of it is reordering.</summary>
    [Fact]
    public void Sack_WithAnAckOfSegmentsInOrder_IsNoReordering() => WireScript.Run(
        "established sack\nsend 10000\n" + TenSegments + """
        +0.1 < . 1:1(0) ack 1001 <sack 2001:3001>
        < . 1:1(0) ack 1001 <sack 2001:4001>
        nothing
        < . 1:1(0) ack 1001 <sack 2001:5001>
        > . 1001:2001(1000) ack 1
        """);

    [Fact]
    public void Sack_SeveralNewBlocksAtOnce_AreNoReordering() => WireScript.Run(
        "established sack\nsend 10000\n" + TenSegments + """
        +0.1 < . 1:1(0) ack 1 <sack 7001:8001 5001:6001 3001:4001>
        > . 1:1001(1000) ack 1
        > . 1001:2001(1000) ack 1
        > . 2001:3001(1000) ack 1
        """);

    /// <summary>RFC 8985 section 6.2, step 4: after a D-SACK it waits for longer, whatever number the connection began with.</summary>
    [Theory]
    [InlineData(40_001)]
    [InlineData(40_002)]
    [InlineData(40_003)]
    [InlineData(40_004)]
    [InlineData(40_005)]
    public void DuplicateSack_WidensTheReorderingWindow(int port) => WireScript.Run($"""
        peer {port}
        established sack
        send 3000
        > . 1:1001(1000) ack 1
        > . 1001:2001(1000) ack 1
        > P. 2001:3001(1000) ack 1
        +0.1 < . 1:1(0) ack 1 <sack 1001:2001>
        +0.025 > . 1:1001(1000) ack 1
        +0.1 < . 1:1(0) ack 3001 <sack 1:1001>
        send 2000
        > . 3001:4001(1000) ack 1
        > P. 4001:5001(1000) ack 1
        +0.1 < . 1:1(0) ack 3001 <sack 4001:5001>
        +0.05 > . 3001:4001(1000) ack 1
        """);
}
