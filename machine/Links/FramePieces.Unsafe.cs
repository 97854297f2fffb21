namespace RedLeafSharp.Machine.Links;

/// <summary>The rest of a frame where it lies: bytes that are left in place instead of being gathered, for a link that does so itself.</summary>
internal sealed unsafe class FramePieces
{
    /// <summary>A packet of 64 KiB in pages, its headers, and room to spare; a frame in more pieces is gathered.</summary>
    internal const int CountMax = 64;

    private readonly nint[] addresses = new nint[CountMax];
    private readonly int[] lengths = new int[CountMax];
    private int first;
    private int end;

    internal int Count => end - first;

    internal int LengthBytes { get; private set; }

    /// <summary>A piece; valid for as long as the device may read there.</summary>
    internal ReadOnlySpan<byte> this[int index] => new((byte*)addresses[first + index], lengths[first + index]);

    /// <summary>Adds a piece; false when there are too many.</summary>
    /// <param name="bytes">Memory of the exchange heap, which never moves.</param>
    internal bool TryAdd(ReadOnlySpan<byte> bytes)
    {
        if (end == CountMax)
        {
            return false;
        }

        // SAFETY: the heap's mapping lasts as long as the machine, and nothing in it moves.
        fixed (byte* start = bytes)
        {
            addresses[end] = (nint)start;
        }

        lengths[end++] = bytes.Length;
        LengthBytes += bytes.Length;
        return true;
    }

    /// <summary>Copies the first bytes out; what is left begins behind them.</summary>
    internal void TakeFront(Span<byte> destination)
    {
        LengthBytes -= destination.Length;
        while (destination.Length > 0)
        {
            int taken = Math.Min(destination.Length, lengths[first]);
            this[0][..taken].CopyTo(destination);
            destination = destination[taken..];
            addresses[first] += taken;
            lengths[first] -= taken;
            first += lengths[first] == 0 ? 1 : 0;
        }
    }

    internal void Clear() => (first, end, LengthBytes) = (0, 0, 0);
}
