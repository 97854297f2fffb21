using Microsoft.CodeAnalysis;
using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Rewriting;
using RedLeafSharp.Tests.Rewriting;
using RedLeafSharp.Tests.Systems;
using Xunit;
using Xunit.Abstractions;

namespace RedLeafSharp.Tests.Lab.Faults;

/// <summary>Mistakes planted into IL: each does what the mistake in the source would, and none does anything before it is armed.</summary>
public sealed class MutantTests(ITestOutputHelper output)
{
    /// <summary>Compiling takes its time.</summary>
    private const int CompareOneIn = 3;

    [Theory]
    [InlineData(OptimizationLevel.Release)]
    [InlineData(OptimizationLevel.Debug)]
    public void Mutants_NotArmed_ChangeNothing(OptimizationLevel level)
    {
        CompiledSample sample = CompiledSample.Of(MutantSample.Source, level);
        using var original = new LoadedImage(sample.Assembly, sample.Symbols);
        using var mutated = new LoadedImage(Mutate(sample));
        mutated.PrepareAll();
        Assert.Equal(RunOf(original), RunOf(mutated));
    }

    [Fact]
    public void Mutants_Armed_DoWhatTheMistakeInTheSourceDoes()
    {
        const OptimizationLevel Level = OptimizationLevel.Release;
        CompiledSample sample = CompiledSample.Of(MutantSample.Source, Level);
        RewrittenImage image = Mutate(sample);
        var compared = new List<(Mutant Mutant, bool IsEqual)>();
        foreach (Mutant mutant in image.Mutants.Where(mutant => mutant.Id % CompareOneIn == 0 && !mutant.Method.EndsWith(".Burn", StringComparison.Ordinal)))
        {
            if (SourceMutation.Apply(MutantSample.Source, mutant) is { } source && TryCompile(source, Level) is { } wrong)
            {
                using var recompiled = new LoadedImage(wrong.Assembly, wrong.Symbols);
                using var mutated = new LoadedImage(image);
                mutated.Trigger.Follow(new Armed(mutant.Id));
                compared.Add((mutant, RunOf(recompiled) == RunOf(mutated)));
            }
        }

        foreach ((Mutant mutant, _) in compared.Where(one => !one.IsEqual))
        {
            output.WriteLine($"{mutant.Operator} {mutant}: {mutant.Effect}");
        }

        int equal = compared.Count(one => one.IsEqual);
        output.WriteLine($"{equal} of {compared.Count} equal, {image.Mutants.Count} mutants");
        Assert.True(compared.Count >= 20, $"{compared.Count} compared");
        Assert.True(equal >= 0.95 * compared.Count, $"{equal} of {compared.Count}");
    }

    /// <summary>Each mutant of the driver can be loaded, so the verifier has accepted the image with all of them.</summary>
    [Fact]
    public void Driver_WithAllItsMutants_IsAcceptedByTheVerifier()
    {
        RewrittenImage image = new CodePool().Read(Path.Combine(TestSystem.DomainsFolder, "Nvme")).CodeWithMutants;
        Assert.InRange(image.Mutants.Count, 800, 5000);
        Assert.Equal(image.Mutants.Count, image.Mutants.Select(mutant => mutant.Id).Distinct().Count());
        Assert.InRange(image.Mutants.Select(mutant => mutant.Operator).Distinct().Count(), 22, 24);
    }

    private static RewrittenImage Mutate(CompiledSample sample) =>
        ImageRewriter.RewriteNew(sample.Assembly, sample.Symbols, "sample", RewritePasses.None, _ => true);

    private static CompiledSample? TryCompile(string source, OptimizationLevel level)
    {
        try
        {
            return CompiledSample.Of(source, level);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string RunOf(LoadedImage image) => Result(image.Bind<Func<string>>("Sample", "Run"));

    private static string Result(Func<string> run)
    {
        try
        {
            return run();
        }
        catch (Exception exception)
        {
            return exception.GetType().Name;
        }
    }

    private sealed class Armed(int id) : FaultScript
    {
        internal override void OnHit(FaultTrigger trigger, int site)
        {
        }

        internal override bool IsMutated(int mutant) => mutant == id;
    }
}
