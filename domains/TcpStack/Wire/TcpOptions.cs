using System.Buffers.Binary;

namespace RedLeafSharp.Domains.TcpStack.Wire;

/// <summary>A range of sequence numbers: from the first up to, not including, the end.</summary>
internal readonly struct SequenceRange(uint start, uint end)
{
    internal uint Start { get; } = start;

    internal uint End { get; } = end;

    internal uint LengthBytes => End - Start;

    public override string ToString() => $"{Start}:{End}";
}

/// <summary>
/// The options of a TCP segment: MSS (RFC 9293 section 3.7.1), window scale and timestamps (RFC 7323), SACK (RFC 2018).
/// Others are skipped.
/// </summary>
internal struct TcpOptions
{
    internal const int SackBlocksMax = 4;
    internal const int TimestampBytes = 12;

    private const byte KindEnd = 0;
    private const byte KindNop = 1;
    private const byte KindMss = 2;
    private const byte KindWindowScale = 3;
    private const byte KindSackPermitted = 4;
    private const byte KindSack = 5;
    private const byte KindTimestamps = 8;
    private const uint Padding = (KindNop << 24) | (KindNop << 16);
    private const uint PaddedTimestamps = Padding | (KindTimestamps << 8) | 10;

    /// <summary>0 when there is none.</summary>
    internal ushort Mss;

    internal bool HasWindowScale;
    internal byte WindowScale;
    internal bool IsSackPermitted;
    internal bool HasTimestamps;
    internal uint TimestampValue;
    internal uint TimestampEcho;
    internal int SackCount;

    private SequenceRange first;
    private SequenceRange second;
    private SequenceRange third;
    private SequenceRange fourth;

    /// <summary>Bytes that <see cref="Write"/> takes: a multiple of 4, at most 40.</summary>
    internal readonly int LengthBytes =>
        (Mss != 0 ? 4 : 0) + (HasWindowScale ? 4 : 0) + (IsSackPermitted ? 4 : 0)
        + (HasTimestamps ? TimestampBytes : 0) + (SackCount > 0 ? 4 + (8 * SackCount) : 0);

    /// <summary>Reads the options; false when one is longer than the header, or shorter than it has to be.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> bytes, out TcpOptions options)
    {
        options = default;
        if (bytes.Length == TimestampBytes && BinaryPrimitives.ReadUInt32BigEndian(bytes) == PaddedTimestamps)
        {
            // What nearly all segments have (RFC 7323 appendix A).
            options.HasTimestamps = true;
            options.TimestampValue = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
            options.TimestampEcho = BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]);
            return true;
        }

        while (bytes.Length > 0 && bytes[0] != KindEnd)
        {
            if (bytes[0] == KindNop)
            {
                bytes = bytes[1..];
                continue;
            }

            if (bytes.Length < 2 || bytes[1] < 2 || bytes[1] > bytes.Length || !options.TryTake(bytes[0], bytes[2..bytes[1]]))
            {
                return false;
            }

            bytes = bytes[bytes[1]..];
        }

        return true;
    }

    internal readonly SequenceRange Sack(int index) => index switch { 0 => first, 1 => second, 2 => third, _ => fourth };

    /// <summary>Adds a block if there is room.</summary>
    internal void AddSack(SequenceRange block)
    {
        switch (SackCount)
        {
            case 0:
                first = block;
                break;
            case 1:
                second = block;
                break;
            case 2:
                third = block;
                break;
            case 3:
                fourth = block;
                break;
            default:
                return;
        }

        SackCount++;
    }

    /// <summary>Writes the options, each padded to a multiple of 4 bytes as RFC 7323 appendix A suggests.</summary>
    internal readonly void Write(Span<byte> bytes)
    {
        int offset = 0;
        if (Mss != 0)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, (KindMss << 24) | (4 << 16) | (uint)Mss);
            offset += 4;
        }

        if (IsSackPermitted)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes[offset..], Padding | (KindSackPermitted << 8) | 2);
            offset += 4;
        }

        if (HasTimestamps)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes[offset..], PaddedTimestamps);
            BinaryPrimitives.WriteUInt32BigEndian(bytes[(offset + 4)..], TimestampValue);
            BinaryPrimitives.WriteUInt32BigEndian(bytes[(offset + 8)..], TimestampEcho);
            offset += TimestampBytes;
        }

        if (HasWindowScale)
        {
            BinaryPrimitives.WriteUInt32BigEndian(
                bytes[offset..], (KindNop << 24) | (KindWindowScale << 16) | (3 << 8) | (uint)WindowScale);
            offset += 4;
        }

        if (SackCount > 0)
        {
            WriteSack(bytes[offset..]);
        }
    }

    private readonly void WriteSack(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Padding | (KindSack << 8) | (uint)(2 + (8 * SackCount)));
        for (int index = 0; index < SackCount; index++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes[(4 + (8 * index))..], Sack(index).Start);
            BinaryPrimitives.WriteUInt32BigEndian(bytes[(8 + (8 * index))..], Sack(index).End);
        }
    }

    private bool TryTake(byte kind, ReadOnlySpan<byte> body)
    {
        switch (kind)
        {
            case KindMss when body.Length == 2:
                Mss = BinaryPrimitives.ReadUInt16BigEndian(body);
                return true;
            case KindWindowScale when body.Length == 1:
                HasWindowScale = true;
                WindowScale = body[0];
                return true;
            case KindSackPermitted when body.Length == 0:
                IsSackPermitted = true;
                return true;
            case KindTimestamps when body.Length == 8:
                HasTimestamps = true;
                TimestampValue = BinaryPrimitives.ReadUInt32BigEndian(body);
                TimestampEcho = BinaryPrimitives.ReadUInt32BigEndian(body[4..]);
                return true;
            case KindSack when body.Length % 8 == 0:
                TakeSack(body);
                return true;
            default:
                return kind is not (KindMss or KindWindowScale or KindSackPermitted or KindTimestamps or KindSack);
        }
    }

    private void TakeSack(ReadOnlySpan<byte> body)
    {
        for (; body.Length >= 8; body = body[8..])
        {
            AddSack(new SequenceRange(
                BinaryPrimitives.ReadUInt32BigEndian(body), BinaryPrimitives.ReadUInt32BigEndian(body[4..])));
        }
    }
}
