using System.Numerics;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// The hash functions of directory indexes (directory.rst, "Hash Tree Directories"; the algorithms are those of Linux's
/// fs/ext4/hash.c, whose half-MD4 and TEA are the published ones cut down): legacy, half MD4 and TEA, each over signed or
/// unsigned characters, because early versions ran on machines of both kinds.
/// </summary>
internal sealed class HtreeHash
{
    internal const int VersionMax = 5;

    private const int Legacy = 0;
    private const int HalfMd4 = 1;
    private const int Tea = 2;

    /// <summary>Added to a version for unsigned characters.</summary>
    private const int UnsignedOffset = 3;

    private const uint Md4Constant2 = 0x5A827999;
    private const uint Md4Constant3 = 0x6ED9EBA1;
    private const uint TeaDelta = 0x9E3779B9;

    /// <summary>The largest hash marks the end of a directory in Linux's cookies and is never used.</summary>
    private const uint EndOfDirectory = 0x7FFFFFFF;

    private readonly uint[] seed = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476];
    private readonly uint[] state = new uint[4];
    private readonly uint[] input = new uint[8];

    /// <param name="seed">Four words from the superblock; all zero stands for MD4's initial values.</param>
    internal HtreeHash(ReadOnlySpan<uint> seed)
    {
        if (seed.ContainsAnyExcept(0u))
        {
            seed.CopyTo(this.seed);
        }
    }

    /// <summary>The version to use, given the one in the index's root and the superblock's flag.</summary>
    internal static int EffectiveVersion(int version, bool isUnsigned) =>
        version <= Tea && isUnsigned ? version + UnsignedOffset : version;

    /// <summary>The hash of a name; its lowest bit is clear, it marks continued hashes in the index.</summary>
    /// <param name="name">The name.</param>
    /// <param name="version">As returned by <see cref="EffectiveVersion"/>.</param>
    internal uint Compute(ReadOnlySpan<byte> name, int version)
    {
        bool isUnsigned = version >= UnsignedOffset;
        seed.CopyTo(state, 0);
        uint hash = (version % UnsignedOffset) switch
        {
            Legacy => HashLegacy(name, isUnsigned),
            HalfMd4 => HashHalfMd4(name, isUnsigned),
            _ => HashTea(name, isUnsigned),
        };
        hash &= ~1u;
        return hash == EndOfDirectory << 1 ? (EndOfDirectory - 1) << 1 : hash;
    }

    private static uint HashLegacy(ReadOnlySpan<byte> name, bool isUnsigned)
    {
        uint hash0 = 0x12A3FE2D;
        uint hash1 = 0x37ABE8F9;
        foreach (byte character in name)
        {
            uint hash = hash1 + (hash0 ^ (uint)(Character(character, isUnsigned) * 7152373));
            if ((hash & 0x80000000) != 0)
            {
                hash -= 0x7FFFFFFF;
            }

            hash1 = hash0;
            hash0 = hash;
        }

        return hash0 << 1;
    }

    private uint HashHalfMd4(ReadOnlySpan<byte> name, bool isUnsigned)
    {
        for (int start = 0; start < name.Length; start += 32)
        {
            Pack(name[start..], input, isUnsigned);
            TransformHalfMd4();
        }

        return state[1];
    }

    private uint HashTea(ReadOnlySpan<byte> name, bool isUnsigned)
    {
        for (int start = 0; start < name.Length; start += 16)
        {
            Pack(name[start..], input.AsSpan(0, 4), isUnsigned);
            TransformTea();
        }

        return state[0];
    }

    private static int Character(byte value, bool isUnsigned) => isUnsigned ? value : (sbyte)value;

    /// <summary>Packs characters into words, the length as padding.</summary>
    private static void Pack(ReadOnlySpan<byte> text, Span<uint> words, bool isUnsigned)
    {
        uint pad = (uint)text.Length | ((uint)text.Length << 8);
        pad |= pad << 16;
        words.Fill(pad);
        int length = Math.Min(text.Length, words.Length * 4);
        uint value = pad;
        for (int index = 0; index < length; index++)
        {
            value = (uint)Character(text[index], isUnsigned) + (value << 8);
            if ((index & 3) == 3)
            {
                words[index >> 2] = value;
                value = pad;
            }
        }

        if ((length & 3) != 0)
        {
            words[length >> 2] = value;
        }
    }

    private void TransformTea()
    {
        uint sum = 0;
        uint b0 = state[0];
        uint b1 = state[1];
        for (int round = 0; round < 16; round++)
        {
            sum += TeaDelta;
            b0 += ((b1 << 4) + input[0]) ^ (b1 + sum) ^ ((b1 >> 5) + input[1]);
            b1 += ((b0 << 4) + input[2]) ^ (b0 + sum) ^ ((b0 >> 5) + input[3]);
        }

        state[0] += b0;
        state[1] += b1;
    }

    private void TransformHalfMd4()
    {
        uint a = state[0];
        uint b = state[1];
        uint c = state[2];
        uint d = state[3];
        for (int step = 0; step < 8; step += 4)
        {
            a = BitOperations.RotateLeft(a + Choose(b, c, d) + input[step], 3);
            d = BitOperations.RotateLeft(d + Choose(a, b, c) + input[step + 1], 7);
            c = BitOperations.RotateLeft(c + Choose(d, a, b) + input[step + 2], 11);
            b = BitOperations.RotateLeft(b + Choose(c, d, a) + input[step + 3], 19);
        }

        for (int step = 1; step >= 0; step--)
        {
            a = BitOperations.RotateLeft(a + Majority(b, c, d) + input[step] + Md4Constant2, 3);
            d = BitOperations.RotateLeft(d + Majority(a, b, c) + input[step + 2] + Md4Constant2, 5);
            c = BitOperations.RotateLeft(c + Majority(d, a, b) + input[step + 4] + Md4Constant2, 9);
            b = BitOperations.RotateLeft(b + Majority(c, d, a) + input[step + 6] + Md4Constant2, 13);
        }

        for (int step = 3; step >= 1; step -= 2)
        {
            a = BitOperations.RotateLeft(a + (b ^ c ^ d) + input[step] + Md4Constant3, 3);
            d = BitOperations.RotateLeft(d + (a ^ b ^ c) + input[step + 4] + Md4Constant3, 9);
            c = BitOperations.RotateLeft(c + (d ^ a ^ b) + input[step - 1] + Md4Constant3, 11);
            b = BitOperations.RotateLeft(b + (c ^ d ^ a) + input[step + 3] + Md4Constant3, 15);
        }

        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
    }

    private static uint Choose(uint x, uint y, uint z) => z ^ (x & (y ^ z));

    private static uint Majority(uint x, uint y, uint z) => (x & y) + ((x ^ y) & z);
}
