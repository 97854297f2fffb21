using System.Runtime.CompilerServices;
using RedLeafSharp.Devices;
using RedLeafSharp.Safepoints;

namespace RedLeafSharp.Bench.Network;

/// <summary>A loop that forwards frames, to be measured beside others.</summary>
internal interface IPlainForward
{
    /// <summary>Nanoseconds a frame, with the controller or without it.</summary>
    double Measure(int batch, int count, bool withController);
}

/// <summary>What a loop has to do beside its work.</summary>
internal interface IPlainIsolation
{
    /// <summary>Once in each round of a loop.</summary>
    static abstract void Poll();

    /// <summary>Tells the controller how far a ring is filled.</summary>
    static abstract void Ring(PlainDoorbells doorbells, MmioRegion registers, int offset, int tail);
}

/// <summary>Nothing, and registers that are variables, as in the C peer.</summary>
internal readonly struct Bare : IPlainIsolation
{
    public static void Poll()
    {
    }

    public static void Ring(PlainDoorbells doorbells, MmioRegion registers, int offset, int tail) =>
        Volatile.Write(ref offset == PlainDoorbells.Receive ? ref doorbells.ReceiveTail : ref doorbells.TransmitTail, tail);
}

/// <summary>
/// The least that a domain has: a poll in each round of a loop, as the rewriter plants it, and doorbells behind a register window, here with
/// nothing behind it but a variable. Calls between domains, borrows and checks come on top of it.
/// </summary>
internal readonly struct AsDomain : IPlainIsolation
{
    private static int word = Math.Min(0, Environment.ProcessId);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Poll()
    {
        if (Volatile.Read(ref word) != 0)
        {
            Safepoint.Poll();
        }
    }

    public static void Ring(PlainDoorbells doorbells, MmioRegion registers, int offset, int tail) =>
        registers.Write32(offset, (uint)tail);
}

/// <summary>Two tail registers.</summary>
internal sealed class PlainDoorbells : RegisterBank
{
    internal const int Receive = 0x2818;
    internal const int Transmit = 0x3818;

    internal int ReceiveTail;
    internal int TransmitTail;

    internal override int LengthBytes => 128 << 10;

    internal override uint Read32(int offsetBytes) => (uint)(offsetBytes == Receive ? ReceiveTail : TransmitTail);

    internal override ulong Read64(int offsetBytes) => Read32(offsetBytes);

    internal override void Write32(int offsetBytes, uint value) =>
        Volatile.Write(ref offsetBytes == Receive ? ref ReceiveTail : ref TransmitTail, (int)value);

    internal override void Write64(int offsetBytes, ulong value) => Write32(offsetBytes, (uint)value);
}
