using System.Diagnostics;
using Microsoft.CodeAnalysis;
using RedLeafSharp.Rewriting;
using Xunit;

namespace RedLeafSharp.Tests.Rewriting;

public sealed class FaultSiteRewriterTests
{
    private const string Counting = """
        public static class Sample
        {
            public static int Finallies;

            public static int Count(int limit)
            {
                int sum = 0;
                try
                {
                    for (int i = 0; i < limit; i++)
                    {
                        sum += i;
                    }
                }
                finally
                {
                    Finallies++;
                }

                return sum;
            }
        }
        """;

    [Fact]
    public void Plant_NotBound_RunsAsBefore()
    {
        CompiledSample sample = CompiledSample.Of(Counting);
        RewrittenImage image = FaultSiteRewriter.Plant(sample.Assembly, sample.Symbols);
        using var loaded = new LoadedImage(image.Assembly, image.Symbols);
        Assert.Equal(45, loaded.Bind<Func<int, int>>("Sample", "Count")(10));
    }

    [Theory]
    [InlineData(OptimizationLevel.Release)]
    [InlineData(OptimizationLevel.Debug)]
    public void Plant_ArmedAtLoopBody_ThrowsOnThatLineAndRunsFinally(OptimizationLevel level)
    {
        CompiledSample sample = CompiledSample.Of(Counting, level);
        RewrittenImage image = FaultSiteRewriter.Plant(sample.Assembly, sample.Symbols);
        using var loaded = new LoadedImage(image);
        FaultSite site = Assert.Single(image.Sites, site => site.Line == 12);
        loaded.Trigger.ArmAt(site.Id, occurrence: 3);

        Func<int, int> count = loaded.Bind<Func<int, int>>("Sample", "Count");
        var exception = Assert.Throws<InjectedFaultException>(() => count(10));

        StackFrame thrower = new StackTrace(exception, fNeedFileInfo: true).GetFrames()
            .First(frame => frame.GetMethod()?.DeclaringType?.Name == "Sample");
        Assert.Equal((CompiledSample.SourcePath, 12), (thrower.GetFileName(), thrower.GetFileLineNumber()));
        Assert.Equal(1, loaded.Assembly.GetType("Sample")!.GetField("Finallies")!.GetValue(null));
        Assert.Equal(site.Id, loaded.Trigger.LastFiring!.Site);
        Assert.Equal(45, count(10));
    }
}
