using RedLeafSharp.Rewriting;
using Xunit;

namespace RedLeafSharp.Tests.Rewriting;

/// <summary>Images that were not written for these tests: every domain of the system, and libraries of other compilers' makers.</summary>
public sealed class RealImageTests
{
    public static TheoryData<string> Images()
    {
        string[] domains = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "domains"), "RedLeafSharp.*.dll", SearchOption.AllDirectories);
        var images = new TheoryData<string>("RedLeafSharp.Kernel.dll", "Serilog.dll", "Mono.Cecil.dll");
        foreach (string path in domains)
        {
            images.Add(Path.GetRelativePath(AppContext.BaseDirectory, path));
        }

        return images;
    }

    [Theory]
    [MemberData(nameof(Images))]
    public void Plant_RealImage_EveryMethodCompiles(string file)
    {
        string path = Path.Combine(AppContext.BaseDirectory, file);
        string symbolPath = Path.ChangeExtension(path, ".pdb");
        byte[]? symbols = File.Exists(symbolPath) ? File.ReadAllBytes(symbolPath) : null;
        byte[] assembly = File.ReadAllBytes(path);
        using var original = new LoadedImage(assembly, symbols);
        RewrittenImage image = FaultSiteRewriter.Plant(assembly, symbols, file);
        using var rewritten = new LoadedImage(image);

        const int PlantedMethods = 2; // the calls of a fault site and of a mutant
        Assert.Equal(original.PrepareAll() + PlantedMethods, rewritten.PrepareAll());
        if (symbols is not null)
        {
            Assert.Equal(SymbolReading.PointsByMethod(symbols), SymbolReading.PointsByMethod(image.Symbols!));
        }
    }
}
