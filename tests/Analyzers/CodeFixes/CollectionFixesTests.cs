using RedLeafSharp.CodeFixes;
using Xunit;

namespace RedLeafSharp.Tests.Analyzers.CodeFixes;

/// <summary>Lists and spans that are written as <c>[a, b]</c>.</summary>
public sealed class CollectionFixesTests
{
    [Theory]
    [InlineData("List<int> M() => [1, 2];", "List<int> M() => new List<int> { 1, 2 };")]
    [InlineData("IList<string?> M() => [null];", "IList<string?> M() => new List<string?> { null };")]
    [InlineData("ICollection<long> M(int a) => [a,];", "ICollection<long> M(int a) => new List<long> { a, };")]
    [InlineData("int M() => N([1]); int N(List<int> a) => 1;", "int M() => N(new List<int> { 1 }); int N(List<int> a) => 1;")]
    [InlineData("List<int> a = [\n    1, // one\n    2, // two\n];",
        "List<int> a = new List<int> {\n    1, // one\n    2, // two\n};")]
    public void List_OfElements_GetsAnInitializer(string before, string after) =>
        FixHarness.Expect(new ListInitializerFix(), In(before), In(after));

    [Theory]
    [InlineData("List<int> M(int[] a) => [.. a];")]
    [InlineData("int b; List<int> M() => [b = 1];")]
    [InlineData("List<int[]> M() => [[1]];")]
    public void List_OfWhatBracesCannotHold_IsLeft(string source) => FixHarness.ExpectNone(new ListInitializerFix(), In(source));

    [Fact]
    public void List_All_GetInitializers() => FixHarness.ExpectAll(
        new ListInitializerFix(),
        In("List<int> a = [1]; List<int> b = [2, 3];"),
        In("List<int> a = new List<int> { 1 }; List<int> b = new List<int> { 2, 3 };"));

    [Theory]
    [InlineData("int M(int a) => N([a, 1]); {0}", "int M(int a) => N(new int[] { a, 1 }); {0}")]
    [InlineData("int M(int a) { ReadOnlySpan<long> b = [a, a]; return b.Length; }",
        "int M(int a) { ReadOnlySpan<long> b = new long[] { a, a }; return b.Length; }")]
    [InlineData("int M(string? a) { Span<string?> b = [a, null]; return b.Length; }",
        "int M(string? a) { Span<string?> b = new string?[] { a, null }; return b.Length; }")]
    public void Span_OfValues_BecomesAnArray(string before, string after)
    {
        const string Callee = "int N(ReadOnlySpan<int> a) => a.Length;";
        FixHarness.Expect(
            new SpanArrayFix(), In(before.Replace("{0}", Callee, StringComparison.Ordinal)),
            In(after.Replace("{0}", Callee, StringComparison.Ordinal)));
    }

    [Fact]
    public void Span_WithASpread_IsLeft() => FixHarness.ExpectNone(
        new SpanArrayFix(), In("int M(int[] a) { ReadOnlySpan<int> b = [1, .. a]; return b.Length; }"));

    [Fact]
    public void Span_All_BecomeArrays() => FixHarness.ExpectAll(
        new SpanArrayFix(),
        In("int M(int a) { Span<int> b = [a, 1]; Span<long> c = [a, 2]; return b.Length + c.Length; }"),
        In("int M(int a) { Span<int> b = new int[] { a, 1 }; Span<long> c = new long[] { a, 2 }; return b.Length + c.Length; }"));

    private static string In(string member) => $"class C {{ {member} }}";
}
