using RedLeafSharp.Contracts;
using RedLeafSharp.Tests.Tidy;
using Xunit;

namespace RedLeafSharp.Tests.Posix;

/// <summary>docs/posix.md has a line for each call, and none for a call that is not there.</summary>
public sealed class DocumentationTests
{
    [Fact]
    public void Page_ListsExactlyTheCallsOfTheContract()
    {
        string[] calls = [.. typeof(ISystem).GetMethods().Select(method => method.Name).Order(StringComparer.Ordinal)];
        string[] listed =
        [
            .. File.ReadLines(Path.Combine(Repository.Root, "docs", "posix.md"))
                .SkipWhile(line => !line.StartsWith("|---", StringComparison.Ordinal)).Skip(1)
                .TakeWhile(line => line.StartsWith('|'))
                .Select(line => line.Split('|')[1].Trim()).Order(StringComparer.Ordinal),
        ];

        Assert.Equal(calls, listed);
    }
}
