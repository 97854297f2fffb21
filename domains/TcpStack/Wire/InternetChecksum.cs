using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.TcpStack.Wire;

/// <summary>
/// The checksum of IP, ICMP, UDP and TCP (RFC 1071): the inverted one's complement sum of 16-bit words. Sums here are
/// numbers of at most 32 bits that have not been folded yet, so that sums of parts can simply be added.
/// </summary>
internal static class InternetChecksum
{
    private const int VectorBytesMin = 128;

    /// <summary>The sum over bytes that start at an even offset; a missing last byte counts as 0.</summary>
    /// <remarks>
    /// Words are added as the machine reads them and swapped once at the end (RFC 1071 section 2(B)), 32 bits at a time in
    /// 64-bit lanes, where the carries have room.
    /// </remarks>
    internal static uint Sum(ReadOnlySpan<byte> bytes)
    {
        // Headers have just been written, in words: wider reads would wait for them.
        int vectorBytes = bytes.Length >= VectorBytesMin && Vector256.IsHardwareAccelerated ? bytes.Length & -Vector256<byte>.Count : 0;
        ulong total = vectorBytes > 0 ? SumVectors(bytes[..vectorBytes]) : 0;
        return Finish(total, bytes[vectorBytes..]);
    }

    /// <summary>The sum of a word of 32 bits.</summary>
    internal static uint SumOf(uint word) => (word >> 16) + (word & 0xFFFF);

    /// <summary>The sum over bytes that start at an odd offset of what is summed.</summary>
    internal static uint SumAtOdd(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReverseEndianness(Fold(Sum(bytes)));

    /// <summary>The sum of the pseudo-header of TCP and UDP (RFC 9293 section 3.1, RFC 8200 section 8.1).</summary>
    internal static uint PseudoHeader(IpAddress source, IpAddress destination, byte protocol, int lengthBytes) =>
        Words(source) + Words(destination) + protocol + ((uint)lengthBytes >> 16) + ((uint)lengthBytes & 0xFFFF);

    /// <summary>What goes into the checksum field.</summary>
    internal static ushort Complement(uint sum) => (ushort)~Fold(sum);

    /// <summary>Whether data is intact: the sum over it, its checksum included, is all ones.</summary>
    internal static bool IsIntact(uint sum) => Fold(sum) == 0xFFFF;

    /// <summary>A checksum after a 16-bit word under it has changed (RFC 1624 section 3, equation 3).</summary>
    internal static ushort Update(ushort checksum, ushort before, ushort after) =>
        Complement((uint)(ushort)~checksum + (ushort)~before + after);

    /// <summary>The sum in 16 bits, with the carries added in.</summary>
    internal static ushort Fold(uint sum)
    {
        sum = (sum >> 16) + (sum & 0xFFFF);
        return (ushort)((sum >> 16) + sum);
    }

    private static uint Words(IpAddress address)
    {
        uint low = SumOf((uint)address.Low);
        return address.IsV4 ? low : low + Halves(address.High) + Halves(address.Low >> 32);
    }

    private static uint Halves(ulong half) =>
        (uint)((half >> 48) + ((half >> 32) & 0xFFFF) + ((half >> 16) & 0xFFFF) + (half & 0xFFFF));

    /// <summary>
    /// The sum of the 32-bit words of whole vectors. What goes over the top of a lane of <c>all</c> is what <c>upper</c> has counted apart,
    /// so the difference is exact.
    /// </summary>
    private static ulong SumVectors(ReadOnlySpan<byte> bytes)
    {
        const int VectorBytes = 32;
        Vector256<ulong> all = Vector256<ulong>.Zero;
        Vector256<ulong> upper = Vector256<ulong>.Zero;
        Vector256<ulong> allOfSecond = Vector256<ulong>.Zero;
        Vector256<ulong> upperOfSecond = Vector256<ulong>.Zero;
        for (; bytes.Length >= 2 * VectorBytes; bytes = bytes[(2 * VectorBytes)..])
        {
            Vector256<ulong> first = Vector256.Create(bytes).AsUInt64();
            Vector256<ulong> second = Vector256.Create(bytes[VectorBytes..]).AsUInt64();
            all += first;
            upper += first >>> 32;
            allOfSecond += second;
            upperOfSecond += second >>> 32;
        }

        if (!bytes.IsEmpty)
        {
            Vector256<ulong> last = Vector256.Create(bytes).AsUInt64();
            all += last;
            upper += last >>> 32;
        }

        upper += upperOfSecond;
        return Vector256.Sum(all + allOfSecond - (upper << 32) + upper);
    }

    /// <summary>Adds what is left of whole vectors, and folds.</summary>
    private static uint Finish(ulong total, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(uint); bytes = bytes[sizeof(uint)..])
        {
            total += BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        }

        if (bytes.Length >= sizeof(ushort))
        {
            total += BinaryPrimitives.ReadUInt16LittleEndian(bytes);
            bytes = bytes[sizeof(ushort)..];
        }

        total += bytes.Length > 0 ? bytes[0] : 0UL;
        total = (total >> 32) + (total & 0xFFFF_FFFF);
        total = (total >> 32) + (total & 0xFFFF_FFFF);
        return BinaryPrimitives.ReverseEndianness(Fold((uint)total));
    }
}
