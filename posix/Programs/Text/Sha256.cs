using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RedLeafSharp.Posix.Programs;

/// <summary>SHA-256 (FIPS 180-4). The domain's own, since a domain sees no cryptography of the runtime.</summary>
/// <remarks>
/// The message schedule of a block does not depend on the blocks before it, so the schedules of eight blocks are computed
/// at once, one in each lane of a vector; only the rounds are done block by block. Where the processor has no such vectors
/// the runtime makes them of smaller ones or of scalars.
/// </remarks>
internal sealed class Sha256
{
    public const int DigestBytes = 32;

    private const int BlockBytes = 64;
    private const int LengthOffset = 56;

    /// <summary>Blocks whose schedules are computed together, one in each lane of a vector.</summary>
    private const int Lanes = 8;
    private const int Rounds = 64;

    /// <summary>32-bit words in a block of the message.</summary>
    private const int Words = 16;

    private readonly uint[] state = new uint[8];

    /// <summary>Word t of the block in lane l is at t * Lanes + l.</summary>
    private readonly uint[] schedule = new uint[Rounds * Lanes];
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
        while (blocks.Length >= BlockBytes)
        {
            int lanes = Math.Min(Lanes, blocks.Length / BlockBytes);
            for (int lane = 0; lane < lanes; lane++)
            {
                LoadLane(blocks.Slice(lane * BlockBytes, BlockBytes), schedule, lane);
            }

            Expand(schedule);
            for (int lane = 0; lane < lanes; lane++)
            {
                CompressLane(state, schedule.AsSpan(lane));
            }

            blocks = blocks[(lanes * BlockBytes)..];
        }
    }

    /// <summary>The first 16 words of a block's schedule are the block.</summary>
    private static void LoadLane(ReadOnlySpan<byte> block, Span<uint> words, int lane)
    {
        for (int t = 0; t < Words; t++)
        {
            words[(t * Lanes) + lane] = BinaryPrimitives.ReadUInt32BigEndian(block[(4 * t)..]);
        }
    }

    /// <summary>
    /// The other 48 words of all lanes (FIPS 180-4, 6.2.2, step 1). When a word is no longer needed for that, its round's
    /// constant is added to it. Lanes without a block hold words of earlier ones, and nobody reads the results.
    /// </summary>
    private static void Expand(Span<uint> words)
    {
        ReadOnlySpan<uint> k = Sha256Spec.RoundConstants;
        for (int t = Words; t < Rounds; t++)
        {
            Span<uint> at = words.Slice((t - Words) * Lanes, (Words + 1) * Lanes);
            Vector256<uint> oldest = Vector256.Create<uint>(at);
            Vector256<uint> x = Vector256.Create<uint>(at[Lanes..]);
            Vector256<uint> y = Vector256.Create<uint>(at[(14 * Lanes)..]);
            Vector256<uint> sigma0 = Rotate(x, 7) ^ Rotate(x, 18) ^ (x >>> 3);
            Vector256<uint> sigma1 = Rotate(y, 17) ^ Rotate(y, 19) ^ (y >>> 10);
            (sigma1 + Vector256.Create<uint>(at[(9 * Lanes)..]) + sigma0 + oldest).CopyTo(at[(16 * Lanes)..]);
            (oldest + Vector256.Create(k[t - Words])).CopyTo(at);
        }

        for (int t = Rounds - Words; t < Rounds; t++)
        {
            Span<uint> at = words.Slice(t * Lanes, Lanes);
            (Vector256.Create<uint>(at) + Vector256.Create(k[t])).CopyTo(at);
        }
    }

    /// <summary>The rounds of one block; the words of its lane are <see cref="Lanes"/> apart.</summary>
    private static void CompressLane(Span<uint> state, ReadOnlySpan<uint> words)
    {
        uint a = state[0], b = state[1], c = state[2], d = state[3];
        uint e = state[4], f = state[5], g = state[6], h = state[7];

        // Eight rounds a turn, so that the eight variables change places by name and not by move.
        for (int t = 0; t < Rounds * Lanes; t += 8 * Lanes)
        {
            ReadOnlySpan<uint> w = words.Slice(t, (7 * Lanes) + 1);
            Round(a, b, c, ref d, e, f, g, ref h, w[0]);
            Round(h, a, b, ref c, d, e, f, ref g, w[Lanes]);
            Round(g, h, a, ref b, c, d, e, ref f, w[2 * Lanes]);
            Round(f, g, h, ref a, b, c, d, ref e, w[3 * Lanes]);
            Round(e, f, g, ref h, a, b, c, ref d, w[4 * Lanes]);
            Round(d, e, f, ref g, h, a, b, ref c, w[5 * Lanes]);
            Round(c, d, e, ref f, g, h, a, ref b, w[6 * Lanes]);
            Round(b, c, d, ref e, f, g, h, ref a, w[7 * Lanes]);
        }

        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
        state[5] += f;
        state[6] += g;
        state[7] += h;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Rotate(Vector256<uint> value, int count) => (value >>> count) | (value << (32 - count));

    /// <remarks>The sum over e is added last: it is ready last, and e is what the next round waits for.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(uint a, uint b, uint c, ref uint d, uint e, uint f, uint g, ref uint h, uint word)
    {
        uint sum1 = BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25);
        uint sum0 = BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22);
        uint choice = g ^ (e & (f ^ g));
        uint majority = (a & b) ^ (c & (a ^ b));
        uint t1 = h + word + choice + sum1;
        d += t1;
        h = t1 + majority + sum0;
    }
}
