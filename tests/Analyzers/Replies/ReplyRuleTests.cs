using RedLeafSharp.Analyzers.Replies;
using Xunit;

namespace RedLeafSharp.Tests.Analyzers.Replies;

public sealed class ReplyRuleTests
{
    [Theory]
    [InlineData("error != Error.None ? error : {|RL0212:0|}")]
    [InlineData("error != Error.None ? error : number > 1 ? error : {|RL0212:0|}")]
    [InlineData("number switch { 0 => error, _ => {|RL0212:Error.None|} }")]
    [InlineData("{|RL0212:Error.None|}")]
    public void Reply_OfAnErrorOfZero_IsReported(string reply) => Expect(reply);

    [Theory]
    [InlineData("error")]
    [InlineData("number")]
    [InlineData("0")]
    [InlineData("error != Error.None ? error : number")]
    [InlineData("number > 0 ? error : Error.Bad")]
    public void Reply_OfAValueOrAnError_IsSilent(string reply) => Expect(reply);

    private static void Expect(string reply) => AnalyzerHarness.Expect(new ReplyAnalyzer(), $$"""
        using RedLeafSharp;
        using RedLeafSharp.Contracts;
        public enum Error { None, Bad }
        public static class Sample
        {
            public static Reply<int, Error> M(Error error, int number) => {{reply}};
        }
        """);
}
