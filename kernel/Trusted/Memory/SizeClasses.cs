namespace RedLeafSharp.Memory;

/// <summary>
/// The block sizes of the exchange heap. No stride is a multiple of 2,048 bytes except for pages: such strides put the
/// headers and first lines of all blocks into two of the 64 sets of an L1 cache.
/// </summary>
internal static class SizeClasses
{
    internal const int SlabBytes = 1 << 20;
    internal const int PageBytes = 4096;
    internal const int HeaderBytes = 16;
    internal const int PagesPerSlab = SlabBytes / PageBytes;

    /// <summary>Moved at once between a cache and the shared pool; a slab is the least that can be carved.</summary>
    private const int TransferBytes = 128 << 10;

    /// <summary>What one cache may keep of a class, so that an executor cannot hoard what the others free.</summary>
    private const int CacheBytes = 4 << 20;

    /// <summary>Distance between two small blocks in bytes, header included.</summary>
    private static readonly int[] SmallStrides = [64, 128, 192, 256, 384, 512, 768, 1088, 1536, 2176];

    /// <summary>Pages in one page block. 64 pages hold the largest queue a controller here offers.</summary>
    private static readonly int[] PageCounts = [1, 4, 16, 64];

    internal static readonly int FirstPageClass = SmallStrides.Length;

    internal static readonly int Count = SmallStrides.Length + PageCounts.Length;

    internal static readonly int PayloadBytesMax = SmallStrides[^1] - HeaderBytes;

    internal static readonly int PageCountMax = PageCounts[^1];

    /// <summary>The class for a payload of so many times 16 bytes: allocation must not search.</summary>
    private static readonly byte[] ClassOfUnit = MakeClassOfUnit();

    private static readonly int[] TransferCounts = [.. Enumerable.Range(0, Count).Select(each => CountFor(each, TransferBytes, 1, 32))];

    private static readonly int[] CacheCounts = [.. Enumerable.Range(0, Count).Select(each => CountFor(each, CacheBytes, 4, 512))];

    /// <summary>Blocks moved at once between a cache and the shared pool.</summary>
    internal static int TransferBlocks(int sizeClass) => TransferCounts[sizeClass];

    /// <summary>The most free blocks that one cache keeps.</summary>
    internal static int CacheBlocksMax(int sizeClass) => CacheCounts[sizeClass];

    /// <summary>The smallest class whose payload holds <paramref name="payloadBytes"/>; -1 when none does.</summary>
    internal static int ForPayload(int payloadBytes) =>
        (uint)payloadBytes <= (uint)PayloadBytesMax ? ClassOfUnit[(payloadBytes + HeaderBytes - 1) / HeaderBytes] : -1;

    /// <summary>The smallest class of at least <paramref name="pageCount"/> contiguous pages; -1 when none is that large.</summary>
    internal static int ForPages(int pageCount)
    {
        for (int index = 0; index < PageCounts.Length; index++)
        {
            if (PageCounts[index] >= pageCount)
            {
                return FirstPageClass + index;
            }
        }

        return -1;
    }

    internal static bool IsPages(int sizeClass) => sizeClass >= FirstPageClass;

    internal static int PagesIn(int sizeClass) => PageCounts[sizeClass - FirstPageClass];

    internal static int PayloadBytes(int sizeClass) =>
        IsPages(sizeClass) ? PagesIn(sizeClass) * PageBytes : SmallStrides[sizeClass] - HeaderBytes;

    internal static int BlocksPerSlab(int sizeClass) =>
        IsPages(sizeClass) ? (PagesPerSlab - 1) / PagesIn(sizeClass) : SlabBytes / SmallStrides[sizeClass];

    /// <summary>Distance in bytes between the headers of neighbouring blocks of a slab, and the offset of the first one.</summary>
    internal static (int First, int Stride) HeaderLayout(int sizeClass) =>
        IsPages(sizeClass) ? (HeaderBytes, PagesIn(sizeClass) * HeaderBytes) : (0, SmallStrides[sizeClass]);

    private static int CountFor(int sizeClass, int bytes, int least, int most) =>
        Math.Clamp(bytes / (PayloadBytes(sizeClass) + HeaderBytes), least, most);

    private static byte[] MakeClassOfUnit()
    {
        byte[] classes = new byte[(PayloadBytesMax / HeaderBytes) + 1];
        for (int unit = 0; unit < classes.Length; unit++)
        {
            classes[unit] = (byte)Array.FindIndex(SmallStrides, stride => stride - HeaderBytes >= unit * HeaderBytes);
        }

        return classes;
    }
}
