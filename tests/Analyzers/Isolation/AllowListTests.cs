extern alias Analyzers;

using Mono.Cecil;
using Xunit;
using AllowDecision = Analyzers::RedLeafSharp.Isolation.AllowDecision;
using AllowList = Analyzers::RedLeafSharp.Isolation.AllowList;

namespace RedLeafSharp.Tests.Analyzers.Isolation;

public sealed class AllowListTests
{
    [Theory]
    [InlineData("permit System.Object", 1)]
    [InlineData("allow System.Object\nallow System.Object", 2)]
    [InlineData("  - Finalize no", 1)]
    [InlineData("  + ToString", 1)]
    [InlineData("# a comment\n\nallow System.Object\n  * ToString", 4)]
    [InlineData("allow System.Object\n  - Finalize", 2)]
    [InlineData("allow System.Object\n  - Finalize no\n  - Finalize no", 3)]
    [InlineData("allow System.Object\n  + ToString", 2)]
    [InlineData("allow System.Object ToString", 1)]
    [InlineData("allow System.Object:", 1)]
    [InlineData("deny System.Object", 1)]
    [InlineData("deny System.Object no\n  - ToString no", 2)]
    public void Parse_OfALineThatIsNoRule_NamesItsNumber(string text, int line)
    {
        FormatException exception = Assert.Throws<FormatException>(() => AllowList.Parse(text));

        Assert.StartsWith($"allowed-members.txt:{line}: ", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("A.Plain", "M", "", true)]
    [InlineData("A.Deep.Other", "M", "", true)]
    [InlineData("A.Denied", "M", "", false)]
    [InlineData("A.Denied+Inner", "M", "", false)]
    [InlineData("A.Some", "M", "Int32", true)]
    [InlineData("A.Some", "N", "Int32", true)]
    [InlineData("A.Some", "N", "Int64", false)]
    [InlineData("A.Some", "P", "", true)]
    [InlineData("A.Some", "Q", "", false)]
    [InlineData("A.But", "M", "", true)]
    [InlineData("A.But", "N", "Int32", false)]
    [InlineData("B.Unknown", "M", "", false)]
    [InlineData("Ax.Plain", "M", "", false)]
    public void FindMember_OfOverlappingRules_TakesTheMostExact(string type, string member, string parameters, bool isAllowed)
    {
        AllowList list = AllowList.Parse(
            "allow A.*\ndeny A.Denied no\nallow A.Some: M, N(Int32)\n  + P\n  - N use P\nallow A.But\n  - N no");

        string[] names = parameters.Split(',', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(isAllowed, list.FindMember(type, member, names).IsAllowed);
    }

    [Fact]
    public void Denial_WithARuleInFront_GivesRuleAndReasonApart()
    {
        AllowList list = AllowList.Parse("deny A RL0008 no locks\ndeny B RLs are no rules\nallow C\n  - M RL0019 write N");

        AllowDecision[] decisions = [list.FindType("A"), list.FindType("B"), list.FindMember("C", "M", [])];
        Assert.Equal(["RL0008", "", "RL0019"], decisions.Select(decision => decision.Rule));
        Assert.Equal(["no locks", "RLs are no rules", "write N"], decisions.Select(decision => decision.Reason));
    }

    [Fact]
    public void Emitted_Type_IsAllowedAndMarked()
    {
        AllowDecision decision = AllowList.Parse("emitted A: M").FindMember("A", "M", []);

        Assert.True(decision is { IsAllowed: true, IsEmitted: true });
    }

    [Fact]
    public void Rules_OfTheList_NameWhatDotNetHas()
    {
        ExpectNone(AllowList.Default.Rules.SelectMany(rule => PlatformSurface.FindMissing(rule.Name, rule.Members)));
    }

    [Fact]
    public void Rules_ThatNameNothing_AreFound()
    {
        Assert.Single(PlatformSurface.FindMissing("System.Objekt", []));
        Assert.Single(PlatformSurface.FindMissing("System.Teckst.*", []));
        Assert.Single(PlatformSurface.FindMissing("System.String", ["Trimm"]));
        Assert.Single(PlatformSurface.FindMissing("System.String", ["Trim(Int32)"]));
    }

    [Theory]
    [InlineData("RedLeafSharp.Drivers.Nvme")]
    [InlineData("RedLeafSharp.Domains.BlockShadow")]
    [InlineData("RedLeafSharp.Domains.Ext4")]
    [InlineData("RedLeafSharp.Posix.Personality")]
    [InlineData("RedLeafSharp.Posix.Programs")]
    public void Domain_OfOurs_UsesListedMembersOnly(string assembly)
    {
        using ModuleDefinition module = ModuleDefinition.ReadModule(Path.Combine(AppContext.BaseDirectory, $"{assembly}.dll"));

        ExpectNone(AssemblyUses.FindDenied(module, AllowList.Default));
    }

    private static void ExpectNone(IEnumerable<string> violations)
    {
        string all = string.Join('\n', violations);
        Assert.True(all.Length == 0, all);
    }
}
