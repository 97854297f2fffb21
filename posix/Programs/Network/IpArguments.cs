using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Network;

/// <summary>What follows the verb of a command of ip: a first word, and keywords with values.</summary>
internal sealed class IpArguments(List<string> words, IpFamily family)
{
    /// <summary>Which version is meant, where no address says so.</summary>
    public bool IsV6 => family == IpFamily.V6;

    /// <summary>The first word, whether it is a keyword or not; null when there is none.</summary>
    public string? First => words.Count > 0 ? words[0] : null;

    public bool Has(string keyword) => words.Contains(keyword);

    /// <summary>The word behind a keyword, or null.</summary>
    public string? ValueOf(string keyword)
    {
        int index = words.IndexOf(keyword);
        return index >= 0 && index + 1 < words.Count ? words[index + 1] : null;
    }

    /// <summary>Whether an address is of a version that was asked for.</summary>
    public bool Shows(IpAddress address) => family == IpFamily.Both || address.IsV4 == (family == IpFamily.V4);

    /// <summary>Seconds until a time of the system's uptime, or that it never comes.</summary>
    public static string Lifetime(Libc libc, long untilMicros) => untilMicros == 0
        ? "forever"
        : $"{Math.Max(0, (untilMicros - libc.Context.UptimeMicros) / 1_000_000)}sec";

    /// <summary>Reads ADDRESS/BITS, or ADDRESS alone, which means all of its bits.</summary>
    public static bool TryParseNetwork(string? text, out IpAddress address, out int bits)
    {
        (address, bits) = (default, 0);
        if (text is null)
        {
            return false;
        }

        int slash = text.IndexOf('/');
        if (!IpAddress.TryParse(slash < 0 ? text : text[..slash], out address))
        {
            return false;
        }

        int max = address.IsV4 ? 32 : 128;
        bits = max;
        return slash < 0 || SocketText.TryParseNumber(text[(slash + 1)..], max, out bits);
    }
}

/// <summary>Which versions of IP are meant.</summary>
internal enum IpFamily
{
    Both,
    V4,
    V6,
}
