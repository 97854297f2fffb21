using System.Globalization;
using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>
/// What each state behind ESTABLISHED does with each kind of segment that does not belong there: RFC 9293 section 3.10.7.4, with the
/// answers of RFC 5961. In the scripts OWN and NEXT stand for our next number and the peer's, BEHIND for one 10 further on.
/// </summary>
public sealed class ArrivalScripts
{
    private const string FinWait1 = "established\nshutdown\n> F. 1:1(0) ack 1\n";
    private const string FinWait2 = FinWait1 + "< . 1:1(0) ack 2\n";
    private const string CloseWait = "established\n< F. 1:1(0) ack 1\n> . 1:1(0) ack 2\n";
    private const string Closing = FinWait1 + "< F. 1:1(0) ack 1\n> . 2:2(0) ack 2\n";
    private const string LastAck = CloseWait + "shutdown\n> F. 1:1(0) ack 2\n";
    private const string TimeWait = FinWait2 + "< F. 1:1(0) ack 2\n> . 2:2(0) ack 2\n";

    /// <summary>All of them.</summary>
    public static TheoryData<string> States => ["FinWait1", "FinWait2", "CloseWait", "Closing", "LastAck", "TimeWait"];

    /// <summary>RFC 5961 section 4.2; a SYN in TIME-WAIT may be a new connection's (CloseScripts).</summary>
    [Theory]
    [InlineData("FinWait1")]
    [InlineData("FinWait2")]
    [InlineData("CloseWait")]
    [InlineData("Closing")]
    [InlineData("LastAck")]
    public void Syn_InTheWindow_GetsAChallengeAck(string state) => Challenge(state, "< S NEXT:NEXT(0) win 65535");

    /// <summary>RFC 5961 section 3.2.</summary>
    [Theory]
    [MemberData(nameof(States))]
    public void Reset_ElsewhereInTheWindow_GetsAChallengeAck(string state) =>
        Challenge(state, "< R BEHIND:BEHIND(0)");

    [Theory]
    [MemberData(nameof(States))]
    public void Reset_AtTheNextByte_EndsTheConnection(string state) =>
        Run(state, "< R NEXT:NEXT(0)\nnothing\nstate Closed");

    [Theory]
    [MemberData(nameof(States))]
    public void Reset_OutsideOfTheWindow_IsIgnored(string state) =>
        Run(state, "< R 200000:200000(0)\nnothing\nstate STATE");

    /// <summary>RFC 5961 section 5.2.</summary>
    [Theory]
    [MemberData(nameof(States))]
    public void Ack_BeyondWhatWasSent_GetsAChallengeAck(string state) =>
        Challenge(state, "< . NEXT:NEXT(0) ack 7");

    /// <summary>Section 3.10.7.4, first: what is not acceptable is answered, unless it is a reset.</summary>
    [Theory]
    [MemberData(nameof(States))]
    public void Data_BelowTheWindow_IsAnswered(string state) =>
        Challenge(state, "< . 0:1(1) ack 1");

    [Theory]
    [MemberData(nameof(States))]
    public void Data_BeyondTheWindow_IsAnswered(string state) =>
        Challenge(state, "< . 200000:200100(100) ack 1");

    /// <summary>Section 3.10.7.4, fifth: if the ACK bit is off, drop the segment and return.</summary>
    [Theory]
    [MemberData(nameof(States))]
    public void Data_WithoutAck_IsDropped(string state) =>
        Run(state, "< P NEXT:BEHIND(10)\nnothing\nstate STATE");

    /// <summary>The answer is an ACK of what was there before, and the state stays.</summary>
    private static void Challenge(string state, string segment) => Run(state, $"{segment}\n> . OWN:OWN(0) ack NEXT\nstate STATE");

    private static void Run(string state, string rest)
    {
        (string script, int own, int next) = state switch
        {
            "FinWait1" => (FinWait1, 2, 1),
            "FinWait2" => (FinWait2, 2, 1),
            "CloseWait" => (CloseWait, 1, 2),
            "Closing" => (Closing, 2, 2),
            "LastAck" => (LastAck, 2, 2),
            _ => (TimeWait, 2, 2),
        };
        WireScript.Run(script + "state STATE\n".Replace("STATE", state, StringComparison.Ordinal) + rest
            .Replace("NEXT", Text(next), StringComparison.Ordinal)
            .Replace("BEHIND", Text(next + 10), StringComparison.Ordinal)
            .Replace("OWN", Text(own), StringComparison.Ordinal)
            .Replace("STATE", state, StringComparison.Ordinal));
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>RFC 5961 section 5.2: an ACK older than the largest window that the peer has ever offered.</summary>
    [Fact]
    public void Ack_OlderThanTheLargestWindow_GetsAChallengeAck() => WireScript.Run("""
        listen
        < S 0:0(0) win 1000 <mss 500>
        > S. 0:0(0) ack 1
        < . 1:1(0) ack 1 win 1000
        accept
        send 1000
        > . 1:501(500) ack 1
        > P. 501:1001(500) ack 1
        < . 1:1(0) ack 1001 win 1000
        send 500
        > P. 1001:1501(500) ack 1
        < . 1:1(0) ack 1501 win 1000
        < P. 1:101(100) ack 1 win 1000
        > . 1501:1501(0) ack 1
        < P. 1:101(100) ack 501 win 1000
        +0.04 > . 1501:1501(0) ack 101
        """);
}
