using Xunit;

namespace RedLeafSharp.Tests.Tidy;

/// <summary>The house rules, checked on this repository. <see cref="TidyChecksTests"/> shows that each check can fail.</summary>
public sealed class TidyTests
{
    [Fact]
    public void References_EveryProject_GoOneWay() => AssertNone(ReferenceGraph.Check(Repository.Projects));

    [Fact]
    public void Packages_EveryProject_HaveOneExactVersion() => AssertNone(PackagePins.Check(Repository.BuildFiles, Exists));

    [Fact]
    public void Sizes_EveryFile_StayWithinLimits() => AssertNone(Repository.CSharp.SelectMany(CodeShape.CheckSizes));

    [Fact]
    public void Unsafe_EveryFile_IsInItsPlace() => AssertNone(Repository.CSharp.SelectMany(CodeShape.CheckUnsafe));

    [Fact]
    public void DomainCode_EveryDomain_CatchesNoBug() =>
        AssertNone(Repository.CSharp.Where(file => file.IsUnder(DomainCode.Folders)).SelectMany(DomainCode.Check));

    [Fact]
    public void Leftovers_EveryFile_None() => AssertNone(Repository.All.SelectMany(Leftovers.Check));

    [Fact]
    public void Links_EveryPage_LeadSomewhere() => AssertNone(Documentation.CheckLinks(Repository.Markdown, Exists));

    [Fact]
    public void Pages_UnderDocs_AreReachedFromTheMap() =>
        AssertNone(Documentation.FindUnreachable(Repository.Markdown, "docs/README.md"));

    [Fact]
    public void ReadingOrder_OfTheReadme_NamesFilesThatExist() =>
        AssertNone(Documentation.CheckReadingOrder(Repository.Markdown.Single(page => page.Path == "README.md"), Exists));

    private static bool Exists(string path) => Path.Exists(Path.Combine(Repository.Root, path));

    private static void AssertNone(IEnumerable<string> violations)
    {
        string[] found = [.. violations];
        Assert.True(found.Length == 0, Environment.NewLine + string.Join(Environment.NewLine, found));
    }
}
