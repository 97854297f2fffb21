using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RedLeafSharp.Tests.Tidy;
using Xunit;

namespace RedLeafSharp.Tests.Analyzers.Isolation;

public sealed class OwnDomainsTests
{
    [Theory]
    [InlineData("drivers/Nvme/")]
    [InlineData("domains/BlockShadow/")]
    [InlineData("domains/Ext4/")]
    [InlineData("posix/Personality/")]
    [InlineData("posix/Programs/")]
    public void Domain_OfOurs_BreaksNoRule(string folder)
    {
        CSharpCompilation compilation = IsolationHarness.Compile(
            Repository.CSharp.Where(file => file.IsUnder(folder)).Select(file => (file.Path, file.Text)));

        Diagnostic[] errors = [.. compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error)];
        string all = string.Join('\n', errors.Concat(IsolationHarness.Analyze(compilation)).Select(d => d.ToString()));
        Assert.True(all.Length == 0, all);
    }
}
