using System.Buffers.Binary;

namespace RedLeafSharp.Lab.Simulation;

/// <summary>
/// Hashes of what happened: SplitMix64 (Steele, Lea and Flood 2014) as a chain. Not .NET's own hash codes, which differ from
/// process to process.
/// </summary>
internal static class Mixing
{
    private const ulong Step = 0x9E3779B97F4A7C15;

    /// <summary>Appends a word to what has been hashed so far.</summary>
    internal static ulong Chain(ulong hash, ulong word) => Finish((hash + Step) ^ Finish(word + Step));

    /// <summary>Appends bytes and their number.</summary>
    internal static ulong Chain(ulong hash, ReadOnlySpan<byte> bytes)
    {
        hash = Chain(hash, (ulong)bytes.Length);
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            hash = Chain(hash, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (byte one in bytes)
        {
            hash = Chain(hash, one);
        }

        return hash;
    }

    /// <summary>Appends the characters of a text and their number.</summary>
    internal static ulong Chain(ulong hash, string text)
    {
        hash = Chain(hash, (ulong)text.Length);
        foreach (char one in text)
        {
            hash = Chain(hash, one);
        }

        return hash;
    }

    private static ulong Finish(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
