using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RedLeafSharp.Analyzers.Isolation;
using Xunit;

namespace RedLeafSharp.Tests.Analyzers.Isolation;

/// <summary>Each rule in both directions: what breaks it is found at its place, what looks like it is left alone.</summary>
public sealed class IsolationRuleTests
{
    public static TheoryData<string> Bad => new()
    {
        // RL0001, RL0002 and RL0019: the allow-list.
        "void M() => Console.{|RL0002:WriteLine|}(1);",
        "void M() => System.IO.File.{|RL0002:Delete|}(\"a\");",
        "void M() => Environment.{|RL0001:Exit|}(1);",
        "int M() => Environment.{|RL0001:CurrentManagedThreadId|};",
        "{|RL0002:Random|} random = new {|RL0002:Random|}();",
        "List<{|RL0002:DateTime|}> times = new();",
        "object M(object a) => ({|RL0002:Random|})a;",
        "Type M() => typeof({|RL0002:DateTime|});",
        "bool M(object a) => a is {|RL0002:DateTime|};",
        "{|RL0002:Memory|}<byte> M() => default;",
        "string M() => {|RL0019:new string('a', 9)|};",
        "struct S { public object Next; } object M(S a) => {|RL0019:a|};",
        "struct S<T> { public T Next; } object M(S<object> a) => {|RL0019:a|};",
        "object M((object, int) a) => {|RL0019:a|};",
        "object M(KeyValuePair<object, int> a) => {|RL0019:a|};",
        "void M(Dictionary<object, int> d, (object, int) t) => d[{|RL0019:t|}] = 1;",
        "string M(string a) => a.{|RL0019:PadLeft|}(9);",
        "string M(IEnumerable<string> a) => string.{|RL0019:Join|}(',', a);",
        "string M(int a) => a.{|RL0019:ToString|}(\"D9\");",
        "string M(int a) => $\"{|RL0019:{a,99999}|}\";",
        "string M(int a) => $\"{|RL0019:{a:D999999}|}\";",
        "List<int> M() => {|RL0019:new(9)|};",
        "void M(List<int> a) => a.{|RL0019:Capacity|} = 9;",
        "void M(ref int[] a) => Array.{|RL0019:Resize|}(ref a, 9);",
        "List<int> M() => {|RL0001:[1, 2]|};",
        "object M(int[] a) => a.{|RL0019:Where|}(x => x > 0);",
        "object M(int[] a) => from x in a {|RL0019:where x > 0|} select x;",
        "Exception M(Exception a) => {|RL0019:new Exception(\"a\", a)|};",
        "class E : Exception { E(Exception a) {|RL0019:: base(\"a\", a)|} { } }",
        "int[,] M(int a) => {|RL0019:new int[a, a]|};",
        "int[,] M() => {|RL0019:new[,] { { 1 } }|};",
        "int[,] table = {|RL0019:{ { 1 } }|};",
        "void M(ref int a) => Interlocked.{|RL0002:Increment|}(ref a);",
        "object M() => {|RL0001:MemberwiseClone|}();",
        "event Action {|RL0001:Changed|};",

        // RL0003 to RL0005: no pointers, nothing from the stack, nothing native.
        "{|RL0003:unsafe|} void M() { int a = 1; int{|RL0003:*|} b = {|RL0003:&a|}; }",
        "void M() { {|RL0003:unsafe|} { } }",
        "{|RL0003:unsafe|} void M(byte[] a) { {|RL0003:fixed|} (byte{|RL0003:*|} b = a) { } }",
        "{|RL0003:unsafe|} {|RL0003:delegate|}*<void> field;",
        "int M(int[] a) => System.Runtime.InteropServices.MemoryMarshal.{|RL0003:GetArrayDataReference|}(a);",
        "int M() { Span<int> a = {|RL0004:stackalloc|} int[4]; return a[0]; }",
        "int M() { ReadOnlySpan<int> a = {|RL0004:stackalloc|}[] { 1, 2 }; return a[0]; }",
        "[System.Runtime.InteropServices.{|RL0005:DllImport|}(\"c\")] static extern int {|RL0005:getpid|}();",

        // RL0006: static state.
        "static int {|RL0006:count|};",
        "static int {|RL0006:Count|} { get; set; }",
        "static event Action {|RL0006:Changed|};",
        "[{|RL0006:ThreadStatic|}] static int {|RL0006:count|};",
        "static readonly {|RL0006:ThreadLocal|}<int> Count = {|RL0006:new()|};",

        // RL0007 and RL0008: no threads, no locks.
        "void M() => Thread.{|RL0007:Sleep|}(1);",
        "{|RL0007:async|} void M() { {|RL0007:await|} Task.{|RL0007:Yield|}(); }",
        "Action M() => {|RL0007:async|} () => { };",
        "object M() => new {|RL0007:Timer|}(_ => { });",
        "void M() { {|RL0008:lock|} (this) { } }",
        "void M() => Monitor.{|RL0008:Enter|}(this);",
        "[System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.Synchronized)] void {|RL0008:M|}() { }",

        // RL0009 to RL0014.
        "~{|RL0009:C|}() { }",
        "object M({|RL0010:dynamic|} a) => {|RL0010:a.Length|};",
        "object M() => GetType().{|RL0001:GetMethods|}();",
        "object M() => Activator.{|RL0010:CreateInstance|}<int>();",
        "[System.Runtime.InteropServices.StructLayout({|RL0011:System.Runtime.InteropServices.LayoutKind.Explicit|})] struct S { [System.Runtime.InteropServices.{|RL0011:FieldOffset|}(0)] int a; }",
        "[System.Runtime.CompilerServices.{|RL0012:SkipLocalsInit|}] void M() { }",
        "[System.Runtime.CompilerServices.{|RL0013:ModuleInitializer|}] internal static void M() { }",
        "[System.Runtime.CompilerServices.{|RL0014:UnsafeAccessor|}(System.Runtime.CompilerServices.UnsafeAccessorKind.{|RL0014:Field|})] static extern ref int {|RL0005:M|}(C a);",

        // RL0016 to RL0018.
        "class {|RL0016:D|} : List<int> { }",
        "ref struct D { public ref int {|RL0003:Number|}; }",
        "abstract class {|RL0019:D|} : ICollection<int> { public abstract int Count { get; } public bool IsReadOnly => true; "
            + "public void Add(int n) { } public void Clear() { } public bool Contains(int n) => false; public void CopyTo(int[] a, int n) { } "
            + "public bool Remove(int n) => false; public abstract IEnumerator<int> GetEnumerator(); "
            + "System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator(); }",
        "struct {|RL0016:S|} : {|RL0016:ISpanFormattable|} { public string ToString(string? a, IFormatProvider? b) => \"\"; public bool TryFormat(Span<char> a, out int b, ReadOnlySpan<char> c, IFormatProvider? d) { b = 0; return false; } }",
        "struct S8 { long a, b, c, d, e, f, g, h; } struct S64 { S8 a, b, c, d, e, f, g, h; } struct S512 { S64 a, b, c, d, e, f, g, h; } struct {|RL0017:S4096|} { S512 a, b, c, d, e, f, g, h; int i; }",
        "struct S8 { long a, b, c, d, e, f, g, h; } struct S64 { S8 a, b, c, d, e, f, g, h; } struct S512 { S64 a, b, c, d, e, f, g, h; } void {|RL0017:M|}(S512 a, S512 b) { S512 c = a, d = b, e = a, f = b; S512 g = a; }",
        "void Take(ReadOnlySpan<string> a) { } void M(string a) => Take({|RL0017:[a, a]|});",
        "void M<T>() => {|RL0018:M<List<T>>()|};",
        "class G<T> { object M() => {|RL0018:new G<G<T>>()|}; }",
        "void M<T>() => {|RL0018:N<T[]>()|}; void N<T>() => M<T>();",
    };

