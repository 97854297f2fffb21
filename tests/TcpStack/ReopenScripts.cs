using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>Connections that a SYN from the peer makes in the place of one in TIME-WAIT, beyond CloseScripts: RFC 9293 section 3.6.1.</summary>
public sealed class ReopenScripts
{
    private static string Segments(int from, int to) => string.Concat(
        Enumerable.Range(0, (to - from) / 1000).Select(index => $"> . {from + (index * 1000)}:{from + (index * 1000) + 1000}(1000)\n"));

    /// <summary>Faster than the clock of sequence numbers: the new connection begins behind the old one (RFC 9293 section 3.6.1).</summary>
    [Fact]
    public void TimeWait_NewSynAfterMuchData_BeginsBehindTheOldNumbers() => WireScript.Run(
        "established\nsend 40000\n" + Segments(1, 10_001) + "< . 1:1(0) ack 10001\n" + Segments(10_001, 22_001)
        + "< . 1:1(0) ack 22001\n" + Segments(22_001, 36_001) + "< . 1:1(0) ack 36001\n" + Segments(36_001, 40_001) + """
        shutdown
        > F. 40001:40001(0)
        < F. 1:1(0) ack 40002
        > . 40002:40002(0) ack 2
        state TimeWait
        < S 100000:100000(0) win 65535 <mss 1000>
        > S. 40003:40003(0) ack 100001
        """);

    /// <summary>A queue that is full drops the SYN, and the old connection goes on as it was.</summary>
    [Fact]
    public void TimeWait_NewSynWithoutRoom_LeavesItAlone() => WireScript.Run("""
        established
        shutdown
        > F. 1:1(0) ack 1
        +0.1 < F. 1:1(0) ack 2
        > . 2:2(0) ack 2
        state TimeWait
        peer 40001
        < S 0:0(0) win 65535 <mss 1000>
        > S. 0:0(0) ack 1
        peer 40000
        < S 100000:100000(0) win 65535 <mss 1000>
        nothing
        state TimeWait
        """);

    [Fact]
    public void TimeWait_NewSynWhereNobodyListens_GetsAnAck() => WireScript.Run("""
        connect
        > S 0:0(0)
        +0.1 < S. 0:0(0) ack 1 win 65535 <mss 1000>
        > . 1:1(0) ack 1
        shutdown
        > F. 1:1(0) ack 1
        +0.1 < F. 1:1(0) ack 2
        > . 2:2(0) ack 2
        < S 100000:100000(0) win 65535 <mss 1000>
        > . 2:2(0) ack 2
        state TimeWait
        """);
}
