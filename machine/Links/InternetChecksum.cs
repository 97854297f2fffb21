using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace RedLeafSharp.Machine.Links;

/// <summary>
/// The one's complement sum of 16-bit words (RFC 1071). Sums are kept in memory's byte order: the sum does not depend on it, and
/// its result is stored as it comes.
/// </summary>
internal static class InternetChecksum
{
    /// <summary>The folded sum of the bytes and of what is there already, in memory's byte order.</summary>
    internal static ushort Sum(ReadOnlySpan<byte> bytes, uint start = 0)
    {
        ulong sum = start;
        ReadOnlySpan<uint> words = MemoryMarshal.Cast<byte, uint>(bytes);
        if (Vector.IsHardwareAccelerated && words.Length >= Vector<uint>.Count)
        {
            // 32-bit words are widened before they are added: no carry is lost in fewer than 2^32 of them.
            ReadOnlySpan<Vector<uint>> vectors = MemoryMarshal.Cast<uint, Vector<uint>>(words);
            Vector<ulong> low = Vector<ulong>.Zero;
            Vector<ulong> high = Vector<ulong>.Zero;
            foreach (Vector<uint> vector in vectors)
            {
                Vector.Widen(vector, out Vector<ulong> first, out Vector<ulong> second);
                low += first;
                high += second;
            }

            sum += Vector.Sum(low + high);
            words = words[(vectors.Length * Vector<uint>.Count)..];
        }

        foreach (uint word in words)
        {
            sum += word;
        }

        ReadOnlySpan<byte> rest = bytes[(bytes.Length & ~3)..];
        if (rest.Length >= 2)
        {
            sum += MemoryMarshal.Read<ushort>(rest);
            rest = rest[2..];
        }

        if (rest.Length == 1)
        {
            sum += BitConverter.IsLittleEndian ? rest[0] : (uint)rest[0] << 8;
        }

        return Fold(sum);
    }

    internal static ushort Fold(ulong sum)
    {
        while (sum > ushort.MaxValue)
        {
            sum = (sum & ushort.MaxValue) + (sum >> 16);
        }

        return (ushort)sum;
    }

    /// <summary>A number as it is summed: in memory as the network has it.</summary>
    internal static ushort Network(int value) =>
        BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness((ushort)value) : (ushort)value;

    internal static void Store(Span<byte> where, ushort sum) => MemoryMarshal.Write(where, in sum);
}
