using System.Numerics;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.NetShadow;

/// <summary>The buffers that have been posted and not come back, in the order of posting, in which the driver gives them back.</summary>
internal sealed class ReceiveLedger
{
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

    /// <summary>Takes what the driver says of the first buffers, up to what cannot be; returns of how many.</summary>
    /// <param name="returned">What the driver says.</param>
    /// <param name="lengthBytesMax">Length of a buffer.</param>
    /// <param name="statistics">Counts frames and bytes.</param>
    internal int Return(ReadOnlySpan<ReceivedFrame> returned, int lengthBytesMax, ref NetStatistics statistics)
    {
        int count = 0;
        int frames = 0;
        long bytes = 0;
        foreach (ref readonly ReceivedFrame frame in returned[..Math.Min(returned.Length, Count)])
        {
            if ((uint)frame.LengthBytes > (uint)lengthBytesMax)
            {
                break;
            }

            frames += (frame.Flags & (ReceiveFlags.Continues | ReceiveFlags.Unfilled)) == 0 ? 1 : 0;
            bytes += frame.LengthBytes;
            count++;
        }

        first += (uint)count;
        statistics.ReceivedFrames += frames;
        statistics.ReceivedBytes += bytes;
        return count;
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
}
