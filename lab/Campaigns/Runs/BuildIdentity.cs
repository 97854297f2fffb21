using System.Security.Cryptography;
using System.Text;

namespace RedLeafSharp.Lab.Campaigns;

/// <summary>Names a build by what is in it, so that results of different builds are not taken for one.</summary>
internal static class BuildIdentity
{
    private const int HexDigits = 16;

    /// <summary>A hash of this project's assemblies and of all domain folders beside them.</summary>
    /// <param name="folder">Where the command is.</param>
    internal static string Of(string folder)
    {
        IEnumerable<string> assemblies = Directory.EnumerateFiles(folder, "*.dll")
            .Where(path => Path.GetFileName(path).StartsWith("redleaf", StringComparison.OrdinalIgnoreCase));
        string domains = Path.Combine(folder, "domains");
        IEnumerable<string> ofDomains = Directory.Exists(domains)
            ? Directory.EnumerateFiles(domains, "*", SearchOption.AllDirectories)
            : [];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string path in assemblies.Concat(ofDomains).Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetRelativePath(folder, path) + "\0"));
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(path)));
        }

        return Hex(hash.GetHashAndReset());
    }

    /// <summary>A hash of an experiment's text.</summary>
    internal static string OfExperiment(string text) => Hex(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Hex(byte[] hash) => Convert.ToHexStringLower(hash)[..HexDigits];
}

/// <summary>What decides the results of a campaign, besides its length.</summary>
/// <param name="Name">Of the experiment.</param>
/// <param name="Experiment">A hash of its text.</param>
/// <param name="Seed">Of the campaign.</param>
/// <param name="Build">A hash of the build.</param>
/// <param name="Trials">How many there are if it does not stop early.</param>
internal sealed record RunIdentity(string Name, string Experiment, ulong Seed, string Build, long Trials);
