using Microsoft.CodeAnalysis;
using Xunit;

namespace RedLeafSharp.Tests.Generators;

/// <summary>What is wrong with a declared order of calls.</summary>
public sealed class CallOrderRuleTests
{
    private const string Prelude = """
        using RedLeafSharp;
        using RedLeafSharp.Contracts;
        namespace Sample;
        public enum Error { None }
        [DomainContract] public interface IBase { Reply<int, Error> B(CallContext context); }

        """;

    private const string Member = "Reply<int, Error> M(CallContext context);";

    [Theory]
    [InlineData("[States(\"a\")]", "[LegalIn(\"a\")]", "RL0210", "ISample has 1 states; an order has 2 to 31")]
    [InlineData("[States]", "", "RL0210", "has 0 states")]
    [InlineData("[States(\"a\", \"a\")]", "[LeadsTo(\"a\")]", "RL0210", "has a state without a name of its own")]
    [InlineData("[States(\"a\", \"\")]", "", "RL0210", "has a state without a name of its own")]
    [InlineData("[States(\"a\", \"b\")]", "[LeadsTo(\"c\")]", "RL0210", "ISample.M names 'c', which is no state of ISample; it has a, b")]
    [InlineData("[States(\"a\", \"b\")]", "[LegalIn(\"a\", \"c\"), LeadsTo(\"b\")]", "RL0210", "names 'c'")]
    [InlineData("[States(\"a\", \"b\")]", "[LegalIn, LeadsTo(\"b\")]", "RL0210", "ISample.M may be called in no state")]
    [InlineData("", "[LegalIn(\"a\")]", "RL0210", "names states of a contract that has none; write [States(...)] on the interface")]
    [InlineData("", "[LeadsTo(\"a\")]", "RL0210", "names states of a contract that has none")]
    [InlineData("[States(\"a\", \"b\")]", "", "RL0211", "Contract ISample: no call leads to the state 'b'")]
    [InlineData("[States(\"a\", \"b\")]", "[LegalIn(\"b\"), LeadsTo(\"b\")]", "RL0211", "no call leads to the state 'b'")]
    public void Order_ThatIsIncomplete_IsReported(string states, string attributes, string rule, string message)
    {
        Diagnostic found = Assert.Single(Analyze($"[DomainContract] {states} public interface ISample {{ {attributes} {Member} }}"));

        Assert.Equal(rule, found.Id);
        Assert.Contains(message, found.GetMessage(), StringComparison.Ordinal);
    }

    [Fact]
    public void Order_OfAContractThatExtendsAnother_IsReported()
    {
        Diagnostic found = Assert.Single(Analyze(
            $"[DomainContract, States(\"a\", \"b\")] public interface ISample : IBase {{ [LeadsTo(\"b\")] {Member} }}"));

        Assert.Contains("ISample has states and extends IBase", found.GetMessage(), StringComparison.Ordinal);
    }

    [Fact]
    public void Order_ThatIsComplete_IsSilentAndItsProxyCompiles()
    {
        const string Source = Prelude + """
            [DomainContract, States("it's \"quoted\"", "b", "c")]
            public interface ISample
            {
                [LeadsTo("b")] Reply<int, Error> M(CallContext context, int state, int callState);
                [LegalIn("b", "c"), LeadsTo("c")] Reply<int, Error> N(CallContext context, RRef<int> value);
                [LegalIn("it's \"quoted\"", "b", "c")] Reply<RRef<int>, Error> O(CallContext context);
            }
            """;

        Assert.Empty(GeneratorHarness.Analyze(Source));
        Assert.Empty(GeneratorHarness.Generate(Source).Complaints);
    }

    [Fact]
    public void Proxy_OfAContractWithoutStates_HasNothingOfThem()
    {
        string text = Proxy($"[DomainContract] public interface ISample {{ {Member} }}");

        Assert.DoesNotContain("callState", text, StringComparison.Ordinal);
        Assert.Contains("callState", Proxy(
            $"[DomainContract, States(\"a\", \"b\")] public interface ISample {{ [LeadsTo(\"b\")] {Member} }}"), StringComparison.Ordinal);
    }

    [Fact]
    public void Fingerprint_OfAnotherOrder_IsAnother()
    {
        string[] fingerprints =
        [
            .. new[] { "", "[States(\"a\", \"b\")]", "[States(\"a\", \"c\")]" }.Select(states => Fingerprint(
                $"[DomainContract] {states} public interface ISample {{ {(states.Length > 0 ? "[LeadsTo(\"" + states[^4] + "\")]" : "")} {Member} }}")),
        ];

        Assert.Equal(3, fingerprints.Distinct().Count());
    }

    private static Diagnostic[] Analyze(string declaration) => GeneratorHarness.Analyze(Prelude + declaration);

    private static string Proxy(string declaration) => Generated(declaration, "SampleProxy.g.cs");

    private static string Fingerprint(string declaration)
    {
        string text = Generated(declaration, "ContractProxies.g.cs");
        return text[text.IndexOf("ISample.M=", StringComparison.Ordinal)..];
    }

    private static string Generated(string declaration, string file) => GeneratorHarness.Generate(Prelude + declaration)
        .Compilation.SyntaxTrees.Single(tree => tree.FilePath.EndsWith(file, StringComparison.Ordinal)).ToString();
}
