using System.Globalization;

namespace RedLeafSharp.Cli.CommandLine;

/// <summary>Sizes as people write them: 4096, 64K, 512M, 2G, with K = 1,024 as mkfs and qemu-img have it.</summary>
internal static class ByteSize
{
    private const string Suffixes = "KMGT";

    /// <summary>Parses a positive size.</summary>
    internal static bool TryParse(string text, out long bytes)
    {
        string digits = text.EndsWith("iB", StringComparison.Ordinal) ? text[..^2] : text;
        int shift = 0;
        if (digits.Length > 0 && Suffixes.IndexOf(char.ToUpperInvariant(digits[^1])) is var index and >= 0)
        {
            shift = 10 * (index + 1);
            digits = digits[..^1];
        }
        else if (digits.Length != text.Length)
        {
            bytes = 0;
            return false;
        }

        bool isNumber = long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number);
        bytes = isNumber && number <= long.MaxValue >> shift ? number << shift : 0;
        return bytes > 0;
    }

    /// <summary>For people: 79.4 MB, with M = 1,000,000 as throughputs have it.</summary>
    internal static string Format(double bytes) => bytes switch
    {
        < 1_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes:0} B"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_000:0.0} kB"),
        < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_000_000:0.0} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_000_000_000:0.00} GB"),
    };
}
