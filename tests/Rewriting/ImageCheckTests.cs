using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using FsCheck;
using FsCheck.Fluent;
using RedLeafSharp.Rewriting;
using Xunit;

namespace RedLeafSharp.Tests.Rewriting;

/// <summary>What is no image, or one with native code, is refused in one line; damage never leads to another exception.</summary>
public sealed class ImageCheckTests
{
    private static readonly CompiledSample Sample = CompiledSample.Of(LanguageSample.Source);

    [Fact]
    public void Plant_ReadyToRunImage_IsRefusedByName()
    {
        byte[] image = File.ReadAllBytes(typeof(Enumerable).Assembly.Location);
        var exception = Assert.Throws<ImageException>(() => FaultSiteRewriter.Plant(image, null, "System.Linq.dll"));
        Assert.StartsWith("System.Linq.dll: a ReadyToRun image", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Plant_MixedModeFlags_AreRefused()
    {
        byte[] image = [.. Sample.Assembly];
        using var reader = new System.Reflection.PortableExecutable.PEReader(new MemoryStream(Sample.Assembly));

        // ECMA-335 II.25.3.3: the flags are 16 bytes into the CLI header; bit 0 is ILONLY.
        image[reader.PEHeaders.CorHeaderStartOffset + 16] &= 0xFE;
        var exception = Assert.Throws<ImageException>(() => FaultSiteRewriter.Plant(image, Sample.Symbols, "mixed.dll"));
        Assert.StartsWith("mixed.dll: a mixed-mode image", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(700)]
    [InlineData(3000)]
    public void Plant_TruncatedImage_IsRefusedInOneLine(int lengthBytes)
    {
        var exception = Assert.Throws<ImageException>(
            () => FaultSiteRewriter.Plant(Sample.Assembly[..lengthBytes], Sample.Symbols, "cut.dll"));
        Assert.StartsWith("cut.dll: ", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public void Plant_SymbolsOfAnotherImage_AreRefused()
    {
        CompiledSample other = CompiledSample.Of("public static class Other { public static int One() { return 1; } }");
        Assert.Throws<ImageException>(() => FaultSiteRewriter.Plant(Sample.Assembly, other.Symbols, "pair.dll"));
    }

    /// <summary>The library that writes symbols follows imports to their parents by recursion.</summary>
    [Fact]
    public void Plant_SymbolsWhoseImportsAreTheirOwnParents_AreRewritten()
    {
        byte[] symbols = [.. Sample.Symbols];
        using var provider = MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(Sample.Symbols));
        MetadataReader reader = provider.GetMetadataReader();
        int first = reader.GetTableMetadataOffset(TableIndex.ImportScope);
        for (int row = 1; row <= reader.ImportScopes.Count; row++)
        {
            symbols[first + ((row - 1) * reader.GetTableRowSize(TableIndex.ImportScope))] = (byte)row;
        }

        Assert.True(IsHandled(Sample.Assembly, symbols));
    }

    [Fact]
    public void Plant_Symbols_KeepLinesAndNamesOnly()
    {
        using var provider = MetadataReaderProvider.FromPortablePdbStream(
            new MemoryStream(FaultSiteRewriter.Plant(Sample.Assembly, Sample.Symbols, "lines.dll").Symbols!));
        MetadataReader reader = provider.GetMetadataReader();

        Assert.NotEmpty(reader.LocalVariables);
        Assert.Empty(reader.LocalConstants);
        Assert.Empty(reader.CustomDebugInformation);
        Assert.All(reader.ImportScopes, handle => Assert.True(reader.GetImportScope(handle).Parent.IsNil));
    }

    [Fact]
    public void Plant_MutatedSymbols_IsRewrittenOrRefused() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(50).WithReplay(20201104, 1),
            Prop.ForAll(Mutations(Sample.Symbols.Length).ToArbitrary(), edits => IsHandled(Sample.Assembly, Mutated(Sample.Symbols, edits))));

    private static Gen<(int Offset, byte Value)[]> Mutations(int length) =>
        Gen.Choose(0, length - 1)
            .SelectMany(_ => Gen.Choose(0, 255), (offset, value) => (offset, (byte)value))
            .ArrayOf()
            .Where(edits => edits.Length is > 0 and <= 16);

    private static byte[] Mutated(byte[] image, (int Offset, byte Value)[] edits)
    {
        byte[] copy = [.. image];
        foreach ((int offset, byte value) in edits)
        {
            copy[offset] = value;
        }

        return copy;
    }

    private static bool IsHandled(byte[] assembly, byte[] symbols)
    {
        try
        {
            return FaultSiteRewriter.Plant(assembly, symbols, "mutated.dll").Assembly.Length > 0;
        }
        catch (ImageException exception)
        {
            return exception.Message.StartsWith("mutated.dll: ", StringComparison.Ordinal);
        }
    }
}
