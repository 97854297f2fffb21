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

    /// <summary>::, IPv6's unspecified address (RFC 4291 section 2.5.2); the zero value.</summary>
    public static IpAddress AnyV6 => default;

    /// <summary>::1, IPv6's loopback address (RFC 4291 section 2.5.3).</summary>
    public static IpAddress LoopbackV6 => new(0, 1);

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

    /// <summary>Whether it is a host's and means something on its link only: 169.254.0.0/16 (RFC 3927) or fe80::/10.</summary>
    public bool IsLinkLocal => IsV4 ? V4 >> 16 == 0xA9FE : High >> 54 == 0x3FA;

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

    /// <summary>
    /// Reads an address as people write it: four decimal numbers, or hexadecimal groups of which one run of zeros may be left out
    /// (RFC 4291 section 2.2), the last two perhaps as decimal numbers. Numbers with leading zeros are refused: some take them for
    /// octal ones.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out IpAddress address)
    {
        int last = text.LastIndexOf(':');
        if (last < 0)
        {
            return TryParseV4(text, out address);
        }

        if (!text[last..].Contains('.'))
        {
            return TryParseV6(text, out address);
        }

        address = default;
        return TryParseV4(text[(last + 1)..], out IpAddress tail)
            && TryParseV6($"{text[..(last + 1)]}{tail.V4 >> 16:x}:{tail.V4 & 0xFFFF:x}", out address);
    }

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

    /// <summary>The first address of a network that this one is in: the bits behind the prefix are 0.</summary>
    /// <param name="prefixBits">0 to 32, or 0 to 128.</param>
    public IpAddress Network(int prefixBits)
    {
        int bits = IsV4 ? prefixBits + 96 : prefixBits;
        ulong high = bits >= 64 ? ulong.MaxValue : bits == 0 ? 0 : ulong.MaxValue << (64 - bits);
        ulong low = bits <= 64 ? 0 : bits >= 128 ? ulong.MaxValue : ulong.MaxValue << (128 - bits);
        return new IpAddress(High & high, Low & low);
    }

    /// <inheritdoc/>
    public bool Equals(IpAddress other) => High == other.High && Low == other.Low;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is IpAddress other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(High, Low);

    /// <summary>Dotted decimal for IPv4; for IPv6 the form that RFC 5952 section 4 recommends.</summary>
    public override string ToString() => IsV4
        ? $"{V4 >> 24}.{(V4 >> 16) & 0xFF}.{(V4 >> 8) & 0xFF}.{V4 & 0xFF}"
        : FormatV6();

    /// <summary>Whether both are the same address.</summary>
    public static bool operator ==(IpAddress left, IpAddress right) => left.Equals(right);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(IpAddress left, IpAddress right) => !left.Equals(right);

    private static bool TryParseV4(ReadOnlySpan<char> text, out IpAddress address)
    {
        uint value = 0;
        int parts = 0;
        while (parts < 4)
        {
            int digits = 0;
            uint part = 0;
            while (digits < text.Length && char.IsAsciiDigit(text[digits]) && digits < 3)
            {
                part = (10 * part) + (uint)(text[digits++] - '0');
            }

            if (digits == 0 || part > 255 || (digits > 1 && text[0] == '0'))
            {
                break;
            }

            value = (value << 8) | part;
            parts++;
            text = text[digits..];
            if (parts == 4 || text.IsEmpty || text[0] != '.')
            {
                break;
            }

            text = text[1..];
        }

        address = FromV4(value);
        return parts == 4 && text.IsEmpty;
    }

    private static bool TryParseV6(ReadOnlySpan<char> text, out IpAddress address)
    {
        ReadOnlySpan<char> tail = [];
        int gap = text.IndexOf("::");
        ReadOnlySpan<char> head = gap < 0 ? text : text[..gap];
        tail = gap < 0 ? tail : text[(gap + 2)..];
        bool isRead = TryParseGroups(head, out IpAddress front, out int frontGroups)
            & TryParseGroups(tail, out IpAddress back, out int backGroups);
        int total = frontGroups + backGroups;

        // The groups before the gap stand at the top, those behind it at the bottom.
        int shift = 16 * (8 - frontGroups);
        ulong high = shift >= 128 ? 0 : shift >= 64 ? front.Low << (shift - 64) : shift == 0 ? front.High
            : (front.High << shift) | (front.Low >> (64 - shift));
        ulong low = shift >= 64 ? 0 : front.Low << shift;
        address = new IpAddress(high | back.High, low | back.Low);
        return isRead && (gap < 0 ? total == 8 : total < 8);
    }

    private static bool TryParseGroups(ReadOnlySpan<char> text, out IpAddress value, out int count)
    {
        (ulong high, ulong low) = (0UL, 0UL);
        count = 0;
        bool isGood = true;
        while (isGood && !text.IsEmpty)
        {
            int digits = 0;
            ulong group = 0;
            while (digits < text.Length && digits < 4 && char.IsAsciiHexDigit(text[digits]))
            {
                char digit = text[digits++];
                group = (group << 4) | (uint)(char.IsAsciiDigit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10);
            }

            bool isLast = digits == text.Length;
            isGood = digits > 0 && count < 8 && (isLast || (text[digits] == ':' && digits + 1 < text.Length));
            (high, low) = ((high << 16) | (low >> 48), (low << 16) | group);
            count++;
            text = isGood && !isLast ? text[(digits + 1)..] : [];
        }

        value = new IpAddress(high, low);
        return isGood;
    }

    /// <summary>The longest run of groups that are zero is left out, the first of equally long ones; never a single group.</summary>
    private string FormatV6()
    {
        (int start, int length) = (-1, 1);
        for (int first = 0; first < 8; first++)
        {
            int end = first;
            while (end < 8 && Group(end) == 0)
            {
                end++;
            }

            (start, length) = end - first > length ? (first, end - first) : (start, length);
        }

        string text = "";
        for (int index = 0; index < 8; index++)
        {
            if (index == start)
            {
                text += "::";
                index += length - 1;
                continue;
            }

            text += text.Length == 0 || text[^1] == ':' ? $"{Group(index):x}" : $":{Group(index):x}";
        }

        return text;
    }

    private ulong Group(int index) => ((index < 4 ? High : Low) >> (48 - (16 * (index % 4)))) & 0xFFFF;
}
