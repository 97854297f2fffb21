using System.Diagnostics;
using System.Reflection;
using Microsoft.CodeAnalysis;
using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Rewriting;
using RedLeafSharp.Safepoints;
using RedLeafSharp.Tests.Systems;
using Xunit;

namespace RedLeafSharp.Tests.Rewriting;

public sealed class SafepointPlanterTests
{
    private const RewritePasses All = RewritePasses.Safepoints | RewritePasses.FaultSites;

    /// <summary>Kept, as a load context keeps its own; the image would read freed memory otherwise.</summary>
    private readonly PollWord word = new();

    [Theory]
    [InlineData(OptimizationLevel.Release, RewritePasses.Safepoints, false)]
    [InlineData(OptimizationLevel.Debug, RewritePasses.Safepoints, false)]
    [InlineData(OptimizationLevel.Release, RewritePasses.Safepoints, true)]
    [InlineData(OptimizationLevel.Release, All, false)]
    [InlineData(OptimizationLevel.Debug, All, true)]
    internal void Plant_EveryShapeOfControlFlow_ComputesTheSame(OptimizationLevel level, RewritePasses passes, bool isRaised)
    {
        CompiledSample sample = CompiledSample.Of(LanguageSample.Source, level);
        using var original = new LoadedImage(sample.Assembly, sample.Symbols);
        using LoadedImage rewritten = Load(ImageRewriter.Rewrite(sample.Assembly, sample.Symbols, "sample.dll", passes));
        if (isRaised)
        {
            // On a thread of the host every slow path is taken, and decides nothing.
            word.Raise();
        }

        Assert.Equal(original.Bind<Func<string>>("Sample", "Run")(), rewritten.Bind<Func<string>>("Sample", "Run")());
        Assert.Equal(original.Assembly.GetType("Sample")!.GetField("Closed")!.GetValue(null), rewritten.Assembly.GetType("Sample")!.GetField("Closed")!.GetValue(null));
    }

    [Theory]
    [MemberData(nameof(RealImageTests.Images), MemberType = typeof(RealImageTests))]
    public void Plant_RealImage_EveryMethodCompilesAndLinesStay(string file)
    {
        string path = Path.Combine(AppContext.BaseDirectory, file);
        string symbolPath = Path.ChangeExtension(path, ".pdb");
        byte[]? symbols = File.Exists(symbolPath) ? File.ReadAllBytes(symbolPath) : null;
        byte[] assembly = File.ReadAllBytes(path);
        using var original = new LoadedImage(assembly, symbols);
        RewrittenImage image = ImageRewriter.RewriteNew(assembly, symbols, file, RewritePasses.Safepoints);
        using LoadedImage rewritten = Load(image);

        const int PlantedMethods = 4;
        Assert.Equal(original.PrepareAll() + PlantedMethods, rewritten.PrepareAll());
        if (symbols is not null)
        {
            Assert.Equal(SymbolReading.PointsByMethod(symbols), SymbolReading.PointsByMethod(image.Symbols!));
        }
    }

    [Theory]
    [InlineData(900, false)]
    [InlineData(1_100, true)]
    public void Plant_LongMethod_IsCompiledWithoutOptimisation(int subtractions, bool isMarked)
    {
        string chain = string.Concat(Enumerable.Repeat("n -= m;", subtractions / 2));
        CompiledSample sample = CompiledSample.Of($"public class C {{ public int M(int n, int m) {{ {chain} return n; }} }}", OptimizationLevel.Release);
        using LoadedImage rewritten = Load(ImageRewriter.RewriteNew(sample.Assembly, sample.Symbols, "sample.dll", RewritePasses.Safepoints));
        MethodImplAttributes flags = rewritten.Assembly.GetType("C")!.GetMethod("M")!.MethodImplementationFlags;

        Assert.Equal(isMarked, flags.HasFlag(MethodImplAttributes.NoOptimization));
    }

    [Theory]
    [InlineData(5, true)]
    [InlineData(40, false)]
    public void Plant_MethodThatAsksToBeInlined_MayOnlyIfShort(int subtractions, bool isKept)
    {
        string chain = string.Concat(Enumerable.Repeat("n -= m;", subtractions));
        CompiledSample sample = CompiledSample.Of(
            $"using System.Runtime.CompilerServices; public class C {{ [MethodImpl(MethodImplOptions.AggressiveInlining)] public int M(int n, int m) {{ {chain} return n; }} }}",
            OptimizationLevel.Release);
        using LoadedImage rewritten = Load(ImageRewriter.RewriteNew(sample.Assembly, sample.Symbols, "sample.dll", RewritePasses.Safepoints));
        MethodImplAttributes flags = rewritten.Assembly.GetType("C")!.GetMethod("M")!.MethodImplementationFlags;

        Assert.Equal(isKept, flags.HasFlag(MethodImplAttributes.AggressiveInlining));
    }

