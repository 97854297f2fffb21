using System.Buffers.Binary;
using System.Numerics;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// The two checksums of the format. CRC32C runs without the final inversion (checksums.rst), so that a checksum can be
/// the start value of the next; CRC-16 (polynomial 0xA001) is that of group descriptors without metadata_csum.
/// </summary>
internal static class Checksum
{
    /// <summary>A third of a block of 4 KiB, and of one of 1 KiB, each less a tail.</summary>
    private const int LongStreamBytes = 1360;

    private const int ShortStreamBytes = 336;

    private static readonly ushort[] Crc16Table = MakeCrc16Table();
    private static readonly uint[] LongShift = MakeShift(LongStreamBytes);
    private static readonly uint[] ShortShift = MakeShift(ShortStreamBytes);

    /// <summary>
    /// Eight bytes an instruction; a byte table takes about twenty times as long. An instruction waits for the one before, so
    /// a long piece is three streams side by side, joined with a table that says what a stream of zeroes makes of a checksum.
    /// </summary>
    internal static uint Crc32C(uint start, ReadOnlySpan<byte> data)
    {
        uint crc = start;
        while (data.Length >= 3 * LongStreamBytes)
        {
            crc = Streams(crc, data, LongStreamBytes, LongShift);
            data = data[(3 * LongStreamBytes)..];
        }

        while (data.Length >= 3 * ShortStreamBytes)
        {
            crc = Streams(crc, data, ShortStreamBytes, ShortShift);
            data = data[(3 * ShortStreamBytes)..];
        }

        while (data.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[sizeof(ulong)..];
        }

        foreach (byte value in data)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return crc;
    }

    private static uint Streams(uint crc, ReadOnlySpan<byte> data, int length, uint[] shift)
    {
        ReadOnlySpan<byte> first = data[..length];
        ReadOnlySpan<byte> second = data.Slice(length, length);
        ReadOnlySpan<byte> third = data.Slice(2 * length, length);
        uint crc2 = 0;
        uint crc3 = 0;
        while (first.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(first));
            crc2 = BitOperations.Crc32C(crc2, BinaryPrimitives.ReadUInt64LittleEndian(second));
            crc3 = BitOperations.Crc32C(crc3, BinaryPrimitives.ReadUInt64LittleEndian(third));
            first = first[sizeof(ulong)..];
            second = second[sizeof(ulong)..];
            third = third[sizeof(ulong)..];
        }

        return Shift(Shift(crc, shift) ^ crc2, shift) ^ crc3;
    }

    private static uint Shift(uint crc, uint[] table) =>
        table[crc & 0xFF] ^ table[256 + ((crc >> 8) & 0xFF)] ^ table[512 + ((crc >> 16) & 0xFF)] ^ table[768 + (crc >> 24)];

    /// <summary>For each value of each byte of a checksum what it becomes when so many zeroes follow: it is linear in the bits.</summary>
    private static uint[] MakeShift(int zeroes)
    {
        uint[] table = new uint[4 * 256];
        for (int bit = 0; bit < 32; bit++)
        {
            uint shifted = Crc32CZeroes(1u << bit, zeroes);
            int part = bit / 8 * 256;
            for (int value = 0; value < 256; value++)
            {
                table[part + value] ^= (value >> (bit % 8) & 1) != 0 ? shifted : 0;
            }
        }

        return table;
    }

    internal static uint Crc32C(uint start, uint value) => BitOperations.Crc32C(start, value);

    internal static uint Crc32CZeroes(uint start, int count)
    {
        for (; count > 0; count--)
        {
            start = BitOperations.Crc32C(start, (byte)0);
        }

        return start;
    }

    internal static ushort Crc16(ushort start, ReadOnlySpan<byte> data)
    {
        ushort crc = start;
        foreach (byte value in data)
        {
            crc = (ushort)((crc >> 8) ^ Crc16Table[(crc ^ value) & 0xFF]);
        }

        return crc;
    }

    internal static ushort Crc16(ushort start, uint value)
    {
        ushort crc = start;
        for (int shift = 0; shift < 32; shift += 8)
        {
            crc = (ushort)((crc >> 8) ^ Crc16Table[(crc ^ (value >> shift)) & 0xFF]);
        }

        return crc;
    }

    private static ushort[] MakeCrc16Table()
    {
        var table = new ushort[256];
        for (int index = 0; index < table.Length; index++)
        {
            int value = index;
            for (int bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? (value >> 1) ^ 0xA001 : value >> 1;
            }

            table[index] = (ushort)value;
        }

        return table;
    }
}
