using System.Buffers.Binary;

namespace RedLeafSharp.Machine.Links;

/// <summary>
/// A port that writes every frame of both directions to a file in the pcap format, with the time in microseconds: Wireshark and
/// tcpdump open it. A checksum that the link is to make is made in the file, too; a frame that it is to cut stays whole there.
/// </summary>
/// <remarks>When the file cannot be written any more, traffic goes on without it.</remarks>
internal sealed class PcapLink : LinkPort
{
    private readonly LinkPort inner;
    private readonly Stream stream;
    private readonly Func<long> clockMicros;
    private readonly byte[] copy = new byte[LinkLimits.DatagramBytesMax];
    private bool hasWrittenFirst;
    private bool isUnflushed;

    /// <param name="inner">The link; disposed of with this one.</param>
    /// <param name="stream">The file; disposed of with the link.</param>
    /// <param name="clockMicros">Microseconds since 1970.</param>
    internal PcapLink(LinkPort inner, Stream stream, Func<long> clockMicros)
    {
        this.inner = inner;
        this.stream = stream;
        this.clockMicros = clockMicros;
        Span<byte> header = stackalloc byte[PcapSpec.FileHeaderBytes];
        header.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, PcapSpec.MagicMicroseconds);
        BinaryPrimitives.WriteUInt16LittleEndian(header[PcapSpec.VersionOffset..], PcapSpec.VersionMajor);
        BinaryPrimitives.WriteUInt16LittleEndian(header[(PcapSpec.VersionOffset + 2)..], PcapSpec.VersionMinor);
        BinaryPrimitives.WriteInt32LittleEndian(header[PcapSpec.SnapLengthOffset..], LinkLimits.DatagramBytesMax);
        BinaryPrimitives.WriteInt32LittleEndian(header[PcapSpec.LinkTypeOffset..], PcapSpec.LinkTypeEthernet);
        stream.Write(header);
    }

    internal override bool IsUp => inner.IsUp;

    internal override bool TakesUnfinished => inner.TakesUnfinished;

    internal override bool HasInFlight => inner.HasInFlight;

    internal override int Descriptor => inner.Descriptor;

    /// <summary>Frames that are not in the file because it could not be written.</summary>
    internal long UnwrittenCount { get; private set; }

    internal override void Send(ReadOnlySpan<byte> frame, in FrameState state)
    {
        Write(frame, in state);
        inner.Send(frame, in state);
    }

    /// <summary>A frame that is looked at several times is written once.</summary>
    internal override bool TryPeek(out ReadOnlySpan<byte> frame, out FrameState state)
    {
        bool isThere = inner.TryPeek(out frame, out state);
        OverrunCount = inner.OverrunCount;
        if (isThere && !hasWrittenFirst)
        {
            Write(frame, in state);
            hasWrittenFirst = true;
        }
        else if (!isThere && isUnflushed)
        {
            Flush();
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
        try
        {
            stream.Dispose();
        }
        catch (IOException)
        {
            UnwrittenCount++;
        }

        inner.Dispose();
    }

    /// <summary>Whenever nothing is to do, the file has all: who reads it meanwhile, and a process that is killed, lose nothing.</summary>
    private void Flush()
    {
        isUnflushed = false;
        try
        {
            stream.Flush();
        }
        catch (IOException)
        {
            UnwrittenCount++;
        }
    }

    private void Write(ReadOnlySpan<byte> frame, in FrameState state)
    {
        long now = clockMicros();
        Span<byte> header = stackalloc byte[PcapSpec.RecordHeaderBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)(now / 1_000_000));
        BinaryPrimitives.WriteUInt32LittleEndian(header[PcapSpec.FractionOffset..], (uint)(now % 1_000_000));
        BinaryPrimitives.WriteInt32LittleEndian(header[PcapSpec.CapturedOffset..], frame.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header[PcapSpec.OriginalOffset..], frame.Length);
        try
        {
            stream.Write(header);
            stream.Write(Finished(frame, in state));
            isUnflushed = true;
        }
        catch (IOException)
        {
            UnwrittenCount++;
        }
    }

    private ReadOnlySpan<byte> Finished(ReadOnlySpan<byte> frame, in FrameState state)
    {
        int field = state.ChecksumStart + state.ChecksumOffset;
        if (!state.NeedsChecksum || frame.Length > copy.Length || state.ChecksumStart >= frame.Length || field + 2 > frame.Length)
        {
            return frame;
        }

        frame.CopyTo(copy);
        Span<byte> own = copy.AsSpan(0, frame.Length);
        InternetChecksum.Store(own[field..], (ushort)~InternetChecksum.Sum(own[state.ChecksumStart..]));
        return own;
    }
}
