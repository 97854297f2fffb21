using RedLeafSharp.Memory;

namespace RedLeafSharp.Devices;

/// <summary>
/// The IOMMU table of one PCI function: which pages of the exchange heap the device reaches, and how. Bus addresses are
/// offsets into the heap; what is not mapped is an IOMMU fault.
/// </summary>
/// <remarks>
/// An entry holds the window's epoch in its upper half, the number of times the page is mapped, and the access in its
/// lower two bits. Fencing increments the epoch, which takes every mapping back at once; entries get epoch 0 when it
/// wraps. A page is counted because several requests in flight may use it: the blocks of one page, or one page
/// written to several places.
/// </remarks>
internal sealed unsafe class DmaWindow : IPageWindow
{
    private const int AccessBits = 2;
    private const uint AccessMask = (1 << AccessBits) - 1;
    private const uint OneMapping = 1 << AccessBits;
    private const uint CountMask = 0xfffc;
    private const int EpochShift = 16;
    private const int EpochMax = (1 << 16) - 1;

    private readonly uint[] table;

    /// <summary>Bus addresses of the blocks mapped with <see cref="Map"/>: the rings of the present driver.</summary>
    private readonly HashSet<ulong> rings = [];
    private int epoch = 1;

    internal DmaWindow(ExchangeHeap heap)
    {
        Heap = heap;
        table = new uint[heap.CapacityBytes / SizeClasses.PageBytes];
        heap.AddWindow(this);
    }

    internal ExchangeHeap Heap { get; }

    /// <summary>The function whose accesses go through this window; attributes faults.</summary>
    internal string FunctionName { get; init; } = "unnamed";

    /// <summary>Told of each refused access, on the thread of the device.</summary>
    internal Action<DmaFault>? Faulted { get; set; }

    /// <summary>Accesses refused since the window was made.</summary>
    internal long FaultCount { get; private set; }

    /// <summary>
    /// Finds the memory behind a bus address range for the device.
    /// </summary>
    /// <returns>Null when some page of the range is not mapped for <paramref name="access"/>; the fault has been reported.</returns>
    internal byte* Translate(ulong busAddress, int lengthBytes, LoanAccess access)
    {
        ulong last = busAddress + (ulong)Math.Max(lengthBytes - 1, 0);
        if (lengthBytes > 0 && last >= busAddress && last < (ulong)Heap.CapacityBytes)
        {
            uint need = AccessOf(access);
            int page = (int)(busAddress / SizeClasses.PageBytes);
            int lastPage = (int)(last / SizeClasses.PageBytes);
            while (page <= lastPage && (table[page] & need) == need && table[page] >> EpochShift == epoch)
            {
                page++;
            }

            if (page > lastPage)
            {
                return Heap.Base + busAddress;
            }
        }

        FaultCount++;
        Faulted?.Invoke(new DmaFault(FunctionName, busAddress, lengthBytes, access));
        return null;
    }

    /// <summary>As <see cref="Translate"/>, for devices written in safe code.</summary>
    internal bool TryTranslate(ulong busAddress, int lengthBytes, LoanAccess access, out Span<byte> bytes)
    {
        byte* start = Translate(busAddress, lengthBytes, access);

        // SAFETY: Translate has checked that the whole range lies within the heap.
        bytes = start == null ? default : new Span<byte>(start, lengthBytes);
        return start != null;
    }

    /// <summary>Maps the page block at <paramref name="busAddress"/>, which must start there, and marks it as a ring in its header.</summary>
    /// <returns>False when no page block in use starts there, or one that is lent.</returns>
    internal bool Map(ulong busAddress, LoanAccess access)
    {
        BlockHeader* header = Heap.FindPageBlock(busAddress);
        if (header == null || Heap.BusAddress(header) != busAddress || header->Loan != LoanState.None)
        {
            return false;
        }

        header->Loan = LoanState.Ring;
        PagesOf(header).Fill(Entry(1, access));
        rings.Add(busAddress);
        return true;
    }

    /// <summary>Takes a mapping of <see cref="Map"/> back and the mark from the block's header.</summary>
    internal void Unmap(ulong busAddress)
    {
        BlockHeader* header = Heap.FindPageBlock(busAddress);
        if (header != null && rings.Remove(busAddress))
        {
            header->Loan = LoanState.None;
            PagesOf(header).Clear();
        }
    }

    /// <inheritdoc/>
    public bool MapsAny(int firstPage, int pageCount) => table.AsSpan(firstPage, pageCount).IndexOfAnyExcept(0u) >= 0;

