using System.Buffers.Binary;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>Fields of the journal's records by offset.</summary>
internal static class BigEndian
{
    internal static uint U32(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32BigEndian(bytes[offset..]);

    internal static void Put16(Span<byte> bytes, int offset, uint value) =>
        BinaryPrimitives.WriteUInt16BigEndian(bytes[offset..], (ushort)value);

    internal static ushort U16(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt16BigEndian(bytes[offset..]);

    internal static void Put32(Span<byte> bytes, int offset, uint value) =>
        BinaryPrimitives.WriteUInt32BigEndian(bytes[offset..], value);

    internal static void Put64(Span<byte> bytes, int offset, ulong value) =>
        BinaryPrimitives.WriteUInt64BigEndian(bytes[offset..], value);
}
