namespace RedLeafSharp.Machine.Links.User;

/// <summary>A bounded queue of bytes.</summary>
/// <param name="capacity">A power of two.</param>
internal sealed class ByteRing(int capacity)
{
    private readonly byte[] bytes = new byte[capacity];
    private int start;

    internal int Count { get; private set; }

    internal int FreeBytes => bytes.Length - Count;

    /// <summary>The free bytes that lie in a row behind the last one.</summary>
    internal Span<byte> Room
    {
        get
        {
            int end = (start + Count) & (bytes.Length - 1);
            return bytes.AsSpan(end, Math.Min(FreeBytes, bytes.Length - end));
        }
    }

    /// <summary>The queued bytes that lie in a row from the first one.</summary>
    internal ReadOnlySpan<byte> First => bytes.AsSpan(start, Math.Min(Count, bytes.Length - start));

    /// <summary>Bytes were written to the <see cref="Room"/>.</summary>
    internal void Commit(int count) => Count += count;

    internal void Append(ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
        {
            Span<byte> room = Room;
            int count = Math.Min(room.Length, data.Length);
            data[..count].CopyTo(room);
            Commit(count);
            data = data[count..];
        }
    }

    internal void Discard(int count)
    {
        start = (start + count) & (bytes.Length - 1);
        Count -= count;
    }

    /// <summary>Copies bytes from a distance to the first one on; they stay.</summary>
    internal void CopyTo(int offset, Span<byte> destination)
    {
        int at = (start + offset) & (bytes.Length - 1);
        int count = Math.Min(destination.Length, bytes.Length - at);
        bytes.AsSpan(at, count).CopyTo(destination);
        bytes.AsSpan(0, destination.Length - count).CopyTo(destination[count..]);
    }
}
