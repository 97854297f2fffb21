using RedLeafSharp.CodeFixes;
using Xunit;

namespace RedLeafSharp.Tests.Analyzers.CodeFixes;

/// <summary>Fixes that write something else instead: arrays for the stack, readonly, safe code.</summary>
public sealed class ReplacementFixesTests
{
    [Theory]
    [InlineData("int M() { Span<int> a = stackalloc int[4]; return a[0]; }",
        "int M() { Span<int> a = new int[4]; return a[0]; }")]
    [InlineData("int M() { Span<int> a = stackalloc[] { 1, 2 }; return a[0]; }",
        "int M() { Span<int> a = new[] { 1, 2 }; return a[0]; }")]
    [InlineData("int M() { Span<int> a = stackalloc int[] { 1 }; return a[0]; }",
        "int M() { Span<int> a = new int[] { 1 }; return a[0]; }")]
    [InlineData("int M(int n) { Span<int> a = n > 4 ? stackalloc int[4] : new int[n]; return a[0]; }",
        "int M(int n) { Span<int> a = n > 4 ? new int[4] : new int[n]; return a[0]; }")]
    [InlineData("int M() => N(stackalloc int[4]); int N(Span<int> a) => a[0];",
        "int M() => N(new int[4]); int N(Span<int> a) => a[0];")]
    public void StackAllocation_ForASpan_BecomesAnArray(string before, string after) =>
        FixHarness.Expect(new StackToHeapFix(), In(before), In(after));

    [Theory]
    [InlineData("unsafe void M() { int* a = stackalloc int[4]; }")]
    [InlineData("unsafe void M() { var a = stackalloc int[4]; }")]
    [InlineData("int M() { var a = (stackalloc int[4]); return a.Slice(1)[0]; }")]
    [InlineData("int M(int n) { var a = n > 4 ? stackalloc int[4] : stackalloc int[2]; return a.Slice(1)[0]; }")]
    [InlineData("int M() => (stackalloc int[4]).Slice(1)[0];")]
    public void StackAllocation_WithoutASpanToTakeIt_IsLeft(string source) =>
        FixHarness.ExpectNone(new StackToHeapFix(), In(source));

    [Fact]
    public void StackAllocation_All_BecomeArrays() => FixHarness.ExpectAll(
        new StackToHeapFix(),
        In("int M() { Span<int> a = stackalloc int[4]; Span<int> b = stackalloc[] { 1 }; return a[0] + b[0]; }"),
        In("int M() { Span<int> a = new int[4]; Span<int> b = new[] { 1 }; return a[0] + b[0]; }"));

    [Theory]
    [InlineData("private static int a = 1; int M() => -a;", "private static readonly int a = 1; int M() => -a;")]
    [InlineData("static bool a = true; bool M(bool b) => !a || (a == b);",
        "static readonly bool a = true; bool M(bool b) => !a || (a == b);")]
    [InlineData("static int[] a = new int[1]; int M() => a[0]++;", "static readonly int[] a = new int[1]; int M() => a[0]++;")]
    [InlineData("static int a = 1; void M(int a) => a = 2;", "static readonly int a = 1; void M(int a) => a = 2;")]
    public void StaticField_OnlyInitialized_BecomesReadOnly(string before, string after) =>
        FixHarness.Expect(new MakeReadOnlyFix(), In(before), In(after));

    [Theory]
    [InlineData("static int a;")]
    [InlineData("internal static int a = 1;")]
    [InlineData("static int a = 1, b = 2;")]
    [InlineData("static volatile int a = 1;")]
    [InlineData("static int a = 1; void M() => a = 2;")]
    [InlineData("static int a = 1; void M() => C.a += 2;")]
    [InlineData("static int a = 1; void M() => (a) = 2;")]
    [InlineData("static int a = 1; void M() => a++;")]
    [InlineData("static int a = 1; void M() => --a;")]
    [InlineData("static int a = 1; void M(int b, int c) => ((a, b), c) = ((1, 2), 3);")]
    [InlineData("static int a = 1; void M() => N(ref a); void N(ref int b) => b = 1;")]
    [InlineData("static int a = 1; ref int M() => ref a;")]
    [InlineData("static S a = new(); void M() => a.B = 1; struct S { public int B; }")]
    [InlineData("static S a = new(); void M() => a[0] = 1; struct S { public int this[int i] { get => i; set { } } }")]
    public void StaticField_ThatMayBeWritten_IsLeft(string source) => FixHarness.ExpectNone(new MakeReadOnlyFix(), In(source));

    [Theory]
    [InlineData("class D<T> { static int a = 1; static void M() => D<int>.a = 2; }")]
    [InlineData("partial class D { static int a = 1; } partial class D { void M() => a = 2; }")]
    public void StaticField_WrittenFromAfar_IsLeft(string source) => FixHarness.ExpectNone(new MakeReadOnlyFix(), source);

    [Fact]
    public void StaticField_All_BecomeReadOnly() => FixHarness.ExpectAll(
        new MakeReadOnlyFix(),
        In("static int a = 1; private static string b = \"\"; string M() => b + a;"),
        In("static readonly int a = 1; private static readonly string b = \"\"; string M() => b + a;"));

    [Theory]
    [InlineData("unsafe void M() { }", "void M() { }")]
    [InlineData("public unsafe void M() { }", "public void M() { }")]
    [InlineData("[Obsolete]\n    unsafe void M() { }", "[Obsolete]\n    void M() { }")]
    [InlineData("unsafe class D { }", "class D { }")]
    [InlineData("void M() { unsafe void N() { } N(); }", "void M() { void N() { } N(); }")]
    [InlineData("void M() { unsafe { } }", "void M() { { } }")]
    [InlineData("void M() { unsafe { Span<int> a = stackalloc int[4]; } }", "void M() { { Span<int> a = stackalloc int[4]; } }")]
    public void Unsafe_WithoutPointers_IsTakenOff(string before, string after) =>
        FixHarness.Expect(new RemoveUnsafeFix(), In(before), In(after));

    [Theory]
    [InlineData("unsafe void M(byte* a) { }")]
    [InlineData("void M(byte[] a) { unsafe { fixed (byte* b = a) { } } }")]
    [InlineData("unsafe void M() { var a = stackalloc int[4]; }")]
    [InlineData("unsafe struct S { fixed int a[4]; }")]
    [InlineData("unsafe class D { public int* A; } class E { unsafe void M(D d) { var a = d.A; } }")]
    [InlineData("int M() => System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(new[] { 1 });")]
    public void Unsafe_WithPointers_IsLeft(string source) => FixHarness.ExpectNone(new RemoveUnsafeFix(), In(source));

    [Fact]
    public void Unsafe_All_AreTakenOff() => FixHarness.ExpectAll(
        new RemoveUnsafeFix(),
        In("unsafe class D { unsafe void M() { unsafe { } } } unsafe void N() { }"),
        In("class D { void M() { { } } } void N() { }"));

    private static string In(string member) => $"class C {{ {member} }}";
}
