using System.Buffers.Binary;
using System.Numerics;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// The two checksums of the format. CRC32C runs without the final inversion (checksums.rst), so that a checksum can be
/// the start value of the next; CRC-16 (polynomial 0xA001) is that of group descriptors without metadata_csum.
/// </summary>
internal static class Checksum
{
    private static readonly ushort[] Crc16Table = MakeCrc16Table();

    /// <summary>Eight bytes an instruction; a byte table takes about twenty times as long.</summary>
    internal static uint Crc32C(uint start, ReadOnlySpan<byte> data)
    {
        uint crc = start;
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
