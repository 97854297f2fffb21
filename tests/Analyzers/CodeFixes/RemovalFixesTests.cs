using RedLeafSharp.CodeFixes;
using Xunit;

namespace RedLeafSharp.Tests.Analyzers.CodeFixes;

/// <summary>Fixes that take something out: locks, attributes, suppressions, capacities.</summary>
public sealed class RemovalFixesTests
{
    [Theory]
    [InlineData("void M() { lock (this) { int a; } }", "void M() { { int a; } }")]
    [InlineData("int a;\nvoid M()\n{\n    lock (this) // why\n    {\n        a++;\n    }\n}",
        "int a;\nvoid M()\n{\n    // why\n    {\n        a++;\n    }\n}")]
    [InlineData("int a; void M() { lock (typeof(C)) a++; }", "int a; void M() { a++; }")]
    public void Lock_OfAName_IsLeftOut(string before, string after) =>
        FixHarness.Expect(new RemoveLockFix(), In(before), In(after));

    [Theory]
    [InlineData("object N() => this; void M() { lock (N()) { } }")]
    [InlineData("[System.Runtime.CompilerServices.MethodImpl("
        + "System.Runtime.CompilerServices.MethodImplOptions.Synchronized)] void M() { }")]
    public void Lock_OfSomethingElse_IsLeft(string source) => FixHarness.ExpectNone(new RemoveLockFix(), In(source));

    [Fact]
    public void Lock_All_AreLeftOut() => FixHarness.ExpectAll(
        new RemoveLockFix(),
        In("void M(object a) { lock (this) { lock (a) { } } lock (a) { } }"),
        In("void M(object a) { { { } } { } }"));

    [Theory]
    [InlineData("[SkipLocalsInit] void M() { }", "void M() { }")]
    [InlineData("// why\n    [SkipLocalsInit]\n    void M() { }", "// why\n    void M() { }")]
    [InlineData("[SkipLocalsInit, Obsolete] void M() { }", "[Obsolete] void M() { }")]
    [InlineData("[Obsolete, SkipLocalsInit] void M() { }", "[Obsolete] void M() { }")]
    [InlineData("[Obsolete]\n    [SkipLocalsInit]\n    void M() { }", "[Obsolete]\n    void M() { }")]
    public void SkipLocalsInit_OnAMethod_IsTakenOff(string before, string after) =>
        FixHarness.Expect(new RemoveSkipLocalsInitFix(), Attributed(before), Attributed(after));

    [Fact]
    public void SkipLocalsInit_All_AreTakenOff() => FixHarness.ExpectAll(
        new RemoveSkipLocalsInitFix(),
        Attributed("[SkipLocalsInit] void M() { } [Obsolete, SkipLocalsInit] void N() { }"),
        Attributed("void M() { } [Obsolete] void N() { }"));

    [Theory]
    [InlineData("#pragma warning disable RL0001\nclass C { }", "class C { }")]
    [InlineData("#pragma warning disable RL0001 // why\nclass C { }", "class C { }")]
    [InlineData("#pragma warning disable\nclass C { }", "class C { }")]
    [InlineData("#pragma warning disable RL0001, RL0002\nclass C { }", "class C { }")]
    [InlineData("#pragma warning disable CS0168, RL0001, CS0169\nclass C { }",
        "#pragma warning disable CS0168, CS0169\nclass C { }")]
    [InlineData("class C { }\n    #pragma warning disable rl0001", "class C { }\n")]
    public void Suppression_OfARule_IsRemoved(string before, string after) =>
        FixHarness.Expect(new RemoveSuppressionFix(), before, after);

    [Fact]
    public void Suppression_ByAnAttribute_IsLeft() => FixHarness.ExpectNone(
        new RemoveSuppressionFix(),
        In("[System.Diagnostics.CodeAnalysis.SuppressMessage(\"a\", \"RL0001\")] void M() { }"));

    [Fact]
    public void Suppression_All_AreRemoved() => FixHarness.ExpectAll(
        new RemoveSuppressionFix(),
        "#pragma warning disable RL0001, RL0002\n#pragma warning disable CS0168, RL0003\nclass C { }\n"
            + "#pragma warning disable RL0004\n",
        "#pragma warning disable CS0168\nclass C { }\n");

    [Theory]
    [InlineData("List<int> M() => new(9);", "List<int> M() => new();")]
    [InlineData("object M() => new List<int>(9) { 1 };", "object M() => new List<int>() { 1 };")]
    [InlineData("object M() => new StringBuilder(9);", "object M() => new StringBuilder();")]
    public void Capacity_OfACollection_IsLeftOut(string before, string after) =>
        FixHarness.Expect(new RemoveCapacityFix(), In(before), In(after));

    [Theory]
    [InlineData("string M() => new string('a', 9);")]
    [InlineData("string M(string a) => a.PadLeft(9);")]
    public void Capacity_OfSomethingElse_IsLeft(string source) => FixHarness.ExpectNone(new RemoveCapacityFix(), In(source));

    [Fact]
    public void Capacity_All_AreLeftOut() => FixHarness.ExpectAll(
        new RemoveCapacityFix(),
        In("List<int> a = new(9); Dictionary<int, List<int>> b = new Dictionary<int, List<int>>(9) { [1] = new(9) };"),
        In("List<int> a = new(); Dictionary<int, List<int>> b = new Dictionary<int, List<int>>() { [1] = new() };"));

    private static string In(string member) => $"class C {{ {member} }}";

    private static string Attributed(string member) => $"using System.Runtime.CompilerServices;\nclass C\n{{\n    {member}\n}}";
}
