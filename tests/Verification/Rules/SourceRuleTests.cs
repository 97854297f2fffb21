using RedLeafSharp.Verification;
using Xunit;

namespace RedLeafSharp.Tests.Verification.Rules;

/// <summary>Each rule, broken in C# that the compiler accepts without analyzers, and kept in C# that is close to it.</summary>
public sealed class SourceRuleTests
{
    private const string List = """
        abstract class List : ICollection<int> {
            public abstract int Count { get; } public bool IsReadOnly => true; public void Add(int n) { } public void Clear() { }
            public bool Contains(int n) => false; public void CopyTo(int[] to, int at) { } public bool Remove(int n) => false;
            public IEnumerator<int> GetEnumerator() => null; System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => null; }
        """;

    /// <summary>All that an attribute can carry; the verifier reads it before the runtime does.</summary>
    [Theory]
    [InlineData("[X(1, \"two\", typeof(List<int[]>), new[] { 1, 2 }, new string[0], 'c', 2.0, true)] class C { }")]
    [InlineData("[X(new object[] { 1, \"2\", typeof(C), new object[] { 3L }, E.A, StringComparison.Ordinal, null })] class C { }")]
    [InlineData("[X(P = E.A)] class C { }")]
    [InlineData("[X(F = StringComparison.Ordinal, P = new[] { E.A })] class C { }")]
    [InlineData("[X((object)null)] [X(P = null)] [X(P = typeof(Dictionary<string, List<int>>.Enumerator))] class C { }")]
    [InlineData("[Y(E.A, StringComparison.Ordinal, System.Runtime.InteropServices.LayoutKind.Auto)] class C { }")]
    [InlineData("[Z<int>(3)] [Z<string>(\"3\")] [Z<Type>(typeof(C))] class C { }")]
    [InlineData("class C { [X] int f; [X] [return: X] int M<[X] T>([X] int a) => f; [X] int P { [X] get; } [X] event Action E2 { add { } remove { } } }")]
    [InlineData("[assembly: X(1)] [module: X(2)]")]
    public void Verify_AttributesOfAllKinds_AreClean(string source)
    {
        VerificationReport report = VerifiedSource.Verify(source + """
            [AttributeUsage(AttributeTargets.All, AllowMultiple = true)] class XAttribute : Attribute {
                public XAttribute(params object[] all) { } public object P { get; set; } public StringComparison F; }
            [AttributeUsage(AttributeTargets.All, AllowMultiple = true)] class YAttribute : Attribute {
                public YAttribute(E own, StringComparison framework, System.Runtime.InteropServices.LayoutKind other) { } }
            [AttributeUsage(AttributeTargets.All, AllowMultiple = true)] class ZAttribute<T> : Attribute { public ZAttribute(T value) { } }
            enum E : byte { A = 7 }
            """);

        Assert.True(report.IsClean, VerifiedSource.Text(report));
    }

