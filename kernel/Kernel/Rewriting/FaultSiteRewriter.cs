using System.Reflection;
using System.Security.Cryptography;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace RedLeafSharp.Rewriting;

/// <summary>
/// Plants fault sites into a domain's image, so that the lab can crash the domain at any statement of its code.
/// </summary>
/// <remarks>
/// The planted code reads its trigger from a static field of the image itself. Each load of an image has its own statics, so
/// generations of one domain, and several systems in one process, are armed independently.
/// </remarks>
internal static class FaultSiteRewriter
{
    /// <summary>Domains of two systems, with room. A restart must find its image here; more than this is a test suite.</summary>
    private const int CachedImagesMax = 32;

    private static readonly ImageCache Cache = new(CachedImagesMax);

    /// <summary>Plants a site before each statement. The same image is rewritten once; restarts get the result again.</summary>
    /// <param name="assembly">The PE image: IL only.</param>
    /// <param name="symbols">Its portable PDB; without it, sites have no lines.</param>
    /// <param name="file">What to call the image in messages.</param>
    /// <exception cref="ImageException">It is no image, not one of IL only, or damaged.</exception>
    internal static RewrittenImage Plant(byte[] assembly, byte[]? symbols, string file = "image")
    {
        UInt128 key = KeyOf(assembly, symbols);
        if (!Cache.TryGet(key, out RewrittenImage? image))
        {
            image = Rewrite(assembly, symbols, file);
            Cache.Add(key, image);
        }

        return image;
    }

    /// <summary>Connects a loaded image with its trigger. Until then its sites do nothing.</summary>
    /// <exception cref="ArgumentException">The assembly was not rewritten.</exception>
    internal static void Bind(Assembly assembly, FaultTrigger trigger)
    {
        FieldInfo field = assembly.GetType($"{FaultSitePlanter.HolderNamespace}.{FaultSitePlanter.HolderName}")
            ?.GetField(FaultSitePlanter.FieldName, BindingFlags.Static | BindingFlags.NonPublic)
            ?? throw new ArgumentException($"{assembly.GetName().Name} has no fault sites", nameof(assembly));
        field.SetValue(null, trigger);
    }

    private static UInt128 KeyOf(byte[] assembly, byte[]? symbols)
    {
        // Half of a SHA-256: 128 bits are beyond collision by accident, and whoever may load images needs none by design.
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(BitConverter.GetBytes(assembly.LongLength));
        hash.AppendData(assembly);
        hash.AppendData(symbols ?? []);
        return BitConverter.ToUInt128(hash.GetHashAndReset());
    }

    private static RewrittenImage Rewrite(byte[] assembly, byte[]? symbols, string file)
    {
        ImageCheck.ThrowUnlessPlainIL(assembly, file);
        try
        {
            using ModuleDefinition module = ModuleDefinition.ReadModule(new MemoryStream(assembly), ReaderFor(symbols));
            List<FaultSite> sites = new FaultSitePlanter(module).Plant();
            return Write(module, symbols is not null, sites);
        }
        catch (Exception exception)
        {
            // Mono.Cecil documents no exceptions for damaged images and throws whatever the damage leads to. The image comes
            // from outside, so none of them is a defect of the kernel.
            throw new ImageException(file, $"damaged image ({exception.GetType().Name}: {FirstLine(exception)})", exception);
        }
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
}
