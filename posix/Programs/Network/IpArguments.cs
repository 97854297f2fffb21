using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Network;

/// <summary>What follows the verb of a command of ip: a first word, and keywords with values.</summary>
internal sealed class IpArguments(List<string> words)
{
    /// <summary>The first word, whether it is a keyword or not; null when there is none.</summary>
    public string? First => words.Count > 0 ? words[0] : null;

    public bool Has(string keyword) => words.Contains(keyword);

    /// <summary>The word behind a keyword, or null.</summary>
    public string? ValueOf(string keyword)
    {
        int index = words.IndexOf(keyword);
        return index >= 0 && index + 1 < words.Count ? words[index + 1] : null;
    }

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
