namespace RedLeafSharp.Machine.Media;

/// <summary>
/// A volatile write cache in front of a medium, so that a power cut loses what was not flushed.
/// </summary>
/// <remarks>
/// Data goes to the medium at once; what the cache holds is the old content of each block that is not durable yet, which a
/// power cut puts back. Reads therefore cost nothing, and a file image is never behind what the driver was told. When the
/// cache is full everything in it becomes durable, as a drive may do at any time.
/// </remarks>
internal sealed class VolatileCache(IMedium inner, int blockBytes, int blocksMax) : IMedium
{
    private readonly SortedDictionary<long, byte[]> oldBlocks = [];
    private readonly Stack<byte[]> freeBlocks = new();

    public long LengthBytes => inner.LengthBytes;

    public bool IsReadOnly => inner.IsReadOnly;

    public bool HasVolatileCache => true;

    /// <summary>Blocks that a power cut could lose.</summary>
    internal int DirtyCount => oldBlocks.Count;

    public MediumResult Read(long offsetBytes, Span<byte> destination) => inner.Read(offsetBytes, destination);

    public MediumResult Write(long offsetBytes, ReadOnlySpan<byte> source)
    {
        MediumResult result = Remember(offsetBytes, source.Length);
        return result == MediumResult.Ok ? inner.Write(offsetBytes, source) : result;
    }

    public MediumResult Zero(long offsetBytes, long lengthBytes)
    {
        MediumResult result = Remember(offsetBytes, lengthBytes);
        return result == MediumResult.Ok ? inner.Zero(offsetBytes, lengthBytes) : result;
    }

    public MediumResult Persist(long offsetBytes, long lengthBytes)
    {
        MediumResult result = inner.Persist(offsetBytes, lengthBytes);
        for (long block = offsetBytes; result == MediumResult.Ok && block < offsetBytes + lengthBytes; block += blockBytes)
        {
            if (oldBlocks.Remove(block, out byte[]? old))
            {
                freeBlocks.Push(old);
            }
        }

        return result;
    }

    public MediumResult Flush()
    {
        MediumResult result = inner.Flush();
        if (result == MediumResult.Ok)
        {
            Forget();
        }

        return result;
    }

    public void Dispose() => inner.Dispose();

    /// <summary>
    /// Takes back each block that is not durable, or lets it survive, as the bits of a hash of seed and block say.
    /// </summary>
    internal void PowerCut(ulong seed)
    {
        foreach ((long offset, byte[] old) in oldBlocks)
        {
            if (IsLost(seed, offset / blockBytes))
            {
                _ = inner.Write(offset, old);
            }
        }

        Forget();
    }

    /// <summary>
    /// The finalizer of splitmix64 (Steele et al., "Fast splittable pseudorandom number generators"). Seed 0 loses all.
    /// </summary>
    private static bool IsLost(ulong seed, long block)
    {
        ulong mixed = (seed ^ (ulong)block) * 0x9E3779B97F4A7C15UL;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9UL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBUL;
        return seed == 0 || (mixed >> 63) == 0;
    }

    /// <remarks>A command's segments need not end where blocks do: its PRP entries may point anywhere into a page.</remarks>
    private MediumResult Remember(long offsetBytes, long lengthBytes)
    {
        long first = offsetBytes - (offsetBytes % blockBytes);
        long blocks = (offsetBytes + lengthBytes - first + blockBytes - 1) / blockBytes;
        if (blocks + oldBlocks.Count > blocksMax && Flush() is var flushed and not MediumResult.Ok)
        {
            return flushed;
        }

        if (blocks > blocksMax)
        {
            return MediumResult.Ok;
        }

        for (long block = first; block < offsetBytes + lengthBytes; block += blockBytes)
        {
            if (oldBlocks.ContainsKey(block))
            {
                continue;
            }

            byte[] old = freeBlocks.Count > 0 ? freeBlocks.Pop() : new byte[blockBytes];
            if (inner.Read(block, old) != MediumResult.Ok)
            {
                return MediumResult.WriteError;
            }

            oldBlocks.Add(block, old);
        }

        return MediumResult.Ok;
    }

    private void Forget()
    {
        foreach (byte[] old in oldBlocks.Values)
        {
            freeBlocks.Push(old);
        }

        oldBlocks.Clear();
    }
}
