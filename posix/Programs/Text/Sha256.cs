using System.Buffers.Binary;
using System.Numerics;

namespace RedLeafSharp.Posix.Programs;

/// <summary>SHA-256 (FIPS 180-4). The domain's own, since a domain sees no cryptography of the runtime.</summary>
internal sealed class Sha256
{
    public const int DigestBytes = 32;

    private const int BlockBytes = 64;
    private const int LengthOffset = 56;

    private readonly uint[] state = new uint[8];
    private readonly uint[] schedule = new uint[64];
    private readonly byte[] pending = new byte[BlockBytes];
    private ulong byteCount;
    private int pendingCount;

    public Sha256() => Reset();

    /// <summary>Starts a new message.</summary>
    public void Reset()
    {
        Sha256Spec.InitialHash.CopyTo(state);
        byteCount = 0;
        pendingCount = 0;
    }

    /// <summary>Goes on with the message.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        byteCount += (ulong)data.Length;
        if (pendingCount > 0)
        {
            int taken = Math.Min(BlockBytes - pendingCount, data.Length);
            data[..taken].CopyTo(pending.AsSpan(pendingCount));
            pendingCount += taken;
            data = data[taken..];
            if (pendingCount < BlockBytes)
            {
                return;
            }

            Compress(pending);
            pendingCount = 0;
        }

        int whole = data.Length & ~(BlockBytes - 1);
        Compress(data[..whole]);
        data[whole..].CopyTo(pending);
        pendingCount = data.Length - whole;
    }

    /// <summary>Ends the message: padding by FIPS 180-4, 5.1.1.</summary>
    public void Finish(Span<byte> digest)
    {
        ulong bitCount = byteCount * 8;
        pending[pendingCount] = 0x80;
        pending.AsSpan(pendingCount + 1).Clear();
        if (pendingCount >= LengthOffset)
        {
            Compress(pending);
            pending.AsSpan().Clear();
        }

        BinaryPrimitives.WriteUInt64BigEndian(pending.AsSpan(LengthOffset), bitCount);
        Compress(pending);
        for (int index = 0; index < state.Length; index++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(digest[(4 * index)..], state[index]);
        }
    }

    /// <summary>FIPS 180-4, 6.2.2, over whole blocks.</summary>
    private void Compress(ReadOnlySpan<byte> blocks)
    {
        ReadOnlySpan<uint> k = Sha256Spec.RoundConstants;
        Span<uint> w = schedule.AsSpan(0, 64);
        while (blocks.Length >= BlockBytes)
        {
            Expand(blocks, w);
            uint a = state[0], b = state[1], c = state[2], d = state[3];
            uint e = state[4], f = state[5], g = state[6], h = state[7];

            // Eight rounds a turn, so that the eight variables change places by name and not by move.
            for (int t = 0; t < 64; t += 8)
            {
                Round(a, b, c, ref d, e, f, g, ref h, k[t] + w[t]);
                Round(h, a, b, ref c, d, e, f, ref g, k[t + 1] + w[t + 1]);
                Round(g, h, a, ref b, c, d, e, ref f, k[t + 2] + w[t + 2]);
                Round(f, g, h, ref a, b, c, d, ref e, k[t + 3] + w[t + 3]);
                Round(e, f, g, ref h, a, b, c, ref d, k[t + 4] + w[t + 4]);
                Round(d, e, f, ref g, h, a, b, ref c, k[t + 5] + w[t + 5]);
                Round(c, d, e, ref f, g, h, a, ref b, k[t + 6] + w[t + 6]);
                Round(b, c, d, ref e, f, g, h, ref a, k[t + 7] + w[t + 7]);
            }

            state[0] += a;
            state[1] += b;
            state[2] += c;
            state[3] += d;
            state[4] += e;
            state[5] += f;
            state[6] += g;
            state[7] += h;
            blocks = blocks[BlockBytes..];
        }
    }

    private static void Expand(ReadOnlySpan<byte> block, Span<uint> w)
    {
        for (int t = 0; t < 16; t++)
        {
            w[t] = BinaryPrimitives.ReadUInt32BigEndian(block[(4 * t)..]);
        }

        for (int t = 16; t < w.Length; t++)
        {
            uint x = w[t - 15];
            uint y = w[t - 2];
            uint sigma0 = BitOperations.RotateRight(x, 7) ^ BitOperations.RotateRight(x, 18) ^ (x >> 3);
            uint sigma1 = BitOperations.RotateRight(y, 17) ^ BitOperations.RotateRight(y, 19) ^ (y >> 10);
            w[t] = sigma1 + w[t - 7] + sigma0 + w[t - 16];
        }
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]
    private static void Round(uint a, uint b, uint c, ref uint d, uint e, uint f, uint g, ref uint h, uint word)
    {
        uint sum1 = BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25);
        uint sum0 = BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22);
        uint choice = g ^ (e & (f ^ g));
        uint majority = (a & b) | (c & (a | b));
        uint t1 = h + sum1 + choice + word;
        d += t1;
        h = t1 + sum0 + majority;
    }
}
