using System.Buffers.Binary;
using System.Numerics;

namespace RedLeafSharp.Lab.Workloads;

/// <summary>
/// What a workload writes into a sector, so that whatever is read back says which write it comes from: page, sector, version, and a
/// checksum (CRC-32C) over all of it.
/// </summary>
internal static class BlockStamp
{
    internal const int SectorBytes = 512;
    internal const int SectorsPerPage = DiskPageBytes / SectorBytes;

    /// <summary>The version of a sector of zeros.</summary>
    internal const long Zeros = 0;

    /// <summary>The version of a sector that no write can have left: damaged, or another page's.</summary>
    internal const long Foreign = -1;

    private const int DiskPageBytes = 4096;
    private const int VersionAt = 8;
    private const int ChecksumAt = SectorBytes - sizeof(uint);

    /// <summary>Stamps a whole page.</summary>
    internal static void Write(Span<byte> page, long number, long version, ulong seed)
    {
        for (int sector = 0; sector < SectorsPerPage; sector++)
        {
            WriteSector(page.Slice(sector * SectorBytes, SectorBytes), Name(number, sector), version, seed);
        }
    }

    /// <summary>The version of one sector of a page.</summary>
    internal static long Read(ReadOnlySpan<byte> sector, long number, int index, ulong seed)
    {
        long version = BinaryPrimitives.ReadInt64LittleEndian(sector[VersionAt..]);
        if (BinaryPrimitives.ReadUInt64LittleEndian(sector) == 0 && version == 0)
        {
            return sector.IndexOfAnyExcept((byte)0) < 0 ? Zeros : Foreign;
        }

        bool isMeant = BinaryPrimitives.ReadUInt64LittleEndian(sector) == (Name(number, index) ^ seed) && version > 0;
        return isMeant && BinaryPrimitives.ReadUInt32LittleEndian(sector[ChecksumAt..]) == Checksum(sector) ? version : Foreign;
    }

    private static ulong Name(long number, int sector) => ((ulong)number << 3 | (uint)sector) + 1;

    private static void WriteSector(Span<byte> sector, ulong name, long version, ulong seed)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(sector, name ^ seed);
        BinaryPrimitives.WriteInt64LittleEndian(sector[VersionAt..], version);
        ulong word = name * 0x9E3779B97F4A7C15 ^ (ulong)version;
        for (int offset = 2 * VersionAt; offset < SectorBytes; offset += sizeof(ulong))
        {
            word = BitOperations.RotateLeft(word * 0xBF58476D1CE4E5B9, 31);
            BinaryPrimitives.WriteUInt64LittleEndian(sector[offset..], word);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(sector[ChecksumAt..], Checksum(sector));
    }

    private static uint Checksum(ReadOnlySpan<byte> sector)
    {
        uint sum = uint.MaxValue;
        ReadOnlySpan<byte> rest = sector[..ChecksumAt];
        for (; rest.Length >= sizeof(ulong); rest = rest[sizeof(ulong)..])
        {
            sum = BitOperations.Crc32C(sum, BinaryPrimitives.ReadUInt64LittleEndian(rest));
        }

        return ~BitOperations.Crc32C(sum, BinaryPrimitives.ReadUInt32LittleEndian(rest));
    }
}