    public static TheoryData<string> Good => new()
    {
        "string M() => nameof(Thread.Sleep) + nameof(Console);",
        "string Sleep() => Sleep();",
        "class Thread { public void Sleep() { } } void M(Thread a) => a.Sleep();",
        "static readonly int[] Table = [1, 2, 3]; const int N = 1; static int Double(int a) => 2 * a;",
        "static string Name { get; } = \"a\";",
        "string M(int a) => $\"{a,8} {a:x8} {this}\";",
        "List<int> M() => new() { 1, 2 };",
        "List<int> M() => [];",
        "int[] M() => [1, 2];",
        "int[][] M(int a) => new int[a][];",
        "int M(Dictionary<int, string> a) { foreach (var (key, value) in a) { return key; } return 0; }",
        "int M(List<int> a) { int sum = 0; foreach (int b in a) { sum += b; } return sum; }",
        "IEnumerable<int> M() { yield return 1; }",
        "void Take(ReadOnlySpan<byte> a) { } void M() { Take([1, 2]); Take(\"ab\"u8); }",
        "record R(int A, string B); record struct V(int A); R M(R a) => a with { A = 2 };",
        "Type M(object a) => typeof(C); bool N(object a) => a.GetType() == typeof(string);",
        "string M(object a) => a.GetType().Name;",
        "struct S { public string Name; public int[] All; } object M(S a) => a; object N((string, int) a) => a;",
        "record struct S(object Next); object M(S a) => a; object N<T>(T a) where T : struct => a;",
        "int M(int[] a) => a[^1] + a[1..].Length;",
        "bool M(int[] a) => a is [1, .., 2];",
        "class D : IDisposable { public void Dispose() { } } void M() { using var d = new D(); }",
        "class E : Exception { public E(string a) : base(a) { } }",
        "class A : Attribute { } [A] void M() { }",
        "void M<T>() => M<T>(); void N<T>() => M<List<T>>();",
        "class G<T> where T : IComparable<T> { G<T>? next; }",
        "class Node<T> { List<Node<T>>? children; }",
        "[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Sequential, Pack = 1)] struct S { byte a; int b; }",
        "int M(RedLeafSharp.CallContext a, RedLeafSharp.MmioRegion b) => (int)b.Read32(0);",
        "Action<int> M() => a => { };",
        "string M(string a, object b) => a + b + 1;",
        "int M(UInt128 a, UInt128 b) => (int)(a * b);",
        "void M(int[] a) => Array.Sort(a, (b, c) => c - b);",
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void Member_ThatBreaksARule_IsFoundAtItsPlace(string member) =>
        IsolationHarness.ExpectIn($"#pragma warning disable CS8618, CS0169\nclass C {{ {member} }}");

    [Theory]
    [MemberData(nameof(Good))]
    public void Member_ThatBreaksNone_IsLeftAlone(string member) => IsolationHarness.ExpectIn($"class C {{ {member} }}");

    [Theory]
    [InlineData("#pragma warning disable {|RL0015:RL0001|}\nclass C { void M() => Console.{|RL0002:Write|}(1); }")]
    [InlineData("#pragma warning {|RL0015:disable|}\nclass C { int a; }")]
    [InlineData("#pragma warning disable {|RL0015:RL0015|}\nclass C { }")]
    [InlineData("[assembly: System.Diagnostics.CodeAnalysis.SuppressMessage(\"Isolation\", {|RL0015:\"RL0001:a\"|})]")]
    [InlineData("#pragma warning disable CS0169, RLX\n#pragma warning restore RL0001\nclass C { }")]
    [InlineData("[module: System.Runtime.CompilerServices.{|RL0012:SkipLocalsInit|}]")]
    [InlineData("using T = System.Threading.{|RL0007:Thread|}; class C { T a; }")]
    [InlineData("using static System.{|RL0002:Console|}; class C { void M() => {|RL0002:Write|}(1); }")]
    [InlineData("[assembly: System.Runtime.CompilerServices.IgnoresAccessChecksTo(\"a\")] namespace System.Runtime.CompilerServices { class {|RL0014:IgnoresAccessChecksToAttribute|} : Attribute { public IgnoresAccessChecksToAttribute(string a) { } } }")]
    [InlineData("namespace System.Runtime.CompilerServices { class IsExternalInit { } }")]
    [InlineData("/// <summary><see cref=\"System.Threading.Thread\"/></summary>\nclass C { }")]
    public void File_WithMarks_IsFoundAsMarked(string file) => IsolationHarness.ExpectIn(file);

    [Fact]
    public void Message_OfAListedReason_SaysWhatToDoInstead() => IsolationHarness.Expect(
        "class C { string M(string a) => a.{|RL0019:PadLeft|}(9); }", "string.PadLeft(int)", "append the blanks in a loop");

    [Fact]
    public void Rules_All_AreErrorsWithAPageAndCannotBeSwitchedOff()
    {
        Assert.Equal(19, IsolationDiagnostics.All.Length);
        foreach (DiagnosticDescriptor rule in new IsolationAnalyzer().SupportedDiagnostics)
        {
            Assert.Equal(DiagnosticSeverity.Error, rule.DefaultSeverity);
            Assert.Equal($"docs/rules/{rule.Id}.md", rule.HelpLinkUri);
            Assert.Contains(WellKnownDiagnosticTags.NotConfigurable, rule.CustomTags);
        }
    }

    /// <summary>Code is analyzed while it is typed: cut off anywhere, it must not make the analyzer throw.</summary>
    [Fact]
    public void Source_CutOffAnywhere_DoesNotMakeTheAnalyzerThrow()
    {
        string whole = string.Join('\n', ((IEnumerable<object[]>)Bad).Take(60).Select((row, n) =>
            $"class C{n} {{ {Generators.MarkedSource.Parse((string)row[0]).Text} }}"));
        var cuts = Enumerable.Range(1, 24).Select(n => whole.Length * n / 25);

        foreach (int cut in cuts)
        {
            CSharpCompilation compilation = IsolationHarness.Compile([("/cut.cs", whole[..cut])]);
            Assert.DoesNotContain(IsolationHarness.Analyze(compilation), d => d.Id == "AD0001");
        }
    }
}
