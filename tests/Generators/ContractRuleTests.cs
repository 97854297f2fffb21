using Microsoft.CodeAnalysis;
using RedLeafSharp.Generators.Rules;
using Xunit;

namespace RedLeafSharp.Tests.Generators;

public sealed class ContractRuleTests
{
    private const string Prelude =
        """
        using System;
        using System.Threading.Tasks;
        using RedLeafSharp;
        using RedLeafSharp.Contracts;
        namespace Sample;
        public enum Error { None, Bad }
        public enum ByteError : byte { None }
        public enum NoZero { Bad = 1 }
        public enum Negative { None, Bad = -1 }
        public struct Plain { public int Number; public Guid Id; public DayOfWeek Day; public long? Maybe; }
        public struct Named { public int Number; public string Name; }
        public struct Nested { public Plain Plain; public Named Inner; }
        public struct Hidden { public int Number; public RRef<int> Block; }
        public struct Celled { public Cell<PageBuffer> Cell; }
        public ref struct View { public ReadOnlySpan<byte> Bytes; }
        public delegate void Handler();
        [Capability] public sealed class Right { }
        public sealed class Thing { }
        [DomainContract] public interface IOther { }

        """;

    public static TheoryData<string, string> BadParameters => new()
    {
        { "string {|RL0203:bad|}", "a string is an object of the caller's heap; pass UTF-8 as ReadOnlySpan<byte>" },
        { "Thing {|RL0203:bad|}", "a reference to an object of the caller; pass an unmanaged struct, a span, or a moved RRef" },
        { "object {|RL0203:bad|}", "a reference to an object" },
        { "Exception {|RL0203:bad|}", "a reference to an object" },
        { "dynamic {|RL0203:bad|}", "a reference to an object" },
        { "Action {|RL0203:bad|}", "a delegate is code" },
        { "Handler {|RL0203:bad|}", "declare a contract" },
        { "Task {|RL0203:bad|}", "a task runs code of the caller" },
        { "Task<int> {|RL0203:bad|}", "a task runs code of the caller" },
        { "ValueTask {|RL0203:bad|}", "field '_obj' refers to an object" },
        { "IDisposable {|RL0203:bad|}", "an interface is a reference" },
        { "IOther {|RL0203:bad|}", "contracts are handed out by the kernel" },
        { "int[] {|RL0203:bad|}", "an array is an object of the caller's heap; pass a span" },
        { "RRef<int>[] {|RL0203:bad|}", "an array is an object" },
        { "byte* {|RL0203:bad|}", "a pointer is an address" },
        { "delegate*<void> {|RL0203:bad|}", "a pointer is an address" },
        { "Named {|RL0203:bad|}", "its field 'Name' refers to an object of the caller" },
        { "Nested {|RL0203:bad|}", "its field 'Inner.Name' refers to an object" },
        { "(int, string) {|RL0203:bad|}", "its field 'Item2' refers to an object" },
        { "Hidden {|RL0203:bad|}", "its field 'Block' is an exchange reference, which would not be moved" },
        { "RRef<int>? {|RL0203:bad|}", "its field 'value' is an exchange reference" },
        { "Celled {|RL0203:bad|}", "its field 'Cell.content' is an exchange reference" },
        { "Addressed {|RL0203:bad|}", "its field 'Start' is a pointer" },
        { "RRef<Hidden> {|RL0203:bad|}", "of the block's content, its field 'Block' is an exchange reference" },
        { "RRefArray<RRef<int>> {|RL0203:bad|}", "of the block's content, only a reference passed by value is moved" },
        { "View {|RL0203:bad|}", "a ref struct can hold references" },
        { "Memory<byte> {|RL0203:bad|}", "its field '_object' refers to an object" },
        { "CallContext {|RL0203:bad|}", "a call has one context" },
        { "ref RRef<int> {|RL0204:bad|}", "only a reference passed by value is moved" },
        { "in PageBuffer {|RL0204:bad|}", "any other would leave it in two domains; pass it by value" },
        { "out RRefArray<byte> {|RL0204:bad|}", "only a reference passed by value is moved" },
        { "in string {|RL0204:bad|}", "a string is an object" },
        { "ref Named {|RL0204:bad|}", "its field 'Name'" },
        { "out Thing {|RL0204:bad|}", "a reference to an object" },
        { "ref Right {|RL0204:bad|}", "a reference to an object" },
        { "ref Span<byte> {|RL0204:bad|}", "a ref struct can hold references" },
        { "Span<string> {|RL0205:bad|}", "a string is an object" },
        { "ReadOnlySpan<Named> {|RL0205:bad|}", "its field 'Name'" },
        { "Span<RRef<int>> {|RL0205:bad|}", "only a reference passed by value is moved" },
        { "Span<Hidden> {|RL0205:bad|}", "its field 'Block' is an exchange reference" },
    };

    public static TheoryData<string> GoodParameters => new()
    {
        "int good", "bool good", "nint good", "decimal good", "DateTime good", "DomainId good", "Fault good", "Plain good",
        "DayOfWeek good", "(int, long) good", "int? good", "RRef<Plain> good", "RRefArray<byte> good", "PageBuffer good",
        "in Plain good", "ref Plain good", "out Plain good", "ref readonly Plain good", "Span<byte> good",
        "ReadOnlySpan<Plain> good", "scoped Span<byte> good", "params ReadOnlySpan<int> good", "Right good", "KernelEvent good",
        "DomainLink<IOther> good", "int @in, Plain frame, long reply, RRef<int> gate, RRef<int> target, PageBuffer context2",
        "int good = 3",
    };

