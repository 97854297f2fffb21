using Microsoft.CodeAnalysis;
using Mono.Cecil;
using Mono.Cecil.Cil;
using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Rewriting;
using RedLeafSharp.Safepoints;
using RedLeafSharp.Tests.Systems;
using Xunit;

namespace RedLeafSharp.Tests.Rewriting;

/// <summary>Images in which each method is there twice, as its author wrote it and with fault sites.</summary>
public sealed class BodyVersionsTests
{
    private const RewritePasses Passes = RewritePasses.Safepoints | RewritePasses.FaultSites;

    /// <summary>Kept, as a load context keeps its own; the image would read freed memory otherwise.</summary>
    private readonly PollWord word = new();

    public static TheoryData<string> Domains() =>
        [.. Directory.GetFiles(TestSystem.DomainsFolder, "RedLeafSharp.*.dll", SearchOption.AllDirectories).Select(path => Path.GetFileName(path))];

    /// <summary>Whatever calls lead to a site in an image with one version of everything, they do in one with two.</summary>
    [Theory]
    [InlineData(OptimizationLevel.Release)]
    [InlineData(OptimizationLevel.Debug)]
    public void Sites_Armed_FireWhereTheyDoInOneVersion(OptimizationLevel level)
    {
        CompiledSample sample = CompiledSample.Of(LanguageSample.Source, level);
        RewrittenImage one = FaultSiteRewriter.Plant(sample.Assembly, sample.Symbols);
        RewrittenImage two = ImageRewriter.RewriteNew(sample.Assembly, sample.Symbols, "sample.dll", Passes);
        using var loadedOne = new LoadedImage(one);
        using LoadedImage loadedTwo = Load(two);
        Assert.Equal(one.Sites, two.Sites);

        Assert.Equal(Fired(loadedOne, "Run", one.Sites), Fired(loadedTwo, "Run" + BodyVersions.CopySuffix, two.Sites));
    }

    [Theory]
    [MemberData(nameof(Domains))]
    public void Image_OfADomain_HasNoSiteInWhatRunsUnarmed(string file)
    {
        using ModuleDefinition module = Rewrite(file);
        string[] sites = [.. from method in MethodsOf(module)
                             where !IsCopy(method) && method is not { IsConstructor: true, IsStatic: true }
                             from instruction in method.Body.Instructions
                             where instruction.Operand is MethodReference { DeclaringType.Name: "<FaultSites>" }
                             select method.FullName];

        Assert.Equal([], sites);
        Assert.Contains(MethodsOf(module), IsCopy);
    }

    /// <summary>A poll is a step of virtual time: a trial must not differ from a run of the system that it is about.</summary>
    [Theory]
    [MemberData(nameof(Domains))]
    public void Image_OfADomain_PollsAsOftenInBothVersions(string file)
    {
        using ModuleDefinition module = Rewrite(file);
        foreach (IGrouping<string, MethodDefinition> pair in MethodsOf(module).GroupBy(KeyOf).Where(group => group.Any(IsCopy)))
        {
            MethodDefinition copy = pair.Single(IsCopy);
            MethodDefinition original = pair.Single(method => method != copy);
            bool isEntry = Calls(original, SafepointSpec.IsArmed) > 0;

            Assert.Equal(Calls(original, SafepointSpec.Poll), Calls(copy, SafepointSpec.Poll) + (isEntry ? 1 : 0));
        }
    }

    [Fact]
    public void Mutants_OfADomain_AreThoseOfOneVersion()
    {
        string path = Path.Combine(TestSystem.DomainsFolder, "Nvme", "RedLeafSharp.Drivers.Nvme.dll");
        (byte[] assembly, byte[] symbols) = (File.ReadAllBytes(path), File.ReadAllBytes(Path.ChangeExtension(path, ".pdb")));

        IReadOnlyList<Mutant> one = ImageRewriter.RewriteNew(assembly, symbols, path, RewritePasses.None, _ => true).Mutants;

        Assert.Equal(one, ImageRewriter.RewriteNew(assembly, symbols, path, RewritePasses.Safepoints, _ => true).Mutants);
    }

    [Fact]
    public void Word_OfAGeneration_IsSetWhileSomethingIsArmed()
    {
        var trigger = new FaultTrigger();
        trigger.Tell(word);
        Assert.False(word.IsArmed);
        trigger.ArmAfter(1);
        Assert.True(word.IsArmed);
        Assert.Throws<InjectedFaultException>(() => FaultTrigger.Hit(trigger, 1));
        Assert.False(word.IsArmed);
        trigger.ArmAt(3);
        var next = new PollWord();
        trigger.Tell(next);
        Assert.True(next.IsArmed);
        Assert.True(trigger.Disarm());
        Assert.False(word.IsArmed || next.IsArmed);
        Assert.False(word.IsRaised);
    }

    /// <param name="loaded">The image.</param>
    /// <param name="method">Where it begins: a static method is none that a kernel calls, and does not choose.</param>
    /// <param name="sites">The image's sites.</param>
    private static List<(string, int)> Fired(LoadedImage loaded, string method, IReadOnlyList<FaultSite> sites)
    {
        Func<string> run = loaded.Bind<Func<string>>("Sample", method);
        run();
        var fired = new List<(string, int)>();
        foreach (FaultSite site in sites)
        {
            loaded.Trigger.ArmAt(site.Id);
            _ = Record.Exception(() => run());
            if (!loaded.Trigger.Disarm())
            {
                fired.Add((site.Method, site.ILOffset));
            }
        }

        Assert.InRange(fired.Count, 120, sites.Count);
        return fired;
    }

    private static ModuleDefinition Rewrite(string file)
    {
        string path = Directory.GetFiles(TestSystem.DomainsFolder, file, SearchOption.AllDirectories).First();
        RewrittenImage image = ImageRewriter.Rewrite(File.ReadAllBytes(path), File.ReadAllBytes(Path.ChangeExtension(path, ".pdb")), path, Passes);
        return ModuleDefinition.ReadModule(new MemoryStream(image.Assembly));
    }

    private static IEnumerable<MethodDefinition> MethodsOf(ModuleDefinition module) =>
        module.GetTypes().Where(type => !type.Name.StartsWith("<FaultSites>", StringComparison.Ordinal) && type.Name != SafepointSpec.HolderName)
            .SelectMany(type => type.Methods).Where(method => method.HasBody);

    private static bool IsCopy(MethodDefinition method) => method.Name.EndsWith(BodyVersions.CopySuffix, StringComparison.Ordinal)
        || (method.Parameters.Count > 0 && method.Parameters[^1].ParameterType.Name == "<FaultSites>");

    private static string KeyOf(MethodDefinition method) =>
        $"{method.DeclaringType.FullName}.{BodyVersions.NameOf(method)}`{method.GenericParameters.Count}("
        + string.Join(',', method.Parameters.Select(parameter => parameter.ParameterType.FullName).Where(type => !type.Contains("<FaultSites>"))) + ")";

    private static int Calls(MethodDefinition method, string planted) => method.Body.Instructions.Count(instruction =>
        instruction.OpCode.Code == Code.Call && instruction.Operand is MethodReference { DeclaringType.Name: SafepointSpec.HolderName } called
        && called.Name == planted);

    private LoadedImage Load(RewrittenImage image)
    {
        var loaded = new LoadedImage(image.Instantiate(word, StackBudget.LimitOf(StackBudget.StepsMax)), image.Symbols);
        FaultSiteRewriter.Bind(loaded.Assembly, loaded.Trigger, word);
        return loaded;
    }
}
