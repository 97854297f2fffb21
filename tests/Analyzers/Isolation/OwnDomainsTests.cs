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

        Diagnostic[] found = IsolationHarness.Analyze(compilation);
        string all = string.Join('\n', found.Select(d => d.ToString()));
        Assert.True(all.Length == 0, all);
    }
}
