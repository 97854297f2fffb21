using System.Security.Cryptography;
using System.Text;
using RedLeafSharp.Kernel;
using RedLeafSharp.Kernel.Boot;

namespace RedLeafSharp.Packages;

/// <summary>The public keys that a system trusts, and what it asks of a package.</summary>
internal sealed class TrustedKeys : IDisposable
{
    private readonly Dictionary<string, ECDsa> keys = new(StringComparer.Ordinal);

    private TrustedKeys(bool isRequired) => IsRequired = isRequired;

    /// <summary>Whether a package without a signature is refused.</summary>
    internal bool IsRequired { get; }

    /// <summary>A system that asks for no signatures.</summary>
    internal static TrustedKeys None { get; } = new(isRequired: false);

    /// <summary>Reads public keys from PEM files.</summary>
    /// <exception cref="BootException">One is missing, or no public key on P-256.</exception>
    internal static TrustedKeys Read(IEnumerable<string> paths, bool isRequired)
    {
        var trusted = new TrustedKeys(isRequired);
        foreach (string path in paths)
        {
            ECDsa key = ReadKey(path);
            if (!trusted.keys.TryAdd(NameOf(key), key))
            {
                key.Dispose();
            }
        }

        return trusted;
    }

    /// <summary>Reads a key on P-256, private or public.</summary>
    /// <exception cref="BootException">The file is missing or holds none.</exception>
    internal static ECDsa ReadKey(string path)
    {
        const string CurveP256 = "1.2.840.10045.3.1.7";
        string pem = ReadText(path);
        string reason = "a key on another curve than P-256";
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            if (key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value == CurveP256)
            {
                return key;
            }
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException or PlatformNotSupportedException)
        {
            reason = $"no key in PEM form: {exception.Message.Split('\n')[0]}";
        }

        key.Dispose();
        throw new BootException($"{path}: {reason}");
    }

    /// <summary>SHA-256 of a public key in its standard form (SubjectPublicKeyInfo, RFC 5280 section 4.1).</summary>
    internal static string NameOf(ECDsa key) => Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));

    /// <summary>
    /// Checks a package. One that has a signature must be right even where none is asked for, if its key is known.
    /// </summary>
    /// <param name="folder">The domain folder, for messages.</param>
    /// <param name="signature">The content of its domain.sig, or null.</param>
    /// <param name="files">Name and content of each file that is used, as it was read.</param>
    /// <exception cref="BootException">The package is refused; the message names the file.</exception>
    internal void Check(string folder, string? signature, IReadOnlyDictionary<string, byte[]> files)
    {
        string path = Path.Combine(folder, PackageSpec.FileName);
        if (signature is null)
        {
            if (IsRequired)
            {
                throw new BootException($"{path}: RL0408 the package is not signed, and the system's policy is 'signed'");
            }

            return;
        }

        if (!IsRequired && keys.Count == 0)
        {
            return;
        }

        PackageSignature parsed = PackageSignature.Parse(path, signature);
        if (!keys.TryGetValue(parsed.Key, out ECDsa? key))
        {
            throw new BootException($"{path}: RL0408 signed with the key {parsed.Key}, which the system does not trust");
        }

        if (!parsed.IsMadeBy(key))
        {
            throw new BootException($"{path}: RL0408 the signature is wrong: the list of files has been altered");
        }

        foreach ((string name, byte[] content) in files)
        {
            if (parsed.Files.GetValueOrDefault(name) != PackageSignature.HashOf(content))
            {
                string what = parsed.Files.ContainsKey(name) ? "has been altered since it was signed" : "is not among the signed files";
                throw new BootException($"{Path.Combine(folder, name)}: RL0408 the file {what}");
            }
        }
    }

    public void Dispose()
    {
        foreach (ECDsa key in keys.Values)
        {
            key.Dispose();
        }
    }

    private static string ReadText(string path)
    {
        try
        {
            return Encoding.UTF8.GetString(BoundedFile.Read(path, PackageSpec.KeyCharactersMax));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BootException($"{path}: the key cannot be read: {exception.Message}");
        }
    }
}