    [Theory]
    [InlineData("RL0001", "class C { Type M(object o) => o.GetType().BaseType; }")]
    [InlineData("RL0007", "class C { void M() => System.Threading.Thread.Sleep(1); }")]
    [InlineData("RL0002", "class C { System.IO.FileStream stream; }")]
    [InlineData("RL0002", "class C { void M(System.Net.Sockets.Socket socket) { } }")]
    [InlineData("RL0002", "class C { void M() { try { M(); } catch (RedLeafSharp.InjectedFaultException) { } } }")]
    [InlineData("RL0002", "class C { void M() => RedLeafSharp.Safepoints.Safepoint.Poll(); }")]
    [InlineData("RL0002", "class C { bool M() { try { return true; } finally { RedLeafSharp.Safepoints.Safepoint.EnterFinally(); } } }")]
    [InlineData("RL0007", "class C<T> where T : System.Threading.Tasks.Task { }")]
    [InlineData("RL0002", "class C { List<System.IO.FileStream> M() => null; }")]
    [InlineData("RL0003", "unsafe class C { int M(int* p) => *p; }")]
    [InlineData("RL0003", "unsafe class C { int* field; }")]
    [InlineData("RL0003", "unsafe class C { int M(delegate*<int> f) => f(); }")]
    [InlineData("RL0003", "unsafe class C { void M(byte[] b) { fixed (byte* p = b) { } } }")]
    [InlineData("RL0003", "unsafe struct S { fixed int Field[4]; }")]
    [InlineData("RL0003", "class C { void M(__arglist) { } }")]
    [InlineData("RL0004", "class C { int M() { Span<int> s = stackalloc int[4]; return s[0]; } }")]
    [InlineData("RL0005", "class C { [DllImport(\"c\")] static extern int getpid(); }")]
    [InlineData("RL0005", "class C { [MethodImpl(MethodImplOptions.InternalCall)] static extern int F(); }")]
    [InlineData("RL0005", "class C { [UnmanagedCallersOnly] static int F() => 1; }")]
    [InlineData("RL0005", "[ComImport, Guid(\"00000000-0000-0000-0000-000000000001\")] interface I { }")]
    [InlineData("RL0006", "class C { static int count; int M() => ++count; }")]
    [InlineData("RL0006", "class C { [ThreadStatic] static readonly int count; }")]
    [InlineData("RL0008", "class C { [MethodImpl(MethodImplOptions.Synchronized)] void M() { } }")]
    [InlineData("RL0009", "class C { ~C() { } }")]
    [InlineData("RL0010", "class C { object M() { System.Linq.Expressions.Expression<Func<int>> e = () => 1; return e; } void N() { } }")]
    [InlineData("RL0011", "[StructLayout(LayoutKind.Explicit)] class C { [FieldOffset(0)] byte[] a; [FieldOffset(0)] long[] b; }")]
    [InlineData("RL0011", "[StructLayout(LayoutKind.Explicit)] struct S { [FieldOffset(0)] ulong a; [FieldOffset(0)] DomainId b; }")]
    [InlineData("RL0012", "unsafe class C { [SkipLocalsInit] int M(int[] a) { int x = a[0]; int y = x * x; return N(ref x) + N(ref y) + x; } int N(ref int i) => i; }")]
    [InlineData("RL0013", "class C { [ModuleInitializer] internal static void Start() { } }")]
    [InlineData("RL0014", "class C { [UnsafeAccessor(UnsafeAccessorKind.Method)] static extern int F(C c); }")]
    [InlineData("RL0014", "[assembly: IgnoresAccessChecksTo(\"X\")] namespace System.Runtime.CompilerServices { class IgnoresAccessChecksToAttribute : Attribute { public IgnoresAccessChecksToAttribute(string s) { } } }")]
    [InlineData("RL0016", "class C : System.IO.MemoryStream { }")]
    [InlineData("RL0016", "class C : System.IO.StringWriter { protected override void Dispose(bool d) { } }")]
    [InlineData("RL0016", "class C : System.Runtime.CompilerServices.INotifyCompletion { public void OnCompleted(Action a) { } }")]
    [InlineData("RL0017", "[InlineArray(8)] struct S { int field; }")]
    [InlineData("RL0017", "[StructLayout(LayoutKind.Sequential, Size = 5000)] struct S { int field; }")]
    [InlineData("RL0017", "[StructLayout(LayoutKind.Sequential, Size = 100000)] struct S { } class C { S field; }")]
    [InlineData("RL0017", "[StructLayout(LayoutKind.Sequential, Size = 4000)] struct S { public int F; } class C { int M(S a, S b, S c, S d, S e) => a.F + e.F; }")]
    [InlineData("RL0018", "class C { void F<T>(int n) { if (n > 0) { F<List<T>>(n - 1); } } }")]
    [InlineData("RL0018", "class C<T> { object M() => new D<T[]>().M(); } class D<T> { public object M() => new C<T>(); }")]
    [InlineData("RL0018", "struct S<T> { public S<T[]>[] Next; }")]
    [InlineData("RL0019", "class C { object M(int a, int b) => new long[a, b]; }")]
    [InlineData("RL0019", "class C { object M() => new[,] { { 1, 2 }, { 3, 4 } }; }")]
    [InlineData("RL0019", "class C { object M<T>(int a) => new T[a, a, a]; }")]
    [InlineData("RL0003", "ref struct S { ref int field; int M() => field; }")]
    [InlineData("RL0019", "class C : List { int n; public override int Count => n; }" + List)]
    [InlineData("RL0019", "class C : List { IReadOnlyList<int> n; public override int Count => n.Count; }" + List)]
    [InlineData("RL0019", "class C : List { public override int Count => 1000; }" + List)]
    [InlineData("RL0019", "class C : List { int[] a; public override int Count => a.Length + 1; }" + List)]
    [InlineData("RL0108", "class C { RRef<int> field; }")]
    [InlineData("RL0108", "class C { void M(RRef<int>[] list) { } }")]
    [InlineData("RL0108", "struct S { PageBuffer page; }")]
    [InlineData("RL0109", "class C { void M(List<RRef<int>> list) { } }")]
    public void Verify_Offence_IsReportedUnderItsRule(string rule, string source)
    {
        bool isUnsafe = source.Contains("unsafe", StringComparison.Ordinal);
        VerificationReport report = VerifiedSource.Verify(source, isUnsafe: isUnsafe);

        // What AllowUnsafeBlocks adds to the assembly is an offence of its own, and none of a member.
        Assert.True(
            report.Violations.Any(one => one.Rule == rule && (one.Member.Length > 0 || !isUnsafe)),
            $"{rule} is missing in:\n{VerifiedSource.Text(report)}");
    }

