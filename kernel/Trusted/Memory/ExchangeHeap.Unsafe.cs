using System.Runtime.InteropServices;
using RedLeafSharp.Native;

namespace RedLeafSharp.Memory;

/// <summary>
/// The memory that domains hand to each other: one shared mapping of a memfd, cut into slabs of one size class each.
/// </summary>
/// <remarks>
/// <para>A bus address is an offset into the mapping, so that a device process that maps the same memfd sees the same
/// addresses. Slab 0 is never used: no valid bus address lies below 1 MiB.</para>
/// <para>Allocation and free go through the <see cref="ExchangeHeapCache"/> of an executor and take no lock; only the
/// refill and the spill of a cache, and <see cref="Reclaim"/>, take the lock of the shared pool.</para>
/// </remarks>
internal sealed unsafe partial class ExchangeHeap : IDisposable
{
    /// <summary>A list entry is 32 bits wide and counts headers of 16 bytes.</summary>
    internal const long CapacityBytesMax = (1L << 36) - SizeClasses.SlabBytes;

    /// <summary>A large page of x86-64.</summary>
    private const int LargePageBytes = 2 << 20;

    /// <summary>A heap that has used so many slabs is a large one; a small one should not take memory in pieces of 2 MiB.</summary>
    private const int SlabsBeforeLargePages = 16;

    private static readonly void* MapFailed = (void*)-1;

    private readonly Lock sharedLock = new();
    private readonly uint[] sharedHead = new uint[SizeClasses.Count];
    private readonly byte[] slabClass;
    private readonly void* mapping;
    private readonly nuint mappingBytes;
    private int slabsUsed = 1;
    private IPageWindow[] windows = [];
    private bool isDisposed;

