using System.Buffers.Binary;

namespace RedLeafSharp.Contracts;

/// <summary>
/// An address of IP, of either version: 128 bits, with those of IPv4 in the mapped form ::ffff:a.b.c.d
/// (RFC 4291 section 2.5.5.2). The zero value is IPv6's unspecified address.
/// </summary>
/// <param name="high">Bits 127:64, the first byte on the link on top.</param>
/// <param name="low">Bits 63:0.</param>
public readonly struct IpAddress(ulong high, ulong low) : IEquatable<IpAddress>
{
    private const ulong MappedPrefix = 0xFFFFUL << 32;

    /// <summary>Bits 127:64.</summary>
    public ulong High { get; } = high;

    /// <summary>Bits 63:0.</summary>
    public ulong Low { get; } = low;

    /// <summary>0.0.0.0: no address yet, or any (RFC 1122 section 3.2.1.3).</summary>
    public static IpAddress AnyV4 => FromV4(0);

    /// <summary>255.255.255.255: all hosts of the link.</summary>
    public static IpAddress BroadcastV4 => FromV4(uint.MaxValue);

    /// <summary>Whether this is an address of IPv4.</summary>
    public bool IsV4 => High == 0 && Low >> 32 == 0xFFFF;

    /// <summary>The 32 bits of an address of IPv4, its first byte on top.</summary>
    public uint V4 => (uint)Low;

    /// <summary>Whether this stands for no address or any.</summary>
    public bool IsUnspecified => High == 0 && Low is 0 or MappedPrefix;

    /// <summary>Whether the address never leaves the host: 127.0.0.0/8 or ::1.</summary>
    public bool IsLoopback => IsV4 ? V4 >> 24 == 127 : High == 0 && Low == 1;

    /// <summary>Whether it names a group: 224.0.0.0/4 or ff00::/8.</summary>
    public bool IsMulticast => IsV4 ? V4 >> 28 == 14 : High >> 56 == 0xFF;

    /// <summary>An address of IPv4 from its 32 bits.</summary>
    public static IpAddress FromV4(uint value) => new(0, MappedPrefix | value);

    /// <summary>An address of IPv4 from its four bytes.</summary>
    public static IpAddress FromV4(byte first, byte second, byte third, byte fourth) =>
        FromV4(((uint)first << 24) | ((uint)second << 16) | ((uint)third << 8) | fourth);

    /// <summary>An address from 4 or 16 bytes as they go over the link.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than 4, or fewer than 16 and more than 4.</exception>
    public static IpAddress From(ReadOnlySpan<byte> bytes) => bytes.Length == 4
        ? FromV4(BinaryPrimitives.ReadUInt32BigEndian(bytes))
        : new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));

    /// <summary>Writes the 16 bytes of an address of IPv6.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no room for them.</exception>
    public void CopyTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Low);
    }

    /// <summary>Whether the first bits are those of a network; of IPv4's 32 bits for its addresses.</summary>
    /// <param name="network">An address of the network.</param>
    /// <param name="prefixBits">0 to 32, or 0 to 128.</param>
    public bool IsIn(IpAddress network, int prefixBits)
    {
        if (IsV4 != network.IsV4)
        {
            return false;
        }

        int bits = IsV4 ? prefixBits + 96 : prefixBits;
        ulong high = bits >= 64 ? ulong.MaxValue : bits == 0 ? 0 : ulong.MaxValue << (64 - bits);
        ulong low = bits <= 64 ? 0 : bits >= 128 ? ulong.MaxValue : ulong.MaxValue << (128 - bits);
        return ((High ^ network.High) & high) == 0 && ((Low ^ network.Low) & low) == 0;
    }

    /// <inheritdoc/>
    public bool Equals(IpAddress other) => High == other.High && Low == other.Low;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is IpAddress other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(High, Low);

    /// <summary>Dotted decimal for IPv4; eight groups of hexadecimal digits, nothing left out, for IPv6.</summary>
    public override string ToString() => IsV4
        ? $"{V4 >> 24}.{(V4 >> 16) & 0xFF}.{(V4 >> 8) & 0xFF}.{V4 & 0xFF}"
        : $"{Group(High, 48)}:{Group(High, 32)}:{Group(High, 16)}:{Group(High, 0)}:"
            + $"{Group(Low, 48)}:{Group(Low, 32)}:{Group(Low, 16)}:{Group(Low, 0)}";

    /// <summary>Whether both are the same address.</summary>
    public static bool operator ==(IpAddress left, IpAddress right) => left.Equals(right);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(IpAddress left, IpAddress right) => !left.Equals(right);

    private static string Group(ulong half, int shift) => $"{(half >> shift) & 0xFFFF:x}";
}