    public static TheoryData<string, string> BadMembers => new()
    {
        { "Reply<int, Error> {|RL0201:M|}();", "ISample.M must take 'CallContext context' as its first parameter" },
        { "Reply<int, Error> M(int {|RL0201:first|}, CallContext {|RL0203:context|});", "first parameter" },
        { "Reply<int, Error> M(in CallContext {|RL0201:context|});", "by value" },
        { "int {|RL0202:M|}(CallContext context);", "ISample.M returns 'int' and must return Reply<TValue, TError>" },
        { "void {|RL0202:M|}(CallContext context);", "returns 'void'" },
        { "Task<Reply<int, Error>> {|RL0202:M|}(CallContext context);", "must return Reply" },
        { "ref Reply<int, Error> {|RL0202:M|}(CallContext context);", "must return Reply" },
        { "Reply<Hidden, Error> {|RL0206:M|}(CallContext context);", "value of type 'Hidden' may not cross: its field 'Block'" },
        { "Reply<RRef<Hidden>, Error> {|RL0206:M|}(CallContext context);", "of the block's content" },
        { "Reply<int, ByteError> {|RL0207:M|}(CallContext context);", "is an enum of byte, not of int" },
        { "Reply<int, NoZero> {|RL0207:M|}(CallContext context);", "has no member 0" },
        { "Reply<int, Negative> {|RL0207:M|}(CallContext context);", "has a negative member" },
        { "int {|RL0208:Size|} { get; }", "ISample.Size is a property" },
        { "event Action {|RL0208:Changed|};", "is an event" },
        { "int {|RL0208:this|}[int index] { get; }", "an indexer" },
        { "Reply<int, Error> {|RL0208:M|}<T>(CallContext context);", "is a generic method" },
        { "static int {|RL0208:M|}() => 1;", "is static" },
        { "Reply<int, Error> {|RL0208:M|}(CallContext context) => 1;", "would run in the caller" },
    };

    public static TheoryData<string, string> BadInterfaces => new()
    {
        { "[DomainContract] public interface {|RL0209:ISample|}<T> { }", "Contract ISample is generic" },
        { "public class Outer { [DomainContract] public interface {|RL0209:ISample|} { } }", "is not visible in its namespace" },
        { "[DomainContract] file interface {|RL0209:ISample|} { }", "is not visible in its namespace" },
        { "[DomainContract] public interface {|RL0209:Sample|} { }", "begin it with 'I' and a capital letter" },
        { "[DomainContract] public interface {|RL0209:ISample|} : IDisposable { }", "extends IDisposable, which is no contract" },
    };

    [Theory]
    [MemberData(nameof(BadParameters))]
    public void Parameter_ThatMayNotCross_IsReportedWithRuleAndWayOut(string parameter, string explanation)
    {
        Expect(
            "public unsafe struct Addressed { public byte* Start; }\n"
            + $"[DomainContract] public unsafe interface ISample {{ Reply<int, Error> M(CallContext context, {parameter}); }}",
            "ISample.M: parameter 'bad' of type",
            explanation);
    }

    [Theory]
    [MemberData(nameof(BadMembers))]
    public void Member_ThatIsNoPlainMethod_IsReported(string member, string explanation) =>
        Expect($"[DomainContract] public interface ISample {{ {member} }}", explanation);

    [Theory]
    [MemberData(nameof(BadInterfaces))]
    public void Interface_ThatIsNotPlain_IsReported(string declaration, string explanation) => Expect(declaration, explanation);

    [Theory]
    [MemberData(nameof(GoodParameters))]
    public void Parameter_ThatMayCross_IsSilentAndItsProxyCompiles(string parameters)
    {
        string source = Prelude
            + $"[DomainContract] public interface ISample {{ Reply<Plain, Error> M(CallContext context, {parameters}); }}";

        Assert.Empty(GeneratorHarness.Analyze(source));
        Assert.DoesNotContain(GeneratorHarness.Generate(source).Complaints, d => d.Severity == DiagnosticSeverity.Error);
    }

    [Fact]
    public void Interface_WithoutTheAttribute_IsNobodysBusiness() =>
        Assert.Empty(GeneratorHarness.Analyze(Prelude + "public interface ISample { string M(object anything); }"));

    [Fact]
    public void Rules_All_AreErrorsWithAPageAndCannotBeSwitchedOff()
    {
        foreach (DiagnosticDescriptor rule in new ContractAnalyzer().SupportedDiagnostics)
        {
            Assert.Equal(DiagnosticSeverity.Error, rule.DefaultSeverity);
            Assert.Equal($"docs/rules/{rule.Id}.md", rule.HelpLinkUri);
            Assert.Contains(WellKnownDiagnosticTags.NotConfigurable, rule.CustomTags);
        }
    }

    [Fact]
    public void Contract_ThatBreaksARule_GetsNoProxySoThatOnlyTheRuleSpeaks()
    {
        string source = Prelude + "[DomainContract] public interface ISample { void M(string text); }";

        Assert.Empty(GeneratorHarness.Generate(source).Complaints);
    }

    private static void Expect(string marked, params string[] fragments)
    {
        MarkedSource source = MarkedSource.Parse(Prelude + marked);
        Diagnostic[] found = GeneratorHarness.Analyze(source.Text);

        Assert.Equal(source.Findings, found.Select(d => (d.Id, d.Location.SourceSpan)));
        string messages = string.Join('\n', found.Select(d => d.GetMessage()));
        Assert.All(fragments, fragment => Assert.Contains(fragment, messages, StringComparison.Ordinal));
    }
}
