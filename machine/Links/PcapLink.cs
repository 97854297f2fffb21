using System.Buffers.Binary;

namespace RedLeafSharp.Machine.Links;

/// <summary>
/// A port that writes every frame of both directions to a file in the pcap format (draft-ietf-opsawg-pcap), with the time in
/// microseconds: Wireshark and tcpdump open it.
/// </summary>
internal sealed class PcapLink : LinkPort
{
    private const uint MagicMicroseconds = 0xA1B2C3D4;
    private const int FileHeaderBytes = 24;
    private const int RecordHeaderBytes = 16;
    private const int LinkTypeEthernet = 1;

    private readonly LinkPort inner;
    private readonly Stream stream;
    private readonly Func<long> clockMicros;
    private bool hasWrittenFirst;

    /// <param name="inner">The link; disposed of with this one.</param>
    /// <param name="stream">The file; disposed of with the link.</param>
    /// <param name="clockMicros">Microseconds since 1970.</param>
    internal PcapLink(LinkPort inner, Stream stream, Func<long> clockMicros)
    {
        this.inner = inner;
        this.stream = stream;
        this.clockMicros = clockMicros;
        Span<byte> header = stackalloc byte[FileHeaderBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(header, MagicMicroseconds);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], 4);
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], LinkLimits.DatagramBytesMax);
        BinaryPrimitives.WriteInt32LittleEndian(header[20..], LinkTypeEthernet);
        stream.Write(header);
    }

    internal override bool IsUp => inner.IsUp;

    internal override bool TakesUnfinished => inner.TakesUnfinished;

    internal override bool HasInFlight => inner.HasInFlight;

    internal override void Send(ReadOnlySpan<byte> frame, in FrameState state)
    {
        Write(frame);
        inner.Send(frame, in state);
    }

    /// <summary>A frame that is looked at several times is written once.</summary>
    internal override bool TryPeek(out ReadOnlySpan<byte> frame, out FrameState state)
    {
        bool isThere = inner.TryPeek(out frame, out state);
        OverrunCount = inner.OverrunCount;
        if (isThere && !hasWrittenFirst)
        {
            Write(frame);
            hasWrittenFirst = true;
        }

        return isThere;
    }

    internal override void Take()
    {
        inner.Take();
        hasWrittenFirst = false;
    }

    public override void Dispose()
    {
        stream.Dispose();
        inner.Dispose();
    }

    private void Write(ReadOnlySpan<byte> frame)
    {
        long now = clockMicros();
        Span<byte> header = stackalloc byte[RecordHeaderBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)(now / 1_000_000));
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], (uint)(now % 1_000_000));
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], frame.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], frame.Length);
        stream.Write(header);
        stream.Write(frame);
    }
}
