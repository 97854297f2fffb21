namespace RedLeafSharp.Machine.Links;

/// <summary>A bounded queue of frames. A frame is copied in; its memory is used again, so that nothing is allocated in the long run.</summary>
internal sealed class FrameQueue(int capacity)
{
    private readonly Slot[] slots = new Slot[capacity];
    private int head;

    internal int Count { get; private set; }

    internal bool TryPut(ReadOnlySpan<byte> frame, in FrameState state)
    {
        if (Count == slots.Length)
        {
            return false;
        }

        ref Slot slot = ref slots[(head + Count) % slots.Length];
        if (slot.Bytes is null || slot.Bytes.Length < frame.Length)
        {
            slot.Bytes = new byte[Math.Max(frame.Length, LinkLimits.FrameBytesUsual)];
        }

        frame.CopyTo(slot.Bytes);
        slot.LengthBytes = frame.Length;
        slot.State = state;
        Count++;
        return true;
    }

    internal bool TryPeek(out ReadOnlySpan<byte> frame, out FrameState state)
    {
        ref Slot slot = ref slots[head];
        frame = Count > 0 ? slot.Bytes.AsSpan(0, slot.LengthBytes) : default;
        state = slot.State;
        return Count > 0;
    }

    internal void Take()
    {
        head = head + 1 == slots.Length ? 0 : head + 1;
        Count--;
    }

    private struct Slot
    {
        internal byte[]? Bytes;
        internal int LengthBytes;
        internal FrameState State;
    }
}
