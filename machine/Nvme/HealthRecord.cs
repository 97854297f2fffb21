using System.Buffers.Binary;

namespace RedLeafSharp.Machine.Nvme;

/// <summary>What the SMART / Health Information log tells: NVMe 1.4 section 5.14.1.2, figure 194.</summary>
internal sealed class HealthRecord
{
    /// <summary>40 °C. The model does not warm up; tests move the threshold instead.</summary>
    internal const ushort TemperatureKelvin = 313;

    private const byte WarnsOfTemperature = 1 << 1;
    private const byte WarnsOfReadOnly = 1 << 3;

    /// <summary>Data units are thousands of 512 bytes, rounded up.</summary>
    private const long DataUnitBytes = 512_000;

    private long readBytes;
    private long writtenBytes;
    private long readCount;
    private long writeCount;

    /// <summary>
    /// Bytes read and written so far. May be asked from any thread: the counters are words that only the device's thread
    /// writes, and a count that is a moment old is as good.
    /// </summary>
    internal long TransferredBytes => Volatile.Read(ref readBytes) + Volatile.Read(ref writtenBytes);

    internal long MediaErrorCount { get; set; }

    internal long UnsafeShutdownCount { get; set; }

    internal void NoteRead(long bytes)
    {
        readBytes += bytes;
        readCount++;
    }

    internal void NoteWrite(long bytes)
    {
        writtenBytes += bytes;
        writeCount++;
    }

    internal void CopyTo(Span<byte> page, bool isTooHot, bool isReadOnly, long errorCount)
    {
        page[0] = (byte)((isTooHot ? WarnsOfTemperature : 0) | (isReadOnly ? WarnsOfReadOnly : 0));
        BinaryPrimitives.WriteUInt16LittleEndian(page[1..], TemperatureKelvin);
        page[3] = 100;
        page[4] = 10;
        BinaryPrimitives.WriteInt64LittleEndian(page[32..], (readBytes + DataUnitBytes - 1) / DataUnitBytes);
        BinaryPrimitives.WriteInt64LittleEndian(page[48..], (writtenBytes + DataUnitBytes - 1) / DataUnitBytes);
        BinaryPrimitives.WriteInt64LittleEndian(page[64..], readCount);
        BinaryPrimitives.WriteInt64LittleEndian(page[80..], writeCount);
        BinaryPrimitives.WriteInt64LittleEndian(page[112..], 1);
        BinaryPrimitives.WriteInt64LittleEndian(page[144..], UnsafeShutdownCount);
        BinaryPrimitives.WriteInt64LittleEndian(page[160..], MediaErrorCount);
        BinaryPrimitives.WriteInt64LittleEndian(page[176..], errorCount);
    }
}
