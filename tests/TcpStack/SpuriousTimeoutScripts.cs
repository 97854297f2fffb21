using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>Time-outs that were none, and how they are told from losses: by timestamps (RFC 3522), or by new data (RFC 5682).</summary>
public sealed class SpuriousTimeoutScripts
{
    /// <summary>The echoed timestamp tells that the first transmission has arrived; then nothing more is sent again (RFC 4015).</summary>
    [Fact]
    public void Timeout_PathWasOnlySlow_IsTakenBack() => WireScript.Run("""
        established ts
        send 4940
        > . 1:989(988) ack 1
        > . 989:1977(988) ack 1
        > . 1977:2965(988) ack 1
        > . 2965:3953(988) ack 1
        > P. 3953:4941(988) ack 1
        remember
        +0.202 > P. 3953:4941(988) ack 1
        +0.3 > . 1:989(988) ack 1
        +0.01 < . 1:1(0) ack 989 <ts 300 remembered>
        nothing
        < . 1:1(0) ack 4941 <ts 300 remembered>
        send 100
        > P. 4941:5041(100) ack 1
        """);

    /// <summary>F-RTO (RFC 5682): without timestamps the second acknowledgment tells.</summary>
    [Fact]
    public void Timeout_PathWasOnlySlowWithoutTimestamps_IsTakenBack() => WireScript.Run(TenThenTimeout(14_000) + """
        nothing
        +0.01 < . 1:1(0) ack 1001 win 65535
        > . 10001:11001(1000) ack 1
        > . 11001:12001(1000) ack 1
        nothing
        < . 1:1(0) ack 2001 win 65535 // of a segment that was sent once
        > . 12001:13001(1000) ack 1
        < . 1:1(0) ack 12001 win 65535
        > P. 13001:14001(1000) ack 1
        nothing
        """);

    [Fact]
    public void Timeout_SegmentsWereLostWithoutTimestamps_IsNotTakenBack() => WireScript.Run(TenThenTimeout(14_000) + """
        +0.1 < . 1:1(0) ack 1001 win 65535
        > . 10001:11001(1000) ack 1
        > . 11001:12001(1000) ack 1
        nothing
        +0.1 < . 1:1(0) ack 1001 win 65535 // the new ones have come, the old ones not
        > . 1001:2001(1000) ack 1
        nothing
        +0.1 < . 1:1(0) ack 2001 win 65535
        > . 2001:3001(1000) ack 1
        > . 3001:4001(1000) ack 1
        """);

    /// <summary>An answer that is no duplicate, since it changes the window, does not advance either: what is lost does not wait longer.</summary>
    [Fact]
    public void Timeout_AnswerOnlyChangesTheWindow_IsNotTakenBack() => WireScript.Run(TenThenTimeout(14_000) + """
        +0.1 < . 1:1(0) ack 1001 win 65535
        > . 10001:11001(1000) ack 1
        > . 11001:12001(1000) ack 1
        +0.1 < . 1:1(0) ack 1001 win 60000
        > . 1001:2001(1000) ack 1
        nothing
        """);

    /// <summary>Less than a segment may not be sent at once (Nagle): it is not waited for.</summary>
    [Fact]
    public void Timeout_WithALittleNewData_SlowStartsOverWhatWasInFlight() => WireScript.Run(TenThenTimeout(10_400) + """
        +0.1 < . 1:1(0) ack 1001 win 65535
        > . 1001:2001(1000) ack 1
        > . 2001:3001(1000) ack 1
        nothing
        """);

    /// <summary>Step 2a: nothing is left to find out with.</summary>
    [Fact]
    public void Timeout_WithoutNewData_SlowStartsOverWhatWasInFlight() => WireScript.Run("""
        set reno 1
        established
        send 3000
        > . 1:1001(1000) ack 1
        > . 1001:2001(1000) ack 1
        > P. 2001:3001(1000) ack 1
        +0.3 > . 1:1001(1000) ack 1
        +0.1 < . 1:1(0) ack 1001 win 65535
        > . 1001:2001(1000) ack 1
        > P. 2001:3001(1000) ack 1
        """);

    [Fact]
    public void Timeout_SegmentWasLost_IsNotTakenBack() => WireScript.Run("""
        established ts
        send 4940
        > . 1:989(988) ack 1
        > . 989:1977(988) ack 1
        > . 1977:2965(988) ack 1
        > . 2965:3953(988) ack 1
        > P. 3953:4941(988) ack 1
        +0.202 > P. 3953:4941(988) ack 1
        +0.3 > . 1:989(988) ack 1
        +0.1 < . 1:1(0) ack 989 <ts 300>
        > . 989:1977(988) ack 1
        > . 1977:2965(988) ack 1
        """);

    /// <summary>A connection without timestamps has sent a window of ten segments, and the first once more.</summary>
    private static string TenThenTimeout(int sentBytes) => $"""
        set reno 1
        established
        send {sentBytes}
        > . 1:1001(1000) ack 1
        > . 1001:2001(1000) ack 1
        > . 2001:3001(1000) ack 1
        > . 3001:4001(1000) ack 1
        > . 4001:5001(1000) ack 1
        > . 5001:6001(1000) ack 1
        > . 6001:7001(1000) ack 1
        > . 7001:8001(1000) ack 1
        > . 8001:9001(1000) ack 1
        > . 9001:10001(1000) ack 1
        +0.3 > . 1:1001(1000) ack 1

        """;
}
