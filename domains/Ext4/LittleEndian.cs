using System.Buffers.Binary;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>Fields of on-disk records by offset.</summary>
internal static class LittleEndian
{
    internal static ushort U16(ReadOnlySpan<byte> record, int offset) =>
        BinaryPrimitives.ReadUInt16LittleEndian(record[offset..]);

    internal static uint U32(ReadOnlySpan<byte> record, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(record[offset..]);

    internal static ulong U64(ReadOnlySpan<byte> record, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(record[offset..]);

    internal static void Put16(Span<byte> record, int offset, uint value) =>
        BinaryPrimitives.WriteUInt16LittleEndian(record[offset..], (ushort)value);

    internal static void Put32(Span<byte> record, int offset, uint value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(record[offset..], value);

    internal static void Put64(Span<byte> record, int offset, ulong value) =>
        BinaryPrimitives.WriteUInt64LittleEndian(record[offset..], value);
}