    /// <summary>Methods of our own domains are optimised, with everything planted, and none is near the bound.</summary>
    [Fact]
    public void Plant_OwnDomains_AreAllOptimised()
    {
        foreach (string path in Directory.GetFiles(TestSystem.DomainsFolder, "RedLeafSharp.*.dll", SearchOption.AllDirectories))
        {
            RewrittenImage image = ImageRewriter.Rewrite(File.ReadAllBytes(path), null, path, All);
            using var module = Mono.Cecil.ModuleDefinition.ReadModule(new MemoryStream(image.Assembly));
            int longest = module.GetTypes().SelectMany(type => type.Methods).Where(method => method.HasBody)
                .Max(method => method.Body.Instructions.Count);

            Assert.InRange(longest, 1, CompilationBound.OptimizedInstructionsMax / 2);
        }
    }

    [Fact]
    public void Plant_MethodThatThrows_FramesShowTheOriginalLines()
    {
        const string Source = """
            using System;
            public static class Sample
            {
                public static int Run(int[] values)
                {
                    int sum = 0;
                    foreach (int value in values)
                    {
                        try { sum += 100 / value; }
                        catch (FormatException) { sum = -1; }
                    }
                    return sum;
                }
            }
            """;
        CompiledSample sample = CompiledSample.Of(Source);
        using LoadedImage loaded = Load(ImageRewriter.Rewrite(sample.Assembly, sample.Symbols, "sample.dll", RewritePasses.Safepoints));
        Func<int[], int> run = loaded.Bind<Func<int[], int>>("Sample", "Run");
        StackFrame thrower = new StackTrace(Assert.Throws<DivideByZeroException>(() => run([5, 0])), fNeedFileInfo: true).GetFrame(0)!;
        Assert.Equal((CompiledSample.SourcePath, 9), (thrower.GetFileName(), thrower.GetFileLineNumber()));
        Assert.Equal(30, run([5, 10]));
    }

    [Fact]
    public void Instantiate_DomainWithThePlaceholderInItsCode_ChangesPlantedConstantsOnly()
    {
        string source = $"public static class Sample {{ public static long Run() => {SafepointSpec.WordPlaceholder}L + {SafepointSpec.LimitPlaceholder}; }}";
        CompiledSample sample = CompiledSample.Of(source);
        RewrittenImage image = ImageRewriter.Rewrite(sample.Assembly, sample.Symbols, "sample.dll", RewritePasses.Safepoints);
        using LoadedImage loaded = Load(image);
        Assert.Equal(SafepointSpec.WordPlaceholder + SafepointSpec.LimitPlaceholder, loaded.Bind<Func<long>>("Sample", "Run")());
        Assert.Equal((3, true), (image.Patches!.Words.Count, image.Patches.Limit > 0));
    }

    [Fact]
    public void Plant_ImageThatBringsThePlantedClass_IsRefused()
    {
        CompiledSample sample = CompiledSample.Of("public static class Sample { public static int Run() => 1; }");
        RewrittenImage image = ImageRewriter.Rewrite(sample.Assembly, sample.Symbols, "sample.dll", RewritePasses.Safepoints);
        var exception = Assert.Throws<ImageException>(
            () => ImageRewriter.Rewrite(image.Assembly, image.Symbols, "twice.dll", RewritePasses.Safepoints));
        Assert.StartsWith("twice.dll: it has a class <Safepoints>", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Plant_FinallyWithoutAnEnd_IsSkippedWhereItStarts()
    {
        const string Source = """
            using System;
            public static class Sample
            {
                public static int Run(bool ends)
                {
                    try { try { return 1; } finally { if (!ends) { throw new FormatException(); } } }
                    catch (FormatException) { try { return 2; } finally { try { Run(true); } finally { Run(true); } } }
                }
                public static void Throws() { try { Run(true); } finally { throw new FormatException(); } }
            }
            """;
        CompiledSample sample = CompiledSample.Of(Source);
        using LoadedImage loaded = Load(ImageRewriter.Rewrite(sample.Assembly, sample.Symbols, "sample.dll", RewritePasses.Safepoints));
        Func<bool, int> run = loaded.Bind<Func<bool, int>>("Sample", "Run");
        Assert.Equal((1, 2), (run(true), run(false)));
        Assert.Throws<FormatException>(loaded.Bind<Action>("Sample", "Throws"));
    }

    private LoadedImage Load(RewrittenImage image) =>
        new(image.Instantiate(word, StackBudget.LimitOf(StackBudget.StepsMax)), image.Symbols);
}
