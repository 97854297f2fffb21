using System.Numerics;
using System.Runtime.InteropServices;

namespace RedLeafSharp.Bench.Network;

/// <summary>Ethernet, IPv4 and UDP headers, as far as a forwarder changes them: a frame goes back to where it came from.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = 38)]
internal struct FrameHeaders
{
    [FieldOffset(0)]
    private Station destination;

    [FieldOffset(6)]
    private Station source;

    [FieldOffset(26)]
    private ulong addresses;

    [FieldOffset(34)]
    private uint ports;

    /// <summary>Swaps the two stations, addresses and ports of a frame; no sum changes.</summary>
    internal static void Swap(Span<byte> frame)
    {
        ref FrameHeaders headers = ref MemoryMarshal.AsRef<FrameHeaders>(frame);
        (headers.destination.Start, headers.source.Start) = (headers.source.Start, headers.destination.Start);
        (headers.destination.End, headers.source.End) = (headers.source.End, headers.destination.End);
        headers.addresses = BitOperations.RotateRight(headers.addresses, 32);
        headers.ports = BitOperations.RotateRight(headers.ports, 16);
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Station
    {
        internal uint Start;
        internal ushort End;
    }
}
