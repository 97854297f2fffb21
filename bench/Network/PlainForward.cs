using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RedLeafSharp.Bench.Harness;

namespace RedLeafSharp.Bench.Network;

/// <summary>
/// The C peer's loop with buffer handles, in the C# that a domain may be written in: arrays, spans and references, no pointers. It has no
/// contract and no domain, and believes whatever its controller says, so it is what a driver could at best come to.
/// </summary>
/// <typeparam name="TIsolation">What keeps it inside: nothing, or what no domain is without.</typeparam>
internal sealed class PlainForward<TIsolation> : IPlainForward
    where TIsolation : struct, IPlainIsolation
{
    private const int RingEntries = 512;
    private const int RingMask = RingEntries - 1;
    private const int BufferCount = 4096;
    private const int BufferBytes = 2176;
    private const int CleanBatch = 32;
    private const uint Done = 1;

    private readonly Descriptor[] receiveRing = GC.AllocateArray<Descriptor>(RingEntries, pinned: true);
    private readonly Descriptor[] transmitRing = GC.AllocateArray<Descriptor>(RingEntries, pinned: true);
    private readonly int[] receiveBuffers = new int[RingEntries];
    private readonly int[] transmitBuffers = new int[RingEntries];
    private readonly int[] free = new int[BufferCount];
    private readonly ushort[] lengths = new ushort[BufferCount];
    private readonly byte[] memory = GC.AllocateArray<byte>(BufferCount * BufferBytes, pinned: true);
    private readonly byte[] sample = [.. Enumerable.Range(0, 64).Select(index => (byte)(7 * index))];
    private readonly PlainDoorbells doorbells = new();
    private readonly MmioRegion registers;
    private readonly int[] batchBuffers = new int[ForwardStack.RoundFrames];
    private int freeCount;
    private int receiveDevice;
    private int transmitDevice;
    private int receiveNext;
    private int transmitNext;
    private int transmitClean;
    private ulong sink;

    internal PlainForward()
    {
        registers = new MmioRegion(doorbells);
        doorbells.ReceiveTail = RingEntries - 1;
        for (int buffer = BufferCount - 1; buffer >= 0; buffer--)
        {
            free[freeCount++] = buffer;
        }

        for (int index = 0; index < RingEntries; index++)
        {
            receiveBuffers[index] = free[--freeCount];
            receiveRing[index].Address = AddressOf(receiveBuffers[index]);
        }
    }

    /// <summary>Nanoseconds a frame, with the controller or without it.</summary>
    public double Measure(int batch, int count, bool withController)
    {
        long clock = ClockCost.MeasureTicks();
        long ticks = 0;
        int done = 0;
        long start = Stopwatch.GetTimestamp();
        while (done < count)
        {
            Step();
            long before = Stopwatch.GetTimestamp();
            for (int index = 0; index < ForwardStack.RoundFrames / batch; index++)
            {
                done += Forward(batch);
            }

            ticks += Stopwatch.GetTimestamp() - before - clock;
        }

        ticks = withController ? Stopwatch.GetTimestamp() - start : ticks;
        return ticks * (1e9 / Stopwatch.Frequency) / done;
    }

    private static ulong AddressOf(int buffer) => (ulong)((long)buffer * BufferBytes);

    /// <summary>The controller: receives up to a round of frames, sends what there is. It copies 60 bytes each way.</summary>
    private void Step()
    {
        while (transmitDevice != Volatile.Read(ref doorbells.TransmitTail))
        {
            ref Descriptor entry = ref transmitRing[transmitDevice];
            ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(memory.AsSpan((int)entry.Address, sample.Length));
            sink += words[0] ^ words[7];
            Volatile.Write(ref entry.Status, Done);
            transmitDevice = (transmitDevice + 1) & RingMask;
        }

        for (int count = 0; count < ForwardStack.RoundFrames && receiveDevice != Volatile.Read(ref doorbells.ReceiveTail); count++)
        {
            ref Descriptor entry = ref receiveRing[receiveDevice];
            sample.CopyTo(memory.AsSpan((int)entry.Address));
            entry.Length = EndlessLink.FrameBytes;
            Volatile.Write(ref entry.Status, Done);
            receiveDevice = (receiveDevice + 1) & RingMask;
        }
    }

    private int Forward(int batch)
    {
        Span<int> buffers = batchBuffers.AsSpan(0, batch);
        buffers = buffers[..Receive(buffers)];
        foreach (int buffer in buffers)
        {
            FrameHeaders.Swap(memory.AsSpan(buffer * BufferBytes, EndlessLink.FrameBytes));
        }

        int sent = buffers.Length > 0 ? Transmit(buffers) : 0;
        foreach (int buffer in buffers[sent..])
        {
            free[freeCount++] = buffer;
        }

        return sent;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Receive(Span<int> received)
    {
        Span<Descriptor> ring = receiveRing;
        Span<int> posted = receiveBuffers;
        int next = receiveNext;
        int left = freeCount;
        int count = 0;
        while (count < received.Length)
        {
            TIsolation.Poll();
            ref Descriptor entry = ref ring[next];
            if ((Volatile.Read(ref entry.Status) & Done) == 0)
            {
                break;
            }

            ref int place = ref posted[next];
            int buffer = place;
            int fresh = free[--left];
            lengths[buffer] = (ushort)entry.Length;
            entry.Address = AddressOf(fresh);
            entry.Status = 0;
            place = fresh;
            received[count++] = buffer;
            next = (next + 1) & RingMask;
        }

        (receiveNext, freeCount) = (next, left);
        if (count > 0)
        {
            TIsolation.Ring(doorbells, registers, PlainDoorbells.Receive, (next - 1) & RingMask);
        }

        return count;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Transmit(ReadOnlySpan<int> buffers)
    {
        Span<Descriptor> ring = transmitRing;
        Span<int> queued = transmitBuffers;
        while (((transmitNext - transmitClean) & RingMask) >= CleanBatch
            && (Volatile.Read(ref ring[(transmitClean + CleanBatch - 1) & RingMask].Status) & Done) != 0)
        {
            TIsolation.Poll();
            queued.Slice(transmitClean, CleanBatch).CopyTo(free.AsSpan(freeCount));
            freeCount += CleanBatch;
            transmitClean = (transmitClean + CleanBatch) & RingMask;
        }

        int next = transmitNext;
        int sent = 0;
        while (sent < buffers.Length && ((next + 1) & RingMask) != transmitClean)
        {
            TIsolation.Poll();
            int buffer = buffers[sent];
            queued[next] = buffer;
            ref Descriptor entry = ref ring[next];
            entry.Address = AddressOf(buffer);
            entry.Length = lengths[buffer];
            entry.Status = 0;
            next = (next + 1) & RingMask;
            sent++;
        }

        transmitNext = next;
        TIsolation.Ring(doorbells, registers, PlainDoorbells.Transmit, next);
        return sent;
    }

    private struct Descriptor
    {
        internal ulong Address;
        internal uint Status;
        internal uint Length;
    }
}