    /// <summary>
    /// Maps <paramref name="capacityBytes"/> of address space, rounded down to slabs; memory is used only as slabs are carved.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than two slabs, or more than a list entry can name.</exception>
    /// <exception cref="IOException">The system refuses the memfd or the mapping.</exception>
    internal ExchangeHeap(long capacityBytes = 1L << 30)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacityBytes, 2L * SizeClasses.SlabBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacityBytes, CapacityBytesMax);
        long slabCount = capacityBytes / SizeClasses.SlabBytes;
        CapacityBytes = slabCount * SizeClasses.SlabBytes;
        slabClass = new byte[slabCount];
        mappingBytes = (nuint)CapacityBytes + LargePageBytes;
        Descriptor = Linux.MemfdCreate("redleaf-exchange-heap", Linux.MemfdCloseOnExec);
        if (Descriptor < 0 || Linux.Truncate(Descriptor, CapacityBytes) != 0)
        {
            throw Refused($"no memfd of {CapacityBytes} bytes");
        }

        // SAFETY: reserves address space, then maps the memfd over its aligned part. The reservation is checked first: a fixed
        // mapping at an address derived from a failed one could replace memory in use.
        mapping = Linux.Map(null, mappingBytes, Linux.ProtectionNone, Linux.MapPrivate | Linux.MapAnonymous | Linux.MapNoReserve, -1, 0);
        if (mapping == MapFailed)
        {
            throw Refused($"no address space for {CapacityBytes} bytes");
        }

        Base = (byte*)(((nuint)mapping + LargePageBytes - 1) & ~((nuint)LargePageBytes - 1));
        void* mapped = Linux.Map(
            Base, (nuint)CapacityBytes, Linux.ProtectionRead | Linux.ProtectionWrite, Linux.MapShared | Linux.MapFixed, Descriptor, 0);
        if (mapped != Base)
        {
            throw Refused($"mmap of {CapacityBytes} bytes failed");
        }
    }

    /// <summary>Start of the mapping, 2 MiB aligned.</summary>
    internal byte* Base { get; }

    /// <summary>The memfd behind the mapping, to be handed to a device process.</summary>
    internal int Descriptor { get; }

    /// <summary>Size of the mapping; also the first invalid bus address.</summary>
    internal long CapacityBytes { get; }

    /// <summary>
    /// Whether several executors use the heap, so that the end of a loan and a grant of the same page may meet. Set before domains run.
    /// </summary>
    internal bool IsShared { get; set; }

    /// <summary>Payload of a block.</summary>
    /// <remarks>Pure arithmetic, no load: page headers are the n-th 16 bytes of the slab, page n is the n-th 4 KiB.</remarks>
    internal static byte* PagePayload(BlockHeader* header)
    {
        nuint address = (nuint)header;
        nuint inSlab = address & (SizeClasses.SlabBytes - 1);
        return (byte*)((address - inSlab) + (inSlab << 8));
    }

    /// <summary>Bus address of a block's first payload byte.</summary>
    internal ulong BusAddress(BlockHeader* header) =>
        (ulong)((SizeClasses.IsPages(header->SizeClass) ? PagePayload(header) : (byte*)(header + 1)) - Base);

    /// <summary>
    /// The header of the page block that covers <paramref name="busAddress"/>, or null when no page block in use does.
    /// </summary>
    internal BlockHeader* FindPageBlock(ulong busAddress)
    {
        int slab = (int)(busAddress / SizeClasses.SlabBytes);
        if (busAddress >= (ulong)CapacityBytes || slab >= Volatile.Read(ref slabsUsed) || !SizeClasses.IsPages(slabClass[slab]))
        {
            return null;
        }

        int page = (int)(busAddress % SizeClasses.SlabBytes) / SizeClasses.PageBytes;
        int pages = SizeClasses.PagesIn(slabClass[slab]);
        int block = (page - 1) / pages;
        if (page == 0 || block >= SizeClasses.BlocksPerSlab(slabClass[slab]))
        {
            return null;
        }

        var header = (BlockHeader*)(Base + ((long)slab * SizeClasses.SlabBytes)) + 1 + (block * pages);
        return header->Owner == 0 ? null : header;
    }

    /// <summary>From now on a window is asked whenever a loan is to end.</summary>
    internal void AddWindow(IPageWindow window)
    {
        lock (sharedLock)
        {
            Volatile.Write(ref windows, [.. windows, window]);
        }
    }

    /// <summary>A window maps nothing any more, and never will.</summary>
    internal void RemoveWindow(IPageWindow window)
    {
        lock (sharedLock)
        {
            Volatile.Write(ref windows, [.. windows.Where(other => other != window)]);
        }
    }

    /// <summary>Ends the loan of a page block, unless some window maps a page of it.</summary>
    /// <remarks>
    /// What the windows map stands in their own tables and nowhere else: a mark in the header would be written by the executors of all
    /// devices that use the block. A grant writes its table and then looks whether the page is lent; this does it the other way round,
    /// so at least one of the two sees the other. Before that it only looks: an owner may ask often, and what a shadow holds and grants
    /// again meanwhile must not find the page unlent.
    /// </remarks>
    internal bool TryEndLoan(BlockHeader* header)
    {
        if (IsMapped(header))
        {
            return false;
        }

        LoanState loan = header->Loan;
        header->Loan = LoanState.None;
        OrderLoans();
        if (!IsShared || !IsMapped(header))
        {
            return true;
        }

        header->Loan = loan;
        return false;
    }

    /// <summary>Stands between the two halves of a grant and of the end of a loan. Nothing where one thread at a time does either.</summary>
    internal void OrderLoans()
    {
        if (IsShared)
        {
            Interlocked.MemoryBarrier();
        }
    }

    /// <summary>The bytes behind a bus address, without any check of rights: for devices' models and tests.</summary>
    internal Span<byte> BytesAt(ulong busAddress, int lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lengthBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(busAddress, (ulong)(CapacityBytes - lengthBytes));
        return new Span<byte>(Base + busAddress, lengthBytes);
    }

    /// <summary>Moves up to <paramref name="count"/> free blocks into a cache's list; returns how many.</summary>
    internal int Refill(int sizeClass, int count, ref uint head)
    {
        lock (sharedLock)
        {
            int moved = 0;
            while (moved < count && (sharedHead[sizeClass] != 0 || CarveSlab(sizeClass)))
            {
                moved += MoveFront(ref sharedHead[sizeClass], ref head, count - moved);
            }

            return moved;
        }
    }

    /// <summary>Gives <paramref name="count"/> blocks of a cache's list back to all.</summary>
    internal void Spill(int sizeClass, int count, ref uint head)
    {
        lock (sharedLock)
        {
            MoveFront(ref head, ref sharedHead[sizeClass], count);
        }
    }

    public void Dispose()
    {
        if (isDisposed)
        {
            return;
        }

        // A census after the end finds nothing instead of reading what is unmapped.
        isDisposed = true;
        slabsUsed = 1;
        if (mapping != null && mapping != MapFailed)
        {
            Linux.Unmap(mapping, mappingBytes);
        }

        if (Descriptor >= 0)
        {
            Linux.Close(Descriptor);
        }
    }

    internal BlockHeader* At(uint listEntry) => (BlockHeader*)(Base + ((long)(listEntry - 1) * SizeClasses.HeaderBytes));

    internal uint ListEntry(BlockHeader* header) => 1 + (uint)(((byte*)header - Base) / SizeClasses.HeaderBytes);

    private bool IsMapped(BlockHeader* header)
    {
        int page = PageOf(header);
        foreach (IPageWindow window in windows)
        {
            if (window.MapsAny(page, SizeClasses.PagesIn(header->SizeClass)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Moves the first blocks of a list to the front of another one; returns how many there were.</summary>
    /// <remarks>Their order stays: whoever takes pages one by one gets neighbours, upwards, which is what prefetchers of processors follow.</remarks>
    private int MoveFront(ref uint from, ref uint to, int count)
    {
        if (from == 0)
        {
            return 0;
        }

        int moved = 1;
        BlockHeader* last = At(from);
        for (; moved < count && last->LengthOrNext != 0; moved++)
        {
            last = At(last->LengthOrNext);
        }

        (from, to, last->LengthOrNext) = (last->LengthOrNext, from, to);
        return moved;
    }

    private IOException Refused(string what)
    {
        int error = Marshal.GetLastPInvokeError();
        Dispose();
        return new IOException($"exchange heap: {what}, errno {error}");
    }

    private bool CarveSlab(int sizeClass)
    {
        if (slabsUsed == slabClass.Length)
        {
            return false;
        }

        PreferLargePage(slabsUsed);
        var (first, stride) = SizeClasses.HeaderLayout(sizeClass);
        byte* start = Base + ((long)slabsUsed * SizeClasses.SlabBytes) + first;
        for (int block = SizeClasses.BlocksPerSlab(sizeClass) - 1; block >= 0; block--)
        {
            var header = (BlockHeader*)(start + ((long)block * stride));
            *header = default;
            header->OwnerAndGeneration = BlockHeader.Pack(0, 1);
            header->SizeClass = (byte)sizeClass;
            header->LengthOrNext = sharedHead[sizeClass];
            sharedHead[sizeClass] = ListEntry(header);
        }

        slabClass[slabsUsed] = (byte)sizeClass;
        Volatile.Write(ref slabsUsed, slabsUsed + 1);
        return true;
    }

    /// <summary>
    /// Has the two slabs of 2 MiB of a large heap be one large page, before anything else is touched there: 512 page faults take
    /// seven times as long as this one call, and a cache of 128 MiB misses the TLB with every random page.
    /// </summary>
    /// <remarks>MADV_COLLAPSE (madvise(2), Linux 6.1) does so whatever the settings of shared memory are. Where it fails, small pages do.</remarks>
    private void PreferLargePage(int slab)
    {
        const int SlabsInLargePage = LargePageBytes / SizeClasses.SlabBytes;
        if (slab >= SlabsBeforeLargePages && slab % SlabsInLargePage == 0 && slab + SlabsInLargePage <= slabClass.Length)
        {
            // SAFETY: inside the mapping, in slabs that are not in use; the advice changes how bytes are mapped, and none of them. One
            // has to be there, or there is nothing to make large.
            byte* start = Base + ((long)slab * SizeClasses.SlabBytes);
            *start = 0;
            _ = Linux.Advise(start, LargePageBytes, Linux.AdviseCollapse);
        }
    }
}
