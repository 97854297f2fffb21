using Xunit;

namespace RedLeafSharp.Tests.Tidy;

/// <summary>Each tidy check finds a violation that is planted in memory, and accepts the clean form of it.</summary>
public sealed class TidyChecksTests
{
    [Theory]
    [InlineData("domains/Ext4/E.csproj", "../../kernel/Kernel/K.csproj")]
    [InlineData("domains/Ext4/E.csproj", "../../drivers/Nvme/N.csproj")]
    [InlineData("kernel/Trusted/T.csproj", "../Contracts/C.csproj")]
    [InlineData("kernel/Contracts/C.csproj", "../../machine/M.csproj")]
    [InlineData("machine/M.csproj", "../kernel/Kernel/K.csproj")]
    [InlineData("kernel/Kernel/K.csproj", "../../posix/Personality/P.csproj")]
    public void ReferenceGraph_EdgeAgainstTheTiers_PrintsTheEdge(string from, string include)
    {
        string violation = Assert.Single(ReferenceGraph.Check([Project(from, $"<ProjectReference Include='{include}'/>")]));

        Assert.StartsWith(from + " -> ", violation);
        Assert.Contains(Path.GetFileName(include), violation);
    }

    [Theory]
    [InlineData("domains/Ext4/E.csproj", "../../kernel/Contracts/C.csproj")]
    [InlineData("cli/C.csproj", "../kernel/Kernel/K.csproj")]
    public void ReferenceGraph_EdgeWithTheTiers_IsAccepted(string from, string include) =>
        Assert.Empty(ReferenceGraph.Check([Project(from, $"<ProjectReference Include='{include}'/>")]));

    [Fact]
    public void ReferenceGraph_PackageInDomain_IsFound() =>
        Assert.Single(ReferenceGraph.Check([Project("drivers/X/X.csproj", "<PackageReference Include='Serilog'/>")]));

    [Fact]
    public void ReferenceGraph_FolderWithoutTier_IsFound() =>
        Assert.Single(ReferenceGraph.Check([Project("stray/X.csproj", "")]));

    [Theory]
    [InlineData("<PackageVersion Include='A' Version='1.0.0'/>")]
    [InlineData("<PackageVersion Include='A' Version='[1.0.0,2.0.0]'/>")]
    [InlineData("<PackageVersion Include='A' Version='1.*'/>")]
    public void PackagePins_VersionNotExact_IsFound(string item) =>
        Assert.Single(PackagePins.Check([Project("Directory.Packages.props", item)], _ => true));

    [Theory]
    [InlineData("<PackageReference Include='B'/>")]
    [InlineData("<PackageReference Include='A' Version='1.0.0'/>")]
    public void PackagePins_ReferencePastTheCentralList_IsFound(string item)
    {
        SourceText central = Project("Directory.Packages.props", "<PackageVersion Include='A' Version='[1.0.0]'/>");

        Assert.Single(PackagePins.Check([central, Project("cli/C.csproj", item)], _ => true));
    }

    [Fact]
    public void PackagePins_NoLockFile_IsFound() => Assert.Single(PackagePins.Check([Project("cli/C.csproj", "")], _ => false));

    [Fact]
    public void Sizes_LongFile_IsFound() => Assert.Single(CodeShape.CheckSizes(Code(Lines(CodeShape.FileLinesMax + 1))));

    [Fact]
    public void Sizes_LongFunction_IsFound() =>
        Assert.Single(CodeShape.CheckSizes(Code("class C {\nvoid M() {" + Lines(CodeShape.FunctionLinesMax) + "}\n}")));

    [Fact]
    public void Sizes_FileAtTheLimits_IsAccepted() =>
        Assert.Empty(CodeShape.CheckSizes(Code(Lines(CodeShape.FileLinesMax))));

    [Theory]
    [InlineData("kernel/Trusted/A.cs", 1)]
    [InlineData("kernel/Kernel/A.Unsafe.cs", 1)]
    [InlineData("kernel/Trusted/A.Unsafe.cs", 0)]
    public void Unsafe_ByPlace_IsFoundOutsideItsFiles(string path, int violations) =>
        Assert.Equal(violations, CodeShape.CheckUnsafe(new SourceText(path, "unsafe class C { }")).Count());

    [Theory]
    [InlineData("class C { void M() { try { } catch (Exception) { } } }")]
    [InlineData("class C { void M() { try { } catch (System.Exception e) { } } }")]
    [InlineData("class C { void M() { try { } catch { } } }")]
    public void DomainCode_CatchOfEverything_IsFound(string text) => Assert.Single(DomainCode.Check(Code(text)));

    [Theory]
    [InlineData("class C { void M() { try { } catch (ArgumentException) { } } }")]
    [InlineData("class C { void M() { try { } catch (Exception e) when (e is ArgumentException) { } } }")]
    public void DomainCode_CatchOfSomething_IsAccepted(string text) => Assert.Empty(DomainCode.Check(Code(text)));

    [Theory]
    [InlineData("// TO" + "DO: later")]
    [InlineData("see /wor" + "k/main/x")]
    [InlineData("cd /tmp/w" + "t/x")]
    public void Leftovers_Planted_AreFound(string text) => Assert.Single(Leftovers.Check(Code(text)));

    [Theory]
    [InlineData("[x](missing.md)")]
    [InlineData("[x](other.md#nothing-here)")]
    [InlineData("[x](#nothing-here)")]
    public void Links_ToNothing_AreFound(string link)
    {
        SourceText[] pages = [new("docs/a.md", link), new("docs/other.md", "# There")];

        Assert.Single(Documentation.CheckLinks(pages, path => pages.Any(page => page.Path == path)));
    }

    [Theory]
    [InlineData("[x](other.md#over-there-now)")]
    [InlineData("[x](https://example.org/)")]
    [InlineData("```\n[x](missing.md)\n```")]
    public void Links_ToSomething_AreAccepted(string link)
    {
        SourceText[] pages = [new("docs/a.md", link), new("docs/other.md", "## Over there, now")];

        Assert.Empty(Documentation.CheckLinks(pages, path => pages.Any(page => page.Path == path)));
    }

    [Fact]
    public void Pages_WithoutLinkToThem_AreFound()
    {
        SourceText[] pages = [new("docs/README.md", "[a](a.md)"), new("docs/a.md", ""), new("docs/lost.md", "")];

        Assert.StartsWith("docs/lost.md", Assert.Single(Documentation.FindUnreachable(pages, "docs/README.md")));
    }

    [Fact]
    public void ReadingOrder_NamesMissingFile_IsFound() =>
        Assert.Single(Documentation.CheckReadingOrder(
            new SourceText("README.md", "1. `kernel/There.cs`, then\n   `kernel/Gone.cs`\n"), path => path == "kernel/There.cs"));

    private static SourceText Project(string path, string items) =>
        new(path, $"<Project><ItemGroup>{items}</ItemGroup></Project>");

    private static SourceText Code(string text) => new("domains/Sample/Sample.cs", text);

    private static string Lines(int count) => string.Concat(Enumerable.Repeat("\n", count));
}
