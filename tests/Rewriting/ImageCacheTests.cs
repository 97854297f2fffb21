using RedLeafSharp.Rewriting;
using Xunit;

namespace RedLeafSharp.Tests.Rewriting;

public sealed class ImageCacheTests
{
    private static readonly RewrittenImage Image = new([], null, []);

    [Fact]
    public void Plant_SameContentTwice_IsRewrittenOnce()
    {
        CompiledSample sample = CompiledSample.Of("public static class Twice { public static int One() { return 1; } }");
        RewrittenImage first = FaultSiteRewriter.Plant(sample.Assembly, sample.Symbols);

        Assert.Same(first, FaultSiteRewriter.Plant([.. sample.Assembly], [.. sample.Symbols]));
        Assert.NotSame(first, FaultSiteRewriter.Plant(sample.Assembly, null));
    }

    [Fact]
    public void Add_Full_DropsTheLongestUnused()
    {
        var cache = new ImageCache(2);
        cache.Add(1, Image);
        cache.Add(2, Image);
        Assert.True(cache.TryGet(1, out _));
        cache.Add(3, Image);

        Assert.True(cache.TryGet(1, out _));
        Assert.False(cache.TryGet(2, out _));
        Assert.True(cache.TryGet(3, out _));
        Assert.Equal(2, cache.Count);
    }

    [Fact]
    public void Add_Twice_KeepsTheFirst()
    {
        var cache = new ImageCache(2);
        cache.Add(1, Image);
        cache.Add(1, Image with { Symbols = [] });
        Assert.True(cache.TryGet(1, out RewrittenImage? image));
        Assert.Same(Image, image);
    }

    [Fact]
    public void Bind_ImageWithoutSites_IsRefused() =>
        Assert.Throws<ArgumentException>(() => FaultSiteRewriter.Bind(typeof(ImageCache).Assembly, new FaultTrigger()));
}
