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
    private const int VectorBytes = 32;

    /// <summary>The sum over bytes that start at an even offset; a missing last byte counts as 0.</summary>
    /// <remarks>
    /// Words are added as the machine reads them and swapped once at the end (RFC 1071 section 2(B)), 32 bits at a time in
    /// 64-bit lanes, where the carries have room.
    /// </remarks>
    internal static uint Sum(ReadOnlySpan<byte> bytes)
    {
        ulong total = 0;
        if (bytes.Length >= 2 * VectorBytes && Vector256.IsHardwareAccelerated)
        {
            Vector256<ulong> mask = Vector256.Create(0xFFFF_FFFFUL);
            Vector256<ulong> even = Vector256<ulong>.Zero;
            Vector256<ulong> odd = Vector256<ulong>.Zero;
            while (bytes.Length >= 2 * VectorBytes)
            {
                Vector256<ulong> first = Vector256.Create(bytes).AsUInt64();
                Vector256<ulong> second = Vector256.Create(bytes[VectorBytes..]).AsUInt64();
                even += (first & mask) + (second & mask);
                odd += (first >>> 32) + (second >>> 32);
                bytes = bytes[(2 * VectorBytes)..];
            }

            total = Vector256.Sum(even + odd);
        }

        return Finish(total, bytes);
    }

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
        uint low = ((uint)address.Low >> 16) + ((uint)address.Low & 0xFFFF);
        return address.IsV4 ? low : low + Halves(address.High) + Halves(address.Low >> 32);
    }

    private static uint Halves(ulong half) =>
        (uint)((half >> 48) + ((half >> 32) & 0xFFFF) + ((half >> 16) & 0xFFFF) + (half & 0xFFFF));

    private static uint Finish(ulong total, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= sizeof(uint))
        {
            total += BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            bytes = bytes[sizeof(uint)..];
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
