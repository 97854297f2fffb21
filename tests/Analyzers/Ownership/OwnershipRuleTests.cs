using Microsoft.CodeAnalysis;
using RedLeafSharp.Analyzers.Ownership;
using RedLeafSharp.Tests.Tidy;
using Xunit;

namespace RedLeafSharp.Tests.Analyzers.Ownership;

public sealed class OwnershipRuleTests
{
    [Fact]
    public void Rules_All_AreErrorsWithAPageAndCannotBeSwitchedOff()
    {
        foreach (DiagnosticDescriptor rule in new OwnershipAnalyzer().SupportedDiagnostics)
        {
            Assert.Equal(DiagnosticSeverity.Error, rule.DefaultSeverity);
            Assert.Equal($"docs/rules/{rule.Id}.md", rule.HelpLinkUri);
            Assert.Contains(WellKnownDiagnosticTags.NotConfigurable, rule.CustomTags);
            Assert.True(File.Exists(Path.Combine(Repository.Root, rule.HelpLinkUri)), $"{rule.Id} has no page");
        }
    }

    [Fact]
    public void Message_NamesVariableLineAndWayOut()
    {
        Diagnostic found = Assert.Single(AnalyzerHarness.Analyze(new OwnershipAnalyzer(), OwnershipSnippet.Prelude +
            """
            public abstract class Subject : Base
            {
                public void M(RRef<Header> value)
                {
                    Eat(value);
                    Eat(value);
                }
            }
            """));

        int line = found.Location.GetLineSpan().StartLinePosition.Line;
        Assert.Equal(
            $"'value' was moved in line {line} and is no longer this method's; use it before, or take it back from the callee",
            found.GetMessage(null));
    }
}
