using System.Buffers.Binary;

namespace RedLeafSharp.Lab.Workloads.KeyValue;

/// <summary>What a client asks for.</summary>
internal enum KeyValueCall : byte
{
    None,
    Read,
    Write,
    CompareAndSet,
}

/// <summary>A request: 24 bytes on the wire.</summary>
internal readonly record struct KeyValueRequest(KeyValueCall Call, byte Key, uint Number, long Expected, long Value)
{
    internal const int LengthBytes = 24;

    internal void Write(Span<byte> bytes)
    {
        bytes[0] = (byte)Call;
        bytes[1] = Key;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[2..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], Number);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], Expected);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], Value);
    }

    /// <summary>Reads one; false when it is none.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> bytes, out KeyValueRequest request)
    {
        request = new KeyValueRequest(
            (KeyValueCall)bytes[0],
            bytes[1],
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]));
        return request.Call is > KeyValueCall.None and <= KeyValueCall.CompareAndSet && BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]) == 0;
    }
}

/// <summary>An answer: 16 bytes on the wire. The value is what was read; 0 is none.</summary>
internal readonly record struct KeyValueAnswer(bool IsDone, uint Number, long Value)
{
    internal const int LengthBytes = 16;

    internal void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, IsDone ? 1u : 0);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], Number);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], Value);
    }

    internal static KeyValueAnswer Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(bytes) == 1,
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
        BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]));
}
