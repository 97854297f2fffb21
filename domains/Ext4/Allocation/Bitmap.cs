using System.Numerics;
using static RedLeafSharp.Domains.Ext4.LittleEndian;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>Searching and setting bits of an on-disk bitmap: a set bit is in use; 64 bits at a time.</summary>
internal static class Bitmap
{
    internal static bool IsSet(ReadOnlySpan<byte> bits, uint index) => (bits[(int)(index >> 3)] & (1 << (int)(index & 7))) != 0;

    internal static void Set(Span<byte> bits, uint index) => bits[(int)(index >> 3)] |= (byte)(1 << (int)(index & 7));

    internal static void Clear(Span<byte> bits, uint index) => bits[(int)(index >> 3)] &= (byte)~(1 << (int)(index & 7));

    internal static void SetRange(Span<byte> bits, uint start, uint count)
    {
        for (uint index = start; index < start + count;)
        {
            if ((index & 7) == 0 && start + count - index >= 8)
            {
                bits[(int)(index >> 3)] = 0xFF;
                index += 8;
            }
            else
            {
                Set(bits, index++);
            }
        }
    }

    /// <summary>Clears a range that must be set as a whole.</summary>
    /// <returns>False, with nothing changed, when a bit of it is clear already.</returns>
    internal static bool TryClearRange(Span<byte> bits, uint start, uint count)
    {
        if (FindClear(bits, start, start + count) < start + count)
        {
            return false;
        }

        for (uint index = start; index < start + count;)
        {
            if ((index & 7) == 0 && start + count - index >= 8)
            {
                bits[(int)(index >> 3)] = 0;
                index += 8;
            }
            else
            {
                Clear(bits, index++);
            }
        }

        return true;
    }

    /// <summary>First clear bit from <paramref name="start"/> on; <paramref name="end"/> when there is none.</summary>
    internal static uint FindClear(ReadOnlySpan<byte> bits, uint start, uint end) => Find(bits, start, end, ~0ul);

    /// <summary>First set bit from <paramref name="start"/> on; <paramref name="end"/> when there is none.</summary>
    internal static uint FindSet(ReadOnlySpan<byte> bits, uint start, uint end) => Find(bits, start, end, 0);

    internal static uint CountClear(ReadOnlySpan<byte> bits, uint count)
    {
        uint set = 0;
        uint index = 0;
        for (; index + 64 <= count; index += 64)
        {
            set += (uint)BitOperations.PopCount(U64(bits, (int)(index >> 3)));
        }

        for (; index < count; index++)
        {
            set += IsSet(bits, index) ? 1u : 0;
        }

        return count - set;
    }

    private static uint Find(ReadOnlySpan<byte> bits, uint start, uint end, ulong flip)
    {
        uint index = start;
        while (index < end)
        {
            // The bitmap is a whole block, so the word that holds the bit is within it.
            ulong word = (U64(bits, (int)(index >> 6) * sizeof(ulong)) ^ flip) >> (int)(index & 63);
            if (word != 0)
            {
                return Math.Min(end, index + (uint)BitOperations.TrailingZeroCount(word));
            }

            index = (index | 63) + 1;
        }

        return end;
    }
}