    [Theory]
    [InlineData("class C { int M(int a) => a + 1; }")]
    [InlineData("class C { int[][] M(int a) => new int[a][]; }")]
    [InlineData("class C { static readonly int[] Table = [1, 2, 3, 4, 5]; const int Size = 4; int M() => Table[Size]; }")]
    [InlineData("class C { static ReadOnlySpan<byte> Text => \"text\"u8; static ReadOnlySpan<int> Numbers => [1, 2, 3]; }")]
    [InlineData("class C { int M(int[] a) { int x = a[0]; int y = x * x; return N(ref x) + N(ref y); } int N(ref int i) => i; }")]
    [InlineData("class C { Func<int, int> M() => x => x + 1; Func<int> N() => One; static int One() => 1; Func<int> O(int y) => () => y; }")]
    [InlineData("class C { IEnumerable<int> M(int n) { for (int i = 0; i < n; i++) { yield return i; } } }")]
    [InlineData("[StructLayout(LayoutKind.Explicit)] struct S { [FieldOffset(0)] uint Bits; [FieldOffset(0)] float Number; }")]
    [InlineData("class C : IDisposable { public void Dispose() { } }")]
    [InlineData("class Refusal : Exception { public Refusal(string text) : base(text) { } }")]
    [InlineData("class C { bool M(object o) => o.GetType() == typeof(string); }")]
    [InlineData("class C { void F<T>(int n) { if (n > 0) { F<T>(n - 1); } } List<List<T>> G<T>() => new(); }")]
    [InlineData("class Node<T> { Node<T> next; List<Node<T>> all; }")]
    [InlineData("interface I<T> where T : I<T> { } class C : I<C>, IComparable<C> { public int CompareTo(C c) => 0; }")]
    [InlineData("class C { Cell<RRef<int>> cell; }")]
    [InlineData("readonly record struct Point(int X, int Y); enum Kind { A, B } delegate int D(int a);")]
    [InlineData("class C { IReadOnlyList<int> M(int a) => [a, 1]; IReadOnlyList<int> O(List<int> a) => [.. a]; }")]
    [InlineData("class C : List { int[] a; public override int Count => a.Length; }" + List)]
    [InlineData("class C : List { List<int> a; public override int Count => a.Count; }" + List)]
    [InlineData("class C : List { IList<int> a; public override int Count => a.Count; }" + List)]
    [InlineData("class C : List { public override int Count => 2; }" + List)]
    [InlineData("class C { string M(int a) => $\"{a:x4} of {a}\"; }")]
    [InlineData("class C { int M(string s) => s switch { \"one\" => 1, \"two\" => 2, \"three\" => 3, \"four\" => 4, \"five\" => 5, \"six\" => 6, \"seven\" => 7, _ => 0 }; }")]
    public void Verify_DomainCode_IsClean(string source) =>
        Assert.Equal(string.Empty, VerifiedSource.Text(VerifiedSource.Verify(source)));

    [Fact]
    public void Verify_Offence_HasItsLine()
    {
        VerificationReport report = VerifiedSource.Verify("class C {\n  void M()\n  {\n    System.GC.Collect();\n  }\n}");

        Violation found = Assert.Single(report.Violations);
        Assert.Equal(("RL0002", "C.M", 0, "Test.cs", 4), (found.Rule, found.Member, found.ILOffset, found.Document, found.Line));
    }

    [Theory]
    [InlineData("RedLeafSharp.Kernel")]
    [InlineData("redleafsharp.tests")]
    [InlineData("System.Linq")]
    public void Verify_NameOfAFriend_IsRefused(string name) =>
        Assert.Contains(VerifiedSource.Verify("class C { }", name).Violations, one => one.Rule == "RL0014");

    [Fact]
    public void Verify_ManyOffences_AreCountedAndCut()
    {
        string methods = string.Concat(Enumerable.Range(0, 300).Select(index => $"void M{index}() => System.GC.Collect();\n"));
        VerificationReport report = VerifiedSource.Verify($"class C {{ {methods} }}");

        Assert.Equal(200, report.Violations.Count);
        Assert.True(report.ViolationCount >= 300);
    }
}
