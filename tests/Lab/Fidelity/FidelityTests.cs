using Mono.Cecil;
using RedLeafSharp.Tests.Rewriting;
using Xunit;
using Xunit.Abstractions;

namespace RedLeafSharp.Tests.Lab.Fidelity;

/// <summary>Mutants of the NVMe driver are what its mistaken source is compiled to. docs/mutant-fidelity.md has all of them.</summary>
public sealed class FidelityTests(ITestOutputHelper output)
{
    private const int PerOperator = 2;
    private const int Seed = 5;

    private const string Methods = """
        public static class Code
        {
            private static void Say(int x) => System.Console.WriteLine(x);
            public static int Plain(int x) { int y = x + 1; if (y < 5) { Say(y); } return y; }
            public static int Rewritten(int a) { int z = a; z = z + 1; if (!(z >= 5)) { int w = z; Say(w); return w; } return z; }
            public static int OtherValue(int x) { int y = x + 1; if (y < 5) { Say(x); } return y; }
            public static int OtherTest(int x) { int y = x + 1; if (y <= 5) { Say(y); } return y; }
            public static int OtherResult(int x) { int y = x + 1; if (y < 5) { Say(y); } return x; }
            public static int OtherCount(int x) { int y = x + 1; if (y < 5) { Say(y); Say(y); } return y; }
            public static int Loop(int n) { int sum = 0; for (int i = 0; i < n; i++) { sum = sum + i; } return sum; }
            public static int While(int n) { int at = 0, all = 0; while (at < n) { all = all + at; at++; } return all; }
            public static int Late(int n) { int sum = 0; int last = 0; for (int i = 0; i < n; i++) { sum = sum + last; last = i; } return sum; }
        }
        """;

    /// <summary>The judge: it must see through what the compiler is free to do, and nothing more.</summary>
    [Theory]
    [InlineData("Plain", "Rewritten", true)]
    [InlineData("Plain", "OtherValue", false)]
    [InlineData("Plain", "OtherTest", false)]
    [InlineData("Plain", "OtherResult", false)]
    [InlineData("Plain", "OtherCount", false)]
    [InlineData("Loop", "While", true)]
    [InlineData("Loop", "Late", false)]
    public void Comparison_OfTwoMethods_SaysWhetherTheyDoTheSame(string one, string other, bool isSame)
    {
        using ModuleDefinition module = ModuleDefinition.ReadModule(new MemoryStream(CompiledSample.Of(Methods).Assembly));
        MethodDefinition Find(string name) => module.GetType("Code").Methods.Single(method => method.Name == name);
        Assert.Equal(isSame, CodeComparison.Difference(Find(one), Find(other)) is null);
    }

    [Fact]
    public void Mutants_OfASample_AreWhatTheMistakenSourceIsCompiledTo()
    {
        FidelityResult[] results = FidelityRun.Compare(FidelityRun.Nvme(), PerOperator, Seed);
        foreach (FidelityResult one in results.Where(one => one.Fidelity == Fidelity.Different))
        {
            output.WriteLine($"{one.Mutant.Operator} {one.Mutant}: {one.Mutant.Effect}: {one.Detail}");
        }

        int compared = results.Count(one => one.Fidelity != Fidelity.NoSource);
        int equal = results.Count(one => one.Fidelity == Fidelity.Equal);
        Assert.InRange(compared, 30, results.Length);
        Assert.True(equal >= 0.9 * compared, $"{equal} of {compared}");
    }
}
