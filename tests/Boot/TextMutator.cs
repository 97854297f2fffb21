using System.Text;

namespace RedLeafSharp.Tests.Boot;

/// <summary>
/// Makes a file that looks like the kernel's own out of valid ones, and damages it: in its lines, its words and its bytes. All of it
/// follows from the seed.
/// </summary>
internal sealed class TextMutator
{
    private const int EditsMax = 6;

    /// <summary>A repeated piece makes a file of at most this, so that a run is not about a few large ones.</summary>
    private const int CharactersMax = 64 << 10;

    private static readonly string[] Words =
    [
        "name", "entry", "assembly", "provides", "requires", "device", "limits", "programs", "domains", "devices", "use", "shadows", "restart",
        "settings", "executor", "executors", "trust", "policy", "signed", "model", "nvme", "e1000e", "link", "user", "publish", "reach", "all",
        "standby", "pci", "IBlockDevice", "IDomain", "IProgram", "Nvme", "key: ", "files:", "signature: ", "redleaf-package: 1",
        "!!binary", "!!map", "!System.Object", "&a ", "*a", "<<: ", "? ", ": ", "- ", "|", ">", ">-", "|2\n", "%YAML 1.2\n---\n", "%TAG ! x\n",
        "---\n", "...\n", "{", "}", "[", "]", "[[[[[[[[", "{a: {b: {c: ", "\"", "'", "\"a\\nb\"", "\"\\0\"", "\"\\u2028\"", "\"\\xff\"", "#", "\t",
        "\r", "\n", "\0", "~", "null", "-1", "0", "1", "63", "64", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "1e9", ".inf",
        "0x10", "1_000", "+5", " 5", "٣", "../..", "/etc/passwd", ".", "..", "C:\\x", "\u0085", "\u2028", "\ufeff", "\ud800", "\udc00", "\ufffe",
        "-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----", "-----BEGIN EC PRIVATE KEY-----", "====", "AAAA",
    ];

    private static readonly char[] Borders = [' ', ',', ':', '{', '}', '[', ']', '\n', '"', '-'];

    private readonly Random random;
    private readonly string[] valid;

    /// <param name="valid">Valid files of one kind.</param>
    /// <param name="seed">What everything follows from.</param>
    internal TextMutator(string[] valid, int seed) => (this.valid, random) = (valid, new Random(seed));

    /// <summary>The next file, as bytes on a disk.</summary>
    internal byte[] Next()
    {
        if (random.Next(50) == 0)
        {
            byte[] noise = new byte[random.Next(2_000)];
            random.NextBytes(noise);
            return noise;
        }

        string text = Pick(valid);
        for (int edits = random.Next(1, random.Next(2, EditsMax + 2)); edits > 0; edits--)
        {
            text = Edit(text);
        }

        byte[] bytes = Encoding.UTF8.GetBytes(text);
        for (int edits = random.Next(8) == 0 ? random.Next(1, 4) : 0; edits > 0 && bytes.Length > 0; edits--)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        return bytes;
    }

    private string Edit(string text) => random.Next(9) switch
    {
        0 => EditLines(text, lines => lines.Insert(random.Next(lines.Count + 1), Pick(lines))),
        1 => EditLines(text, lines => lines.RemoveAt(random.Next(lines.Count))),
        2 => EditLines(text, Swap),
        3 => EditLines(text, Indent),
        4 => ReplaceWord(text),
        5 => text.Insert(random.Next(text.Length + 1), Pick(Words)),
        6 => Splice(text),
        7 => Repeat(text),
        _ => text[..random.Next(text.Length + 1)],
    };

    private string EditLines(string text, Action<List<string>> edit)
    {
        List<string> lines = [.. text.Split('\n')];
        edit(lines);
        return string.Join('\n', lines);
    }

    private void Swap(List<string> lines)
    {
        (int one, int other) = (random.Next(lines.Count), random.Next(lines.Count));
        (lines[one], lines[other]) = (lines[other], lines[one]);
    }

    private void Indent(List<string> lines)
    {
        int index = random.Next(lines.Count);
        lines[index] = random.Next(2) == 0 ? new string(' ', random.Next(1, 6)) + lines[index] : lines[index].TrimStart();
    }

    private string ReplaceWord(string text)
    {
        if (text.Length == 0)
        {
            return text;
        }

        int at = random.Next(text.Length);
        int start = text.LastIndexOfAny(Borders, at) + 1;
        int end = text.IndexOfAny(Borders, at);
        return text[..Math.Min(start, at)] + Pick(Words) + text[(end < 0 ? text.Length : end)..];
    }

    private string Splice(string text)
    {
        string other = Pick(valid);
        return text[..random.Next(text.Length + 1)] + other[random.Next(other.Length + 1)..];
    }

    private string Repeat(string text)
    {
        int start = random.Next(text.Length + 1);
        string piece = text.Substring(start, Math.Min(random.Next(1, 60), text.Length - start));
        int room = Math.Max(0, CharactersMax - text.Length) / Math.Max(1, piece.Length);
        int times = Math.Min(room, random.Next(4) == 0 ? random.Next(2_000) : random.Next(8));
        return text.Insert(start, string.Concat(Enumerable.Repeat(piece, times)));
    }

    private T Pick<T>(IReadOnlyList<T> all) => all[random.Next(all.Count)];
}
