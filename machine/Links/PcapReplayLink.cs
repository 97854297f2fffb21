using System.Buffers.Binary;

namespace RedLeafSharp.Machine.Links;

/// <summary>
/// Plays a pcap file: its frames arrive at the times that the file gives them, counted from the first one. What is sent goes nowhere.
/// </summary>
internal sealed class PcapReplayLink : LinkPort
{
    private readonly Stream stream;
    private readonly Func<long> uptimeMicros;
    private readonly byte[] header = new byte[PcapSpec.RecordHeaderBytes];
    private readonly byte[] buffer = new byte[LinkLimits.DatagramBytesMax];
    private readonly bool isBigEndian;
    private readonly bool hasNanoseconds;
    private long firstMicros = -1;
    private long startMicros;
    private long dueMicros;
    private int waitingBytes;

    /// <param name="stream">The file; disposed of with the link.</param>
    /// <param name="uptimeMicros">The time.</param>
    /// <exception cref="IOException">The file is none in this format, or not one of Ethernet.</exception>
    internal PcapReplayLink(Stream stream, Func<long> uptimeMicros)
    {
        this.stream = stream;
        this.uptimeMicros = uptimeMicros;
        Span<byte> file = stackalloc byte[PcapSpec.FileHeaderBytes];
        if (stream.ReadAtLeast(file, file.Length, throwOnEndOfStream: false) < file.Length)
        {
            throw new IOException("shorter than the header of a pcap file");
        }

        uint magic = BinaryPrimitives.ReadUInt32LittleEndian(file);
        isBigEndian = magic is not (PcapSpec.MagicMicroseconds or PcapSpec.MagicNanoseconds);
        magic = isBigEndian ? BinaryPrimitives.ReverseEndianness(magic) : magic;
        hasNanoseconds = magic == PcapSpec.MagicNanoseconds;
        if (!hasNanoseconds && magic != PcapSpec.MagicMicroseconds)
        {
            throw new IOException("not a pcap file (pcapng is another format; editcap -F pcap converts it)");
        }

        uint linkType = Number(file, PcapSpec.LinkTypeOffset) & ushort.MaxValue;
        if (linkType != PcapSpec.LinkTypeEthernet)
        {
            throw new IOException($"frames of link type {linkType}; only Ethernet (1) can be played");
        }

        ReadNext();
    }

    /// <summary>Frames are still to come.</summary>
    internal override bool HasInFlight => waitingBytes > 0;

    /// <summary>Frames that were sent into the void.</summary>
    internal long SentCount { get; private set; }

    internal override void Send(ReadOnlySpan<byte> frame, in FrameState state) => SentCount++;

    internal override bool TryPeek(out ReadOnlySpan<byte> frame, out FrameState state)
    {
        state = default;
        bool isDue = waitingBytes > 0 && uptimeMicros() >= dueMicros;
        frame = isDue ? buffer.AsSpan(0, waitingBytes) : default;
        return isDue;
    }

    internal override void Take() => ReadNext();

    public override void Dispose() => stream.Dispose();

    /// <summary>Reads the next frame. A file that ends within one, or contradicts itself, ends before it.</summary>
    private void ReadNext()
    {
        waitingBytes = 0;
        if (stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length)
        {
            return;
        }

        uint captured = Number(header, PcapSpec.CapturedOffset);
        if (captured > buffer.Length || stream.ReadAtLeast(buffer.AsSpan(0, (int)captured), (int)captured, false) < captured)
        {
            return;
        }

        long fraction = Number(header, PcapSpec.FractionOffset);
        long time = (Number(header, 0) * 1_000_000L) + (hasNanoseconds ? fraction / 1000 : fraction);
        if (firstMicros < 0)
        {
            firstMicros = time;
            startMicros = uptimeMicros();
        }

        dueMicros = startMicros + time - firstMicros;
        waitingBytes = (int)captured;
    }

    private uint Number(ReadOnlySpan<byte> bytes, int offset) => isBigEndian
        ? BinaryPrimitives.ReadUInt32BigEndian(bytes[offset..])
        : BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);
}
