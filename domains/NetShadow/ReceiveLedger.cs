using System.Numerics;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.NetShadow;

/// <summary>The buffers that have been posted and not come back, in the order of posting, in which the driver gives them back.</summary>
internal sealed class ReceiveLedger
{
    /// <summary>What tells that no frame ends in a buffer.</summary>
    private const ReceiveFlags NoEnd = ReceiveFlags.Continues | ReceiveFlags.Unfilled;

    private readonly ulong[] buffers;
    private readonly int capacity;
    private readonly uint mask;
    private uint first;
    private uint next;

    internal ReceiveLedger(int capacity)
    {
        this.capacity = capacity;
        buffers = new ulong[BitOperations.RoundUpToPowerOf2((uint)Math.Max(capacity, 1))];
        mask = (uint)buffers.Length - 1;
    }

    internal int FreeCount => capacity - Count;

    internal bool IsEmpty => next == first;

    private int Count => (int)(next - first);

    /// <summary>Notes buffers; there is room for them.</summary>
    internal void Add(ReadOnlySpan<ulong> posted)
    {
        Span<ulong> room = buffers.AsSpan((int)(next & mask));
        int straight = Math.Min(posted.Length, room.Length);
        posted[..straight].CopyTo(room);
        posted[straight..].CopyTo(buffers);
        next += (uint)posted.Length;
    }

    /// <summary>Forgets the last so many, which the driver has not taken.</summary>
    internal void Withdraw(int count) => next -= (uint)count;

    /// <summary>Takes what the driver says of the first buffers; false when that cannot be.</summary>
    /// <param name="returned">What the driver says.</param>
    /// <param name="lengthBytesMax">Length of a buffer.</param>
    /// <param name="statistics">Counts frames and bytes.</param>
    internal bool TryReturn(ReadOnlySpan<ReceivedFrame> returned, int lengthBytesMax, ref NetStatistics statistics)
    {
        bool isWithin = ReceivedFrame.TrySum(returned, lengthBytesMax, out long bytes, out ReceiveFlags flags);
        if (!isWithin || returned.Length > Count)
        {
            return false;
        }

        first += (uint)returned.Length;
        statistics.ReceivedBytes += bytes;
        statistics.ReceivedFrames += (flags & NoEnd) == 0 ? returned.Length : CountEnds(returned);
        return true;
    }

    /// <summary>Posted buffers from a number on, for the next driver, up to the end of the ring.</summary>
    /// <param name="start">How many of the first ones to leave out.</param>
    internal ReadOnlySpan<ulong> From(int start)
    {
        int place = (int)((first + (uint)start) & mask);
        return buffers.AsSpan(place, Math.Min(Count - start, buffers.Length - place));
    }

    /// <summary>Gives back unfilled buffers, without a driver; returns how many.</summary>
    internal int TakeRecalled(Span<ReceivedFrame> received)
    {
        int count = Math.Min(received.Length, Count);
        received[..count].Fill(new ReceivedFrame { Flags = ReceiveFlags.Unfilled });
        first += (uint)count;
        return count;
    }

    private static int CountEnds(ReadOnlySpan<ReceivedFrame> received)
    {
        int count = 0;
        foreach (ref readonly ReceivedFrame frame in received)
        {
            count += (frame.Flags & NoEnd) == 0 ? 1 : 0;
        }

        return count;
    }
}
