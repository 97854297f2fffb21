using System.Buffers.Binary;
using Spec = RedLeafSharp.Machine.Links.User.UserSpec;

namespace RedLeafSharp.Machine.Links.User;

/// <summary>A TCP segment of the system, its lengths checked.</summary>
internal readonly ref struct GuestSegment
{
    internal int SourcePort { get; private init; }

    internal int DestinationPort { get; private init; }

    internal uint Sequence { get; private init; }

    internal uint Acknowledgment { get; private init; }

    internal byte Flags { get; private init; }

    internal int Window { get; private init; }

    /// <summary>The MSS option of a SYN, or the value that stands for none (RFC 9293 section 3.7.1).</summary>
    internal int Mss { get; private init; }

    /// <summary>The window scale option of a SYN; -1 for none.</summary>
    internal int Scale { get; private init; }

    internal ReadOnlySpan<byte> Data { get; private init; }

    internal bool IsSyn => (Flags & Spec.Syn) != 0;

    internal bool IsFin => (Flags & Spec.Fin) != 0;

    internal bool IsRst => (Flags & Spec.Rst) != 0;

    internal bool IsAck => (Flags & Spec.Ack) != 0;

    internal static bool TryParse(ReadOnlySpan<byte> bytes, out GuestSegment segment)
    {
        segment = default;
        int headerBytes = bytes.Length >= Spec.TcpHeaderBytes ? (bytes[12] >> 4) * 4 : 0;
        if (headerBytes < Spec.TcpHeaderBytes || headerBytes > bytes.Length)
        {
            return false;
        }

        int mss = Spec.MssDefault;
        int scale = -1;
        ReadOnlySpan<byte> options = bytes[Spec.TcpHeaderBytes..headerBytes];
        while (options.Length > 0 && options[0] != Spec.OptionEnd)
        {
            int length = options[0] == Spec.OptionNop ? 1 : options.Length > 1 ? options[1] : 0;
            if (length == 0 || length > options.Length || (length == 1 && options[0] != Spec.OptionNop))
            {
                break;
            }

            mss = options[0] == Spec.OptionMss && length == 4 ? BinaryPrimitives.ReadUInt16BigEndian(options[2..]) : mss;
            scale = options[0] == Spec.OptionScale && length == 3 ? Math.Min(options[2], (byte)Spec.ScaleMax) : scale;
            options = options[length..];
        }

        segment = new GuestSegment
        {
            SourcePort = BinaryPrimitives.ReadUInt16BigEndian(bytes),
            DestinationPort = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
            Sequence = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]),
            Acknowledgment = BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]),
            Flags = bytes[13],
            Window = BinaryPrimitives.ReadUInt16BigEndian(bytes[14..]),
            Mss = Math.Clamp(mss, Spec.MssDefault / 8, Spec.MssOwn),
            Scale = scale,
            Data = bytes[headerBytes..],
        };
        return true;
    }
}
