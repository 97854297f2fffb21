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

    /// <summary>Distance between two small blocks in bytes, header included.</summary>
    private static readonly int[] SmallStrides = [64, 128, 192, 256, 384, 512, 768, 1088, 1536, 2176];

    /// <summary>Pages in one page block. 64 pages hold the largest queue a controller here offers.</summary>
    private static readonly int[] PageCounts = [1, 4, 16, 64];

    internal static readonly int FirstPageClass = SmallStrides.Length;

    internal static readonly int Count = SmallStrides.Length + PageCounts.Length;

    internal static readonly int PayloadBytesMax = SmallStrides[^1] - HeaderBytes;

    internal static readonly int PageCountMax = PageCounts[^1];

    /// <summary>The smallest class whose payload holds <paramref name="payloadBytes"/>; -1 when none does.</summary>
    internal static int ForPayload(int payloadBytes)
    {
        for (int index = 0; index < SmallStrides.Length; index++)
        {
            if (SmallStrides[index] - HeaderBytes >= payloadBytes)
            {
                return index;
            }
        }

        return -1;
    }

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
}
