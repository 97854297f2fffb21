using System.Diagnostics;
using Microsoft.CodeAnalysis;
using RedLeafSharp.Rewriting;
using Xunit;

namespace RedLeafSharp.Tests.Rewriting;

/// <summary>The whole of <see cref="LanguageSample"/>, with every site of it fired once.</summary>
public sealed class FaultSiteCoverageTests
{
    [Theory]
    [InlineData(OptimizationLevel.Release, true)]
    [InlineData(OptimizationLevel.Debug, true)]
    [InlineData(OptimizationLevel.Release, false)]
    [InlineData(OptimizationLevel.Debug, false)]
    public void Plant_Disarmed_BehavesAsBefore(OptimizationLevel level, bool hasSymbols)
    {
        CompiledSample sample = CompiledSample.Of(LanguageSample.Source, level);
        using var original = new LoadedImage(sample.Assembly, sample.Symbols);
        using var rewritten = new LoadedImage(FaultSiteRewriter.Plant(sample.Assembly, hasSymbols ? sample.Symbols : null));

        rewritten.PrepareAll();

        Assert.Equal(original.Bind<Func<string>>("Sample", "Run")(), rewritten.Bind<Func<string>>("Sample", "Run")());
    }

    [Theory]
    [InlineData(OptimizationLevel.Release, true)]
    [InlineData(OptimizationLevel.Debug, true)]
    [InlineData(OptimizationLevel.Release, false)]
    [InlineData(OptimizationLevel.Debug, false)]
    public void Plant_EachSiteArmed_FiresThereAndFinallyBlocksRun(OptimizationLevel level, bool hasSymbols)
    {
        CompiledSample sample = CompiledSample.Of(LanguageSample.Source, level);
        RewrittenImage image = FaultSiteRewriter.Plant(sample.Assembly, hasSymbols ? sample.Symbols : null);
        using var loaded = new LoadedImage(image);
        HashSet<(string, int)> firedLines = [.. image.Sites.Where(site => Fires(loaded, site)).Select(site => (site.Method, site.Line))];

        Assert.True(image.Sites.Count > 120, $"{image.Sites.Count} sites");

        Assert.Equal([], image.Sites.Where(site => !firedLines.Contains((site.Method, site.Line)) && !IsCompilers(site)));
    }

    [Fact]
    public void Plant_EachSiteArmedInDebugBuild_StackTraceShowsTheLineOfTheSite()
    {
        CompiledSample sample = CompiledSample.Of(LanguageSample.Source, OptimizationLevel.Debug);
        RewrittenImage image = FaultSiteRewriter.Plant(sample.Assembly, sample.Symbols);
        using var loaded = new LoadedImage(image);
        Func<string> run = loaded.Bind<Func<string>>("Sample", "Run");
        int fired = 0;
        foreach (FaultSite site in image.Sites)
        {
            loaded.Trigger.ArmAt(site.Id);
            if (Record.Exception(() => run()) is { } exception)
            {
                fired++;
                Assert.Equal((site.ToString(), site.Line), (site.ToString(), LineOf(exception, loaded)));
            }
        }

        Assert.True(fired > 120, $"{fired} sites fired");
    }

    [Fact]
    public void Plant_EveryHitNumberArmed_FiresOnceEach()
    {
        CompiledSample sample = CompiledSample.Of(LanguageSample.Source);
        RewrittenImage image = FaultSiteRewriter.Plant(sample.Assembly, sample.Symbols);
        using var loaded = new LoadedImage(image);
        Func<string> run = loaded.Bind<Func<string>>("Sample", "Run");
        int hits = 1;
        while (true)
        {
            loaded.Trigger.ArmAfter(hits);
            Exception? exception = Record.Exception(() => run());
            if (loaded.Trigger.IsArmed)
            {
                break;
            }

            Assert.Equal((hits, hits), ((int)loaded.Trigger.LastFiring!.Hits, loaded.Trigger.FiringCount));
            Assert.True(exception is InjectedFaultException || IsCalledByFilter(image.Sites[loaded.Trigger.LastFiring.Site]));
            hits++;
        }

        Assert.True(hits > 200, $"{hits} hits in one run");
        Assert.True(loaded.Trigger.Disarm());
    }

    [Fact]
    public void Plant_WithSymbols_KeepsEverySequencePoint()
    {
        CompiledSample sample = CompiledSample.Of(LanguageSample.Source, OptimizationLevel.Debug);
        RewrittenImage image = FaultSiteRewriter.Plant(sample.Assembly, sample.Symbols);

        Assert.Equal(SymbolReading.PointsByMethod(sample.Symbols), SymbolReading.PointsByMethod(image.Symbols!));
    }

    private static bool Fires(LoadedImage loaded, FaultSite site)
    {
        Type type = loaded.Assembly.GetType("Sample")!;
        int Read(string field) => (int)type.GetField(field)!.GetValue(null)!;
        int unbalanced = Read("Opened") - Read("Closed");
        int firings = loaded.Trigger.FiringCount;
        loaded.Trigger.ArmAt(site.Id);
        Exception? exception = Record.Exception(() => loaded.Bind<Func<string>>("Sample", "Run")());
        if (loaded.Trigger.Disarm())
        {
            return false;
        }

        Assert.Equal((firings + 1, site.Id), (loaded.Trigger.FiringCount, loaded.Trigger.LastFiring!.Site));
        Assert.True((exception as InjectedFaultException)?.Site == site.Id || IsCalledByFilter(site));

        // A fault between "Opened++" and the try, or in the finally before "Closed++", leaves one open: not more.
        Assert.InRange(Read("Opened") - Read("Closed") - unbalanced, 0, 1);
        return true;
    }

    private static int LineOf(Exception exception, LoadedImage loaded) =>
        new StackTrace(exception, fNeedFileInfo: true).GetFrames()
            .Where(frame => frame.GetMethod()?.Module.Assembly == loaded.Assembly)
            .First(frame => frame.GetMethod()!.DeclaringType!.Name != FaultHolder.Name).GetFileLineNumber();

    /// <summary>The runtime swallows what is thrown under a filter; the filter then counts as not matching.</summary>
    private static bool IsCalledByFilter(FaultSite site) => site.Method == "Sample.Accepts";

    /// <summary>Code that the compiler adds, not all of which runs: members of records, iterators' second enumeration.</summary>
    private static bool IsCompilers(FaultSite site) =>
        site.Method.StartsWith("Record.", StringComparison.Ordinal) || (site.Method.Contains('<') && site.Document is null);
}
