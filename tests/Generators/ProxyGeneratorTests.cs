using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RedLeafSharp.Contracts;
using Xunit;

namespace RedLeafSharp.Tests.Generators;

public sealed class ProxyGeneratorTests
{
    private const string Clock =
        """
        using RedLeafSharp;
        using RedLeafSharp.Contracts;
        namespace Sample;
        public enum ClockError { None, NotSet }
        [DomainContract] public interface IClock { Reply<long, ClockError> Read(CallContext context, RRef<int> zone); }
        """;

    private const string Bystander = "namespace Sample; public static class Bystander { public const int Value = 1; }";

    [Fact]
    public void Contract_InOneFileOfItsOwn_HasAProxyAndAnEntryInTheTable()
    {
        var (compilation, complaints) = GeneratorHarness.Generate(
            Clock,
            """
            using RedLeafSharp;
            using RedLeafSharp.Contracts;
            namespace Sample;
            internal static class Loader
            {
                internal static IClock Wrap(IClock clock, DomainGate gate) =>
                    (IClock)RedLeafSharp.Bench.ContractProxies.Create(typeof(IClock), clock, gate);

                internal static IClock WrapDirectly(IClock clock, DomainGate gate) => new ClockProxy(clock, gate);
            }
            """);

        Assert.Empty(complaints);
        Assert.NotNull(compilation.GetTypeByMetadataName("Sample.ClockProxy"));
    }

    [Fact]
    public void Assembly_WithoutContracts_GetsNothing() =>
        Assert.Single(GeneratorHarness.Generate(Bystander).Compilation.SyntaxTrees);

    [Fact]
    public void Contract_InTheGlobalNamespace_Compiles() => Assert.Empty(GeneratorHarness.Generate(
        Clock,
        "[RedLeafSharp.Contracts.DomainContract] public interface IBare : Sample.IClock { }").Complaints);

    [Fact]
    public void Contracts_AllOfThisSystem_HaveTheirProxyInTheTable()
    {
        Type[] marked = [.. typeof(IDomain).Assembly.GetTypes().Where(t => t.IsDefined(typeof(DomainContractAttribute), false))];

        Assert.NotEmpty(marked);
        Assert.Equal(marked.OrderBy(t => t.Name), Contracts.ContractProxies.All.OrderBy(t => t.Name));
        Assert.All(marked, contract => Assert.True(Contracts.ContractProxies.IsContract(contract)));
        Assert.False(Contracts.ContractProxies.IsContract(typeof(IDisposable)));
    }

    [Fact]
    public void Edit_OfAnotherFile_LeavesTheProxyAlone()
    {
        CSharpCompilation before = GeneratorHarness.Compile(Clock, Bystander);
        GeneratorDriver driver = GeneratorHarness.Driver().RunGenerators(before);

        driver = driver.RunGenerators(Edit(before, file: 1, "1", "2"));

        Assert.All(OutputReasons(driver), reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));
    }

    [Fact]
    public void Edit_OfTheContract_ChangesTheProxy()
    {
        CSharpCompilation before = GeneratorHarness.Compile(Clock, Bystander);
        GeneratorDriver driver = GeneratorHarness.Driver().RunGenerators(before);

        driver = driver.RunGenerators(Edit(before, file: 0, "zone", "region"));

        Assert.Contains(IncrementalStepRunReason.Modified, OutputReasons(driver));
    }

    private static CSharpCompilation Edit(CSharpCompilation before, int file, string from, string to)
    {
        SyntaxTree tree = before.SyntaxTrees[file];
        SyntaxTree edited = CSharpSyntaxTree.ParseText(
            tree.ToString().Replace(from, to, StringComparison.Ordinal), (CSharpParseOptions)tree.Options, tree.FilePath);
        return before.ReplaceSyntaxTree(tree, edited);
    }

    private static IEnumerable<IncrementalStepRunReason> OutputReasons(GeneratorDriver driver)
    {
        var steps = driver.GetRunResult().Results.Single().TrackedOutputSteps;
        Assert.NotEmpty(steps);
        return steps.SelectMany(step => step.Value).SelectMany(run => run.Outputs).Select(output => output.Reason);
    }
}
