namespace RedLeafSharp.Machine.Links;

/// <summary>What a bad network does to frames; each share is in thousandths of all frames.</summary>
internal sealed record Disturbance
{
    /// <summary>Decides everything: the same seed does the same.</summary>
    internal required ulong Seed { get; init; }

    /// <summary>Frames that are lost.</summary>
    internal int LossPermille { get; init; }

    /// <summary>Frames that arrive twice.</summary>
    internal int DuplicationPermille { get; init; }

    /// <summary>Frames of which one bit is turned.</summary>
    internal int CorruptionPermille { get; init; }

    /// <summary>Frames that take up to <see cref="ReorderingMicros"/> longer than others.</summary>
    internal int ReorderingPermille { get; init; }

    /// <inheritdoc cref="ReorderingPermille"/>
    internal long ReorderingMicros { get; init; }

    /// <summary>Time that every frame takes.</summary>
    internal long DelayMicros { get; init; }

    /// <summary>Bytes a second that pass; 0 for any number.</summary>
    internal long BytesPerSecond { get; init; }
}

/// <summary>
/// A port whose outgoing frames meet a bad network on their way to a good link: loss, duplication, corruption, delay, reordering and
/// a rate, all from a seed. What comes in is untouched; disturb the other end, too, to have both.
/// </summary>
/// <param name="inner">The good link; disposed of with this one.</param>
/// <param name="disturbance">What happens.</param>
/// <param name="uptimeMicros">The time.</param>
internal sealed class DisturbedLink(LinkPort inner, Disturbance disturbance, Func<long> uptimeMicros) : LinkPort
{
    private readonly PriorityQueue<Flying, (long DueMicros, long Number)> flying = new();
    private readonly Stack<Flying> spare = new();
    private ulong state = (disturbance.Seed * 2) + 1;
    private long number;
    private long wireFreeMicros;

    internal override bool IsUp => inner.IsUp;

    internal override int Descriptor => inner.Descriptor;

    internal override bool HasInFlight => flying.Count > 0 || inner.HasInFlight;

    /// <summary>Frames that were lost, those without room included.</summary>
    internal long LostCount { get; private set; }

    internal override void Send(ReadOnlySpan<byte> frame, in FrameState frameState)
    {
        Deliver();
        if (Happens(disturbance.LossPermille))
        {
            LostCount++;
            return;
        }

        Launch(frame, in frameState);
        if (Happens(disturbance.DuplicationPermille))
        {
            Launch(frame, in frameState);
        }

        Deliver();
    }

    internal override bool TryPeek(out ReadOnlySpan<byte> frame, out FrameState frameState)
    {
        Deliver();
        OverrunCount = inner.OverrunCount;
        return inner.TryPeek(out frame, out frameState);
    }

    internal override void Take() => inner.Take();

    public override void Dispose() => inner.Dispose();

    private void Launch(ReadOnlySpan<byte> frame, in FrameState frameState)
    {
        if (flying.Count == LinkLimits.FramesInFlightMax)
        {
            LostCount++;
            return;
        }

        Flying one = spare.TryPop(out Flying? used) ? used : new Flying();
        one.Fill(frame, in frameState);
        Span<byte> bytes = one.Bytes;
        if (Happens(disturbance.CorruptionPermille))
        {
            int bit = (int)(Next() % (ulong)(8 * bytes.Length));
            bytes[bit >> 3] ^= (byte)(1 << (bit & 7));
        }

        long due = LeaveWire(bytes.Length) + disturbance.DelayMicros;
        if (Happens(disturbance.ReorderingPermille))
        {
            due += 1 + (long)(Next() % (ulong)Math.Max(disturbance.ReorderingMicros, 1));
        }

        flying.Enqueue(one, (due, number++));
    }

    /// <summary>When the frame's last byte has left: a wire carries one frame after the other.</summary>
    private long LeaveWire(int lengthBytes)
    {
        long now = uptimeMicros();
        if (disturbance.BytesPerSecond == 0)
        {
            return now;
        }

        wireFreeMicros = Math.Max(wireFreeMicros, now) + (lengthBytes * 1_000_000L / disturbance.BytesPerSecond);
        return wireFreeMicros;
    }

    private void Deliver()
    {
        long now = uptimeMicros();
        while (flying.TryPeek(out Flying? first, out (long DueMicros, long Number) when) && when.DueMicros <= now)
        {
            flying.Dequeue();
            inner.Send(first.Bytes, in first.State);
            spare.Push(first);
        }
    }

    private bool Happens(int permille) => permille > 0 && Next() % 1000 < (ulong)permille;

    /// <summary>xorshift64*, as in <see cref="Nvme.SeededDelay"/>.</summary>
    private ulong Next()
    {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        return (state * 0x2545F4914F6CDD1DUL) >> 11;
    }

    /// <summary>A frame on its way; its memory is used again.</summary>
    private sealed class Flying
    {
        internal FrameState State;
        private byte[] memory = new byte[LinkLimits.FrameBytesUsual];
        private int lengthBytes;

        internal Span<byte> Bytes => memory.AsSpan(0, lengthBytes);

        internal void Fill(ReadOnlySpan<byte> frame, in FrameState frameState)
        {
            memory = frame.Length > memory.Length ? new byte[frame.Length] : memory;
            frame.CopyTo(memory);
            lengthBytes = frame.Length;
            State = frameState;
        }
    }
}