    /// <summary>Whether this window holds a page already, from before a fence for example.</summary>
    internal bool Holds(ulong busAddress) => table[(int)(busAddress / SizeClasses.PageBytes)] != 0;

    /// <summary>Maps the one page around an address of a lent block, once more if it is mapped already.</summary>
    /// <param name="header">The block.</param>
    /// <param name="owner">Whose it was when somebody looked whether it may be mapped: its word of owner and generation.</param>
    /// <param name="borrower">By whose right it may be mapped, if not by the owner's; 0 otherwise.</param>
    /// <param name="busAddress">An address within the page.</param>
    /// <param name="access">What the device may do.</param>
    /// <returns>False when the page is mapped too often, or its loan ends meanwhile.</returns>
    internal bool MapPage(BlockHeader* header, ulong owner, uint borrower, ulong busAddress, LoanAccess access)
    {
        ref uint entry = ref table[(int)(busAddress / SizeClasses.PageBytes)];
        uint count = entry >> EpochShift == epoch ? (entry & CountMask) >> AccessBits : 0;
        if (count == CountMask >> AccessBits)
        {
            return false;
        }

        uint held = entry;
        uint before = count == 0 ? 0 : entry & AccessMask;
        entry = Entry(count + 1, access) | before;
        Heap.OrderLoans();

        // On another executor the owner may have ended the loan since somebody looked (see ExchangeHeap.TryEndLoan), and lent the page
        // to another borrower.
        var need = LoanState.Lent | (LoanState)access;
        bool isBorrowers = borrower == 0 || Heap.BorrowerOf(header) == borrower;
        if (isBorrowers && (header->Loan & need) == need && header->OwnerAndGeneration == owner)
        {
            return true;
        }

        entry = held;
        return false;
    }

    /// <summary>Takes one mapping of <see cref="MapPage"/> back, also one from before a fence.</summary>
    internal void UnmapPage(ulong busAddress)
    {
        if (busAddress < (ulong)Heap.CapacityBytes)
        {
            ref uint entry = ref table[(int)(busAddress / SizeClasses.PageBytes)];
            entry = (entry & CountMask) > OneMapping ? entry - OneMapping : 0;
        }
    }

    /// <summary>
    /// Takes every mapping back: from here on the device reaches nothing. Granted pages keep their entries, so that nobody
    /// frees what is still in a shadow's ledger; <see cref="Release"/> removes them. Rings die with their driver: what they
    /// left in the table would be taken for mappings of the blocks' next owner.
    /// </summary>
    internal void Fence()
    {
        foreach (ulong ring in rings)
        {
            BlockHeader* header = Heap.FindPageBlock(ring);
            if (header != null)
            {
                header->Loan = LoanState.None;
                PagesOf(header).Clear();
            }
        }

        rings.Clear();
        if (++epoch > EpochMax)
        {
            // Epoch 0 is never the present one; the counts must outlive the wrap.
            foreach (ref uint entry in table.AsSpan())
            {
                entry &= CountMask | AccessMask;
            }

            epoch = 1;
        }
    }

    /// <summary>Fences, and forgets every page that was ever left mapped. For the end of a device's life: nothing is mapped afterwards.</summary>
    internal void Release()
    {
        Fence();
        Array.Clear(table);
        Heap.RemoveWindow(this);
    }

    /// <summary>
    /// Pages with a mapping, also one from before a fence, that belong to no ring: granted for a request and not taken back.
    /// </summary>
    internal int CountGranted()
    {
        int count = table.AsSpan().Length - table.AsSpan().Count(0u);
        foreach (ulong ring in rings)
        {
            BlockHeader* header = Heap.FindPageBlock(ring);
            count -= header == null ? 0 : PagesOf(header).Length - PagesOf(header).Count(0u);
        }

        return count;
    }

    private static uint AccessOf(LoanAccess access) => (uint)access >> 1;

    private uint Entry(uint count, LoanAccess access) =>
        ((uint)epoch << EpochShift) | (count << AccessBits) | AccessOf(access);

    private Span<uint> PagesOf(BlockHeader* header) =>
        table.AsSpan((int)(Heap.BusAddress(header) / SizeClasses.PageBytes), SizeClasses.PagesIn(header->SizeClass));
}

/// <summary>A device access that the IOMMU refused.</summary>
/// <param name="FunctionName">The function that tried.</param>
/// <param name="BusAddress">First byte of the access.</param>
/// <param name="LengthBytes">Length of the access.</param>
/// <param name="Access">What the device wanted to do.</param>
internal readonly record struct DmaFault(string FunctionName, ulong BusAddress, int LengthBytes, LoanAccess Access);
