using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using RedLeafSharp.Kernel;

namespace RedLeafSharp.Verification;

/// <summary>
/// What the verifier said of images, by the hash of their content: a restart does not verify again. Safe from any thread.
/// </summary>
internal static class VerifiedImages
{
    /// <summary>Verdicts kept. A system has some ten images; more than this is a test suite, which starts over.</summary>
    private const int VerdictsMax = 1_024;

    private static readonly Lock CacheLock = new();
    private static readonly Dictionary<(UInt256 Hash, bool IsRewritten), string> ByContent = [];

    /// <summary>Bytes that are in memory for longer than one load are not even hashed again.</summary>
    private static readonly ConditionalWeakTable<byte[], Verdict> ByArray = [];

    private readonly record struct UInt256(UInt128 High, UInt128 Low);

    private sealed record Verdict(bool IsRewritten, string Objection);

    /// <summary>Verifies an image, or remembers.</summary>
    /// <param name="assembly">The image; nobody changes these bytes any more.</param>
    /// <param name="symbols">Its symbols, or null.</param>
    /// <param name="path">What to call it in the message.</param>
    /// <param name="options">How to verify.</param>
    /// <exception cref="BootException">It is rejected. The message is one line.</exception>
    internal static void ThrowUnlessClean(byte[] assembly, byte[]? symbols, string path, VerificationOptions options)
    {
        if (!ByArray.TryGetValue(assembly, out Verdict? verdict) || verdict.IsRewritten != options.IsRewritten)
        {
            verdict = new Verdict(options.IsRewritten, Find(assembly, symbols, options));
            ByArray.AddOrUpdate(assembly, verdict);
        }

        ThrowIf(verdict.Objection, path);
    }

    /// <summary>Verifies an image, and remembers nothing. For measurements.</summary>
    /// <exception cref="BootException">As <see cref="ThrowUnlessClean"/>.</exception>
    internal static void ThrowUnlessCleanNow(byte[] assembly, byte[]? symbols, string path, VerificationOptions options) =>
        ThrowIf(Describe(ImageVerifier.Verify(assembly, symbols, "image", options)), path);

    private static void ThrowIf(string objection, string path)
    {
        if (objection.Length > 0)
        {
            throw new BootException(string.Create(CultureInfo.InvariantCulture, $"{path}: rejected by the verifier: {objection}"));
        }
    }

    private static string Find(byte[] assembly, byte[]? symbols, VerificationOptions options)
    {
        ReadOnlySpan<byte> hash = SHA256.HashData(assembly);
        (UInt256, bool) key = (new UInt256(BitConverter.ToUInt128(hash), BitConverter.ToUInt128(hash[16..])), options.IsRewritten);
        lock (CacheLock)
        {
            if (ByContent.TryGetValue(key, out string? known))
            {
                return known;
            }
        }

        string objection = Describe(ImageVerifier.Verify(assembly, symbols, "image", options));
        lock (CacheLock)
        {
            if (ByContent.Count >= VerdictsMax)
            {
                ByContent.Clear();
            }

            ByContent[key] = objection;
            return objection;
        }
    }

    private static string Describe(VerificationReport report)
    {
        if (report.IsClean)
        {
            return string.Empty;
        }

        string others = report.ViolationCount > 1 ? $", and {report.ViolationCount - 1} more" : string.Empty;
        return $"{report.Violations[0]}{others} (redleaf check lists all)";
    }
}
