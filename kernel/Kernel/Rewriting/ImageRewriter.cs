using System.Security.Cryptography;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace RedLeafSharp.Rewriting;

/// <summary>What is planted into an image.</summary>
[Flags]
internal enum RewritePasses
{
    None = 0,

    /// <summary>What makes running code stoppable. No domain is loaded without it.</summary>
    Safepoints = 1,

    /// <summary>What makes it throw on order, in the lab.</summary>
    FaultSites = 2,
}

/// <summary>Reads an image, plants what is wanted, and writes it: once for each content, however often it is loaded.</summary>
internal static class ImageRewriter
{
    /// <summary>Domains of two systems, with room. A restart must find its image here; more than this is a test suite.</summary>
    private const int CachedImagesMax = 32;

    private static readonly ImageCache Cache = new(CachedImagesMax);

    /// <summary>Rewrites an image, or finds it as it was rewritten before.</summary>
    /// <param name="assembly">The PE image: IL only.</param>
    /// <param name="symbols">Its portable PDB, or null.</param>
    /// <param name="file">What to call the image in messages.</param>
    /// <param name="passes">What is planted.</param>
    /// <exception cref="ImageException">It is no image, not one of IL only, or damaged.</exception>
    internal static RewrittenImage Rewrite(byte[] assembly, byte[]? symbols, string file, RewritePasses passes)
    {
        UInt128 key = KeyOf(assembly, symbols, passes);
        if (!Cache.TryGet(key, out RewrittenImage? image))
        {
            image = RewriteNew(assembly, symbols, file, passes);
            Cache.Add(key, image);
        }

        return image;
    }

    /// <summary>Rewrites without the cache.</summary>
    /// <param name="assembly">As <see cref="Rewrite"/>.</param>
    /// <param name="symbols">As <see cref="Rewrite"/>.</param>
    /// <param name="file">As <see cref="Rewrite"/>.</param>
    /// <param name="passes">As <see cref="Rewrite"/>.</param>
    /// <param name="isMutantWanted">Whether a mutant is planted, by its number; null for none. Not together with sites.</param>
    /// <exception cref="ImageException">As <see cref="Rewrite"/>.</exception>
    internal static RewrittenImage RewriteNew(
        byte[] assembly, byte[]? symbols, string file, RewritePasses passes, Func<int, bool>? isMutantWanted = null)
    {
        ImageCheck.ThrowUnlessPlainIL(assembly, file);
        try
        {
            using ModuleDefinition module = ModuleDefinition.ReadModule(new MemoryStream(assembly), ReaderFor(symbols is null ? null : LineSymbols.Of(assembly, symbols)));

            var faults = new FaultPasses(passes.HasFlag(RewritePasses.FaultSites), isMutantWanted);
            bool isDomain = passes.HasFlag(RewritePasses.Safepoints);
            (List<FaultSite> sites, List<Mutant> mutants) =
                isDomain ? PlantDomain(module, file, faults) : PlantFaults(module, BodyVersions.None(module), new FaultHolder(module), faults);
            RewrittenImage image = Write(module, symbols is not null, sites) with { Mutants = mutants };
            return isDomain ? image with { Patches = PatchPoints.Find(image.Assembly) } : image;
        }
        catch (Exception exception) when (exception is not ImageException)
        {
            // Mono.Cecil documents no exceptions for damaged images and throws whatever the damage leads to. The image comes
            // from outside, so none of them is a defect of the kernel.
            throw new ImageException(file, $"damaged image ({exception.GetType().Name}: {FirstLine(exception)})", exception);
        }
    }

    private static (List<FaultSite> Sites, List<Mutant> Mutants) PlantDomain(ModuleDefinition module, string file, FaultPasses faults)
    {
        // What is planted where depends on what the author has written, and not on what is planted.
        var graph = new CallGraph(module);
        var holder = new SafepointHolder(module, file, faults.Any);
        var safepoints = new SafepointPlanter(graph, holder, file);
        var faultHolder = new FaultHolder(module);
        BodyVersions versions = faults.Any ? BodyVersions.Make(module, graph, faultHolder.Type) : BodyVersions.None(module);
        (List<FaultSite> Sites, List<Mutant> Mutants) planted = PlantFaults(module, versions, faultHolder, faults);
        if (holder.IsArmed is not null)
        {
            versions.Connect(holder.IsArmed);
        }

        safepoints.Plant(versions);
        return planted;
    }

    private static (List<FaultSite> Sites, List<Mutant> Mutants) PlantFaults(
        ModuleDefinition module, BodyVersions versions, FaultHolder holder, FaultPasses faults)
    {
        List<FaultSite> sites = faults.HasSites ? new FaultSitePlanter(versions.Planted, holder.Hit).Plant() : [];
        List<Mutant> mutants = faults.IsMutantWanted is { } isWanted
            ? new MutantPlanter(versions.Planted, holder.IsMutated, isWanted).Plant()
            : [];
        if (faults.Any)
        {
            holder.AddToModule();
        }

        return (sites, mutants);
    }

    private static UInt128 KeyOf(byte[] assembly, byte[]? symbols, RewritePasses passes)
    {
        // Half of a SHA-256: 128 bits are beyond collision by accident, and whoever may load images needs none by design.
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(BitConverter.GetBytes((int)passes));
        hash.AppendData(BitConverter.GetBytes(assembly.LongLength));
        hash.AppendData(assembly);
        hash.AppendData(symbols ?? []);
        return BitConverter.ToUInt128(hash.GetHashAndReset());
    }

    private static ReaderParameters ReaderFor(byte[]? symbols) => new(ReadingMode.Immediate)
    {
        ReadSymbols = symbols is not null,
        SymbolReaderProvider = symbols is null ? null : new PortablePdbReaderProvider(),
        SymbolStream = symbols is null ? null : new MemoryStream(symbols),
    };

    private static RewrittenImage Write(ModuleDefinition module, bool hasSymbols, List<FaultSite> sites)
    {
        var assembly = new MemoryStream();
        var symbols = new MemoryStream();
        module.Write(assembly, new WriterParameters
        {
            WriteSymbols = hasSymbols,
            SymbolWriterProvider = hasSymbols ? new PortablePdbWriterProvider() : null,
            SymbolStream = hasSymbols ? symbols : null,
        });
        return new RewrittenImage(assembly.ToArray(), hasSymbols ? symbols.ToArray() : null, sites);
    }

    private static string FirstLine(Exception exception) => exception.Message.Split('\n', 2)[0].TrimEnd('\r');

    /// <summary>What is planted for the lab.</summary>
    private readonly record struct FaultPasses(bool HasSites, Func<int, bool>? IsMutantWanted)
    {
        internal bool Any => HasSites || IsMutantWanted is not null;
    }
}
