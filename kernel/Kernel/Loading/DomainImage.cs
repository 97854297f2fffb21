using System.Security.Cryptography;
using System.Text;
using RedLeafSharp.Kernel.Boot;
using RedLeafSharp.Packages;
using RedLeafSharp.Rewriting;

namespace RedLeafSharp.Kernel.Loading;

/// <summary>
/// The bytes of a domain, read once: generations are loaded from memory, so that a file that changes or goes cannot
/// harm a restart.
/// </summary>
internal sealed class DomainImage
{
    private const long AssemblyBytesMax = 64L << 20;

    private RewrittenImage? code;
    private RewrittenImage? codeWithSites;
    private RewrittenImage? codeWithMutants;

    private DomainImage(DomainManifest manifest, string path, byte[] assembly, byte[]? symbols)
    {
        Manifest = manifest;
        Path = path;
        Assembly = assembly;
        Symbols = symbols;
        Hash = Convert.ToHexStringLower(SHA256.HashData(assembly));
    }

    internal DomainManifest Manifest { get; }

    /// <summary>Where the assembly was read from, for messages.</summary>
    internal string Path { get; }

    internal byte[] Assembly { get; }

    internal byte[]? Symbols { get; }

    /// <summary>SHA-256 of the assembly as it is on disk.</summary>
    internal string Hash { get; }

    /// <summary>What is loaded of it. Kept here, too: finding it in the cache by its hash takes as long as a recovery.</summary>
    /// <exception cref="BootException">The image cannot be made loadable.</exception>
    internal RewrittenImage Code(bool hasFaultSites) => hasFaultSites
        ? codeWithSites ??= DomainLoader.Rewrite(Assembly, Symbols, Path, RewritePasses.FaultSites)
        : code ??= DomainLoader.Rewrite(Assembly, Symbols, Path, RewritePasses.None);

    /// <summary>As <see cref="Code"/>, with nothing remembered: what a restart would cost without that.</summary>
    /// <exception cref="BootException">The image cannot be made loadable.</exception>
    internal RewrittenImage CodeMadeAnew(bool hasFaultSites) =>
        DomainLoader.RewriteAnew(Assembly, Symbols, Path, hasFaultSites ? RewritePasses.FaultSites : RewritePasses.None);

    /// <summary>What is loaded of it when the lab makes mistakes in it.</summary>
    /// <exception cref="BootException">The image cannot be made loadable.</exception>
    internal RewrittenImage CodeWithMutants => codeWithMutants ??= DomainLoader.Mutate(Assembly, Symbols, Path);

    /// <summary>What has been read, by file name: a signature is checked against the bytes that will be loaded.</summary>
    internal IReadOnlyDictionary<string, byte[]> Files
    {
        get
        {
            var files = new Dictionary<string, byte[]>(StringComparer.Ordinal)
            {
                [DomainManifest.FileName] = Manifest.Content,
                [System.IO.Path.GetFileName(Path)] = Assembly,
            };
            if (Symbols is not null)
            {
                files[System.IO.Path.GetFileName(System.IO.Path.ChangeExtension(Path, ".pdb"))] = Symbols;
            }

            return files;
        }
    }

    /// <summary>Reads a domain folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="keys">What is asked of its signature; nothing if left out.</param>
    /// <exception cref="BootException">The folder, manifest or assembly is missing, or is not readable.</exception>
    internal static DomainImage Read(string folder, TrustedKeys? keys = null)
    {
        if (!Directory.Exists(folder))
        {
            throw new BootException($"{folder}: there is no such domain folder");
        }

        DomainManifest manifest = DomainManifest.Read(folder);
        string path = System.IO.Path.Combine(folder, manifest.Assembly);
        string symbolsPath = System.IO.Path.ChangeExtension(path, ".pdb");
        try
        {
            var image = new DomainImage(
                manifest,
                path,
                BoundedFile.Read(path, AssemblyBytesMax),
                File.Exists(symbolsPath) ? BoundedFile.Read(symbolsPath, AssemblyBytesMax) : null);
            (keys ?? TrustedKeys.None).Check(folder, ReadSignature(folder), image.Files);
            return image;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BootException($"{path}: the assembly named by {DomainManifest.FileName} cannot be read: {exception.Message}");
        }
    }

    /// <summary>Whether a running domain can be carried on with this image.</summary>
    /// <exception cref="BootException">The manifests differ in what others rely on.</exception>
    internal void ThrowUnlessReplaces(DomainImage present)
    {
        if (Manifest.Name != present.Manifest.Name)
        {
            throw new BootException($"{Path}: the manifest is of '{Manifest.Name}', the running domain of '{present.Manifest.Name}'");
        }

        if (Manifest.NeedsDevice != present.Manifest.NeedsDevice)
        {
            throw new BootException($"{Path}: 'device' of the manifest differs from the running domain's");
        }

        if (present.Manifest.Provides.Except(Manifest.Provides).FirstOrDefault() is { } missing)
        {
            throw new BootException($"{Path}: the manifest does not provide {missing}, which the running domain does");
        }

        if (Manifest.Requires.Except(present.Manifest.Requires).FirstOrDefault() is { } added)
        {
            throw new BootException($"{Path}: the manifest requires {added}, which the running domain does not have");
        }
    }

    private static string? ReadSignature(string folder)
    {
        string path = System.IO.Path.Combine(folder, PackageSpec.FileName);
        if (!File.Exists(path))
        {
            return null;
        }

        return Encoding.UTF8.GetString(BoundedFile.Read(path, PackageSpec.CharactersMax));
    }
}
