using System.Numerics;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.BlockShadow;

/// <summary>
/// Says quickly that a request touches no blocks of others in flight: counts of readers and writers in buckets of the
/// block numbers. It may say "perhaps" wrongly, never "no".
/// </summary>
internal sealed class OverlapIndex
{
    private readonly Bucket[] buckets = new Bucket[ShadowLimits.BucketCount];
    private readonly int bucketShift;
    private int wideCount;
    private int count;

    internal OverlapIndex(int blockBytes) =>
        bucketShift = BitOperations.Log2((uint)(ShadowLimits.BucketBytes / blockBytes));

    /// <summary>Whether the blocks of two requests meet and one of them changes what is there.</summary>
    internal static bool Conflicts(in BlockRequest one, in BlockRequest other)
    {
        bool isMeeting = one.FirstBlock < other.FirstBlock
            ? other.FirstBlock - one.FirstBlock < one.BlockCount
            : one.FirstBlock - other.FirstBlock < other.BlockCount;
        return isMeeting && (one.Operation != BlockOperation.Read || other.Operation != BlockOperation.Read)
            && one.BlockCount > 0 && other.BlockCount > 0;
    }

    /// <summary>Adds a request and says whether one that was there may conflict with it.</summary>
    internal bool Add(in BlockRequest request)
    {
        if (request.BlockCount == 0)
        {
            return false;
        }

        bool mayConflict = wideCount > 0;
        bool isWrite = request.Operation != BlockOperation.Read;
        if (!TryGetRange(in request, out ulong bucket, out ulong last))
        {
            wideCount++;
            return count++ > 0;
        }

        count++;
        for (; bucket <= last; bucket++)
        {
            ref Bucket one = ref buckets[(int)bucket & (ShadowLimits.BucketCount - 1)];
            mayConflict |= one.Writers != 0 || (isWrite && one.Readers != 0);
            one.Writers += (ushort)(isWrite ? 1 : 0);
            one.Readers += (ushort)(isWrite ? 0 : 1);
        }

        return mayConflict;
    }

    internal void Remove(in BlockRequest request)
    {
        if (request.BlockCount == 0)
        {
            return;
        }

        count--;
        if (!TryGetRange(in request, out ulong bucket, out ulong last))
        {
            wideCount--;
            return;
        }

        bool isWrite = request.Operation != BlockOperation.Read;
        for (; bucket <= last; bucket++)
        {
            ref Bucket one = ref buckets[(int)bucket & (ShadowLimits.BucketCount - 1)];
            one.Writers -= (ushort)(isWrite ? 1 : 0);
            one.Readers -= (ushort)(isWrite ? 0 : 1);
        }
    }

    /// <remarks>Blocks beyond the end of the number range wrap into some bucket; the driver refuses such requests.</remarks>
    private bool TryGetRange(in BlockRequest request, out ulong first, out ulong last)
    {
        first = request.FirstBlock >> bucketShift;
        last = (request.FirstBlock + request.BlockCount - 1) >> bucketShift;
        return last >= first && last - first < ShadowLimits.BucketsPerRequestMax;
    }

    private struct Bucket
    {
        internal ushort Readers;
        internal ushort Writers;
    }
}
