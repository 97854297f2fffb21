using System.Runtime.InteropServices;
using Spec = RedLeafSharp.Machine.E1000e.E1000eSpec;

namespace RedLeafSharp.Machine.E1000e;

/// <summary>A context descriptor: where the headers of the frames after it are (section 7.2.11).</summary>
internal readonly struct TransmitContext
{
    internal readonly byte IpStart;
    internal readonly byte IpOffset;
    internal readonly ushort IpEnd;
    internal readonly byte TransportStart;
    internal readonly byte TransportOffset;
    internal readonly ushort TransportEnd;
    internal readonly uint PayloadBytes;
    internal readonly byte Command;
    internal readonly byte HeaderBytes;
    internal readonly ushort SegmentBytes;

    internal TransmitContext(ReadOnlySpan<byte> entry)
    {
        IpStart = entry[0];
        IpOffset = entry[1];
        IpEnd = MemoryMarshal.Read<ushort>(entry[2..]);
        TransportStart = entry[4];
        TransportOffset = entry[5];
        TransportEnd = MemoryMarshal.Read<ushort>(entry[6..]);
        uint command = MemoryMarshal.Read<uint>(entry[8..]);
        PayloadBytes = command & Spec.DataLengthMask;
        Command = (byte)(command >> 24);
        HeaderBytes = entry[13];
        SegmentBytes = MemoryMarshal.Read<ushort>(entry[14..]);
    }

    internal bool IsTcp => (Command & Spec.ContextTcp) != 0;

    internal bool IsIPv4 => (Command & Spec.ContextIPv4) != 0;

    /// <summary>Whether the transport's checksum lies within a frame and goes over the rest of it: a link can be asked for no other.</summary>
    internal bool SumsRest(int lengthBytes) =>
        TransportEnd == 0 && TransportStart <= TransportOffset && TransportOffset + 2 <= lengthBytes;

    /// <summary>Whether what the checksum of IP goes over ends within the headers; 0 stands for the frame's end (section 7.2.10.1).</summary>
    internal bool SumsHeadersOnly => IpEnd != 0 && IpEnd < HeaderBytes;
}
