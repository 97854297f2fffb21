using System.Security.Cryptography;
using System.Text;
using RedLeafSharp.Kernel;

namespace RedLeafSharp.Packages;

/// <summary>
/// A package's signature: the SHA-256 of each file of a domain folder, signed with ECDSA on P-256 (FIPS 186-5). What is signed is
/// the text before the last line, byte by byte.
/// </summary>
internal sealed class PackageSignature
{
    private readonly byte[] signedText;
    private readonly byte[] signature;

    private PackageSignature(string key, IReadOnlyDictionary<string, string> files, byte[] signedText, byte[] signature)
    {
        Key = key;
        Files = files;
        this.signedText = signedText;
        this.signature = signature;
    }

    /// <summary>SHA-256 of the public key that made it: says which trusted key to try.</summary>
    internal string Key { get; }

    /// <summary>SHA-256 of each file, by its name.</summary>
    internal IReadOnlyDictionary<string, string> Files { get; }

    /// <summary>Parses a domain.sig. There is one form of it and no other is accepted.</summary>
    /// <param name="path">What to call it in the message.</param>
    /// <param name="text">Its content.</param>
    /// <exception cref="BootException">It is none.</exception>
    internal static PackageSignature Parse(string path, string text)
    {
        if (text.Length > PackageSpec.CharactersMax)
        {
            throw Bad(path, $"longer than {PackageSpec.CharactersMax} characters");
        }

        string[] lines = text.Split('\n');
        bool isFramed = lines.Length >= 6 && lines[0] == PackageSpec.Header && lines[2] == PackageSpec.FilesField && lines[^1].Length == 0
            && lines[1].StartsWith(PackageSpec.KeyField, StringComparison.Ordinal)
            && lines[^2].StartsWith(PackageSpec.SignatureField, StringComparison.Ordinal);
        if (!isFramed)
        {
            throw Bad(path, $"it must have the lines '{PackageSpec.Header}', 'key:', 'files:', one for each file, and 'signature:'");
        }

        string key = lines[1][PackageSpec.KeyField.Length..];
        if (!IsHash(key))
        {
            throw Bad(path, "the key is no SHA-256");
        }

        Dictionary<string, string> files = ParseFiles(path, lines.AsSpan(3..^2));
        byte[] signature = new byte[256];
        string encoded = lines[^2][PackageSpec.SignatureField.Length..];
        if (!Convert.TryFromBase64String(encoded, signature, out int length) || Convert.ToBase64String(signature, 0, length) != encoded)
        {
            throw Bad(path, "the signature is no base64");
        }

        int signedLength = text.LastIndexOf(PackageSpec.SignatureField, StringComparison.Ordinal);
        return new PackageSignature(key, files, Encoding.UTF8.GetBytes(text[..signedLength]), signature[..length]);
    }

    /// <summary>Writes a domain.sig.</summary>
    /// <param name="files">Name and content of each file.</param>
    /// <param name="key">The private key.</param>
    internal static string Sign(IReadOnlyDictionary<string, byte[]> files, ECDsa key)
    {
        var text = new StringBuilder();
        text.Append(PackageSpec.Header).Append('\n').Append(PackageSpec.KeyField).Append(TrustedKeys.NameOf(key)).Append('\n');
        text.Append(PackageSpec.FilesField).Append('\n');
        foreach ((string name, byte[] content) in files.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            text.Append(PackageSpec.FileIndent).Append(name).Append(": ").Append(HashOf(content)).Append('\n');
        }

        byte[] signature = key.SignData(Encoding.UTF8.GetBytes(text.ToString()), HashAlgorithmName.SHA256);
        return text.Append(PackageSpec.SignatureField).Append(Convert.ToBase64String(signature)).Append('\n').ToString();
    }

    /// <summary>Whether a key has made it.</summary>
    internal bool IsMadeBy(ECDsa key) => key.VerifyData(signedText, signature, HashAlgorithmName.SHA256);

    internal static string HashOf(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private static Dictionary<string, string> ParseFiles(string path, ReadOnlySpan<string> lines)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in lines)
        {
            int colon = line.LastIndexOf(": ", StringComparison.Ordinal);
            bool isFile = line.StartsWith(PackageSpec.FileIndent, StringComparison.Ordinal) && colon > PackageSpec.FileIndent.Length
                && IsHash(line[(colon + 2)..]);
            string name = isFile ? line[PackageSpec.FileIndent.Length..colon] : string.Empty;
            if (!isFile || name.AsSpan().ContainsAny('/', '\\') || files.Count == PackageSpec.FilesMax || !files.TryAdd(name, line[(colon + 2)..]))
            {
                throw Bad(path, "a line under 'files:' is not 'NAME: SHA-256', or there twice, or one too many");
            }
        }

        return files;
    }

    private static bool IsHash(string text) =>
        text.Length == PackageSpec.HashDigits && text.All(digit => digit is (>= '0' and <= '9') or (>= 'a' and <= 'f'));

    private static BootException Bad(string path, string reason) => new($"{path}: RL0408 no signature of a package: {reason}");
}
