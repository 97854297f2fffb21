using Mono.Cecil;
using RedLeafSharp.Rewriting;
using Xunit;

namespace RedLeafSharp.Tests.Rewriting;

public sealed class PlantingPlanTests
{
    private const Planting Both = Planting.EntryPoll | Planting.StackGuard;

    [Theory]
    [InlineData("Leaf", Planting.None)]
    [InlineData("Caller", Planting.None)]
    [InlineData("Loop", Planting.None)]
    [InlineData("Direct", Both)]
    [InlineData("Ping", Both)]
    [InlineData("Pong", Both)]
    [InlineData("Sorts", Both)]
    [InlineData("Compare", Both)]
    [InlineData("ToString", Planting.EntryPoll)]
    [InlineData("Taken", Planting.EntryPoll)]
    [InlineData(".cctor", Both)]
    [InlineData("Prints", Planting.None)]
    internal void Decide_Method_IsPlantedAsItMayBeCalled(string method, Planting expected) => Assert.Equal(
        expected,
        PlanOf("""
            using System;
            using System.Collections.Generic;
            public class Sample
            {
                static int field = int.Parse("1");
                static int Leaf(int n) => n + 1;
                static int Caller(int n) => Leaf(n) + Leaf(n);
                static int Loop(int n) { int sum = 0; for (int i = 0; i < n; i++) { sum += Leaf(i); } return sum; }
                static int Direct(int n) => n == 0 ? 0 : Direct(n - 1) + 1;
                static int Ping(int n) => Pong(n) + 1;
                static int Pong(int n) => Ping(n) + 1;
                static void Sorts(List<int> list) => list.Sort(Compare);
                static int Compare(int left, int right) { Sorts(new List<int>()); return left - right; }
                static Func<int, int> Takes() => Taken;
                static int Taken(int n) => n;
                static string Prints(int n) => string.Concat("n", n.ToString());
                public override string ToString() => "sample";
            }
            """)[method]);

    /// <summary>What the library calls back is known by its type, and a type by its assembly, not by its name or shape.</summary>
    [Theory]
    [InlineData("One", "public struct Generic<T> { public bool Equals(Generic<int> o) => true; }", "Generic<int>")]
    [InlineData("One", "namespace System.Text { public class StringBuilder { } }", "System.Text.StringBuilder")]
    [InlineData("One", "namespace System { public struct Boolean { } }", "System.Boolean")]
    [InlineData("One", "namespace System { public struct Span<T> { } }", "System.Span<int>")]
    public void Decide_SearchForAValueOfItsOwn_IsGuarded(string method, string types, string type) => Assert.Equal(
        Both,
        PlanOf($$"""
            {{types}}
            public class Sample
            {
                private {{type}}[] all;
                private int One() => global::System.Array.IndexOf(all, all[0]);
                public override int GetHashCode() => One();
            }
            """)[method]);

    /// <summary>What implements a static member of an interface is not marked as virtual, and is called by the interface's name.</summary>
    [Theory]
    [InlineData("Implicit")]
    [InlineData("I.Explicit")]
    [InlineData("Through")]
    public void Decide_RecursionThroughAStaticMemberOfAnInterface_IsGuarded(string method) => Assert.Equal(
        Both,
        PlanOf("""
            public interface I { static abstract int Implicit(int n); static abstract int Explicit(int n); }
            public class Sample : I
            {
                public static int Implicit(int n) => Through<Sample>(n) + 1;
                static int I.Explicit(int n) => Through<Sample>(n) + 1;
                private static int Through<T>(int n) where T : I => T.Implicit(n) + T.Explicit(n);
            }
            """)[method]);

    [Fact]
    public void Decide_TreeOfCallsWithoutLoopOrRecursion_IsPolledSomewhereOnEveryPath()
    {
        Dictionary<string, Planting> plan = PlanOf(Chain(50, i => $"M{i + 1}(); M{i + 1}();"));
        int longest = LongestRunWithout(plan, 50, Planting.EntryPoll);
        Assert.InRange(longest, 1, 14);
    }

    [Fact]
    public void Decide_LongRowOfCalls_IsGuardedEverySixteenth()
    {
        Dictionary<string, Planting> plan = PlanOf(Chain(100, i => $"M{i + 1}();"));
        Assert.Equal(PlantingPlan.UnguardedDepthMax - 1, LongestRunWithout(plan, 100, Planting.StackGuard));
    }

    [Fact]
    public void Of_LongRowOfNodes_NeedsNoStack()
    {
        const int Count = 200_000;
        IReadOnlyList<IReadOnlyList<int>> components = StrongComponents.Of(Count, node => node + 1 < Count ? [node + 1] : []);
        Assert.Equal((Count, Count - 1), (components.Count, components[0][0]));
    }

    private static string Chain(int count, Func<int, string> body) => "public static class Sample { "
        + string.Concat(Enumerable.Range(0, count).Select(i => $"static void M{i}() {{ {body(i)} }} ")) + $"static void M{count}() {{ }} }}";

    private static int LongestRunWithout(Dictionary<string, Planting> plan, int count, Planting planting)
    {
        int longest = 0;
        for (int i = 0, run = 0; i < count; i++)
        {
            run = plan[$"M{i}"].HasFlag(planting) ? 0 : run + 1;
            longest = Math.Max(longest, run);
        }

        return longest;
    }

    private static Dictionary<string, Planting> PlanOf(string source)
    {
        using ModuleDefinition module = ModuleDefinition.ReadModule(new MemoryStream(CompiledSample.Of(source).Assembly), new ReaderParameters(ReadingMode.Immediate));
        var plan = new PlantingPlan(new CallGraph(module));
        return plan.Methods.Where(method => method.DeclaringType.Name == "Sample" && method.Name != ".ctor")
            .ToDictionary(method => method.Name, method => plan[method]);
    }
}
