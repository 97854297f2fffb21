using System.Buffers.Binary;
using System.Globalization;

namespace RedLeafSharp.Contracts;

/// <summary>An address of a station or a group on a link: 48 bits (IEEE 802 section 8.2).</summary>
/// <param name="value">The address as a number: its first byte on the link in bits 47:40.</param>
public readonly struct MacAddress(ulong value) : IEquatable<MacAddress>
{
    /// <summary>Bytes of an address.</summary>
    public const int LengthBytes = 6;

    private const ulong GroupBit = 1UL << 40;

    /// <summary>All stations.</summary>
    public static MacAddress Broadcast => new(0xFFFF_FFFF_FFFF);

    /// <summary>The address as a number: its first byte on the link in bits 47:40.</summary>
    public ulong Value { get; } = value & 0xFFFF_FFFF_FFFF;

    /// <summary>Whether it names a group of stations, or all.</summary>
    public bool IsMulticast => (Value & GroupBit) != 0;

    /// <summary>The address in the first six bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer.</exception>
    public static MacAddress From(ReadOnlySpan<byte> bytes) =>
        new(((ulong)BinaryPrimitives.ReadUInt16BigEndian(bytes) << 32) | BinaryPrimitives.ReadUInt32BigEndian(bytes[2..]));

    /// <summary>Writes the six bytes as they go over the link.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no room for them.</exception>
    public void CopyTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(Value >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(bytes[2..], (uint)Value);
    }

    /// <inheritdoc/>
    public bool Equals(MacAddress other) => Value == other.Value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is MacAddress other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Value.GetHashCode();

    /// <summary>The usual notation: six hexadecimal bytes and colons.</summary>
    public override string ToString() => string.Join(
        ':', Value.ToString("x12", CultureInfo.InvariantCulture).Chunk(2).Select(pair => new string(pair)));

    /// <summary>Whether both are the same address.</summary>
    public static bool operator ==(MacAddress left, MacAddress right) => left.Equals(right);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(MacAddress left, MacAddress right) => !left.Equals(right);
}
