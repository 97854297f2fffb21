using RedLeafSharp.Memory;

namespace RedLeafSharp.Devices;

/// <summary>
/// The IOMMU table of one PCI function: which pages of the exchange heap the device reaches, and how. Bus addresses are
/// offsets into the heap; what is not mapped is an IOMMU fault.
/// </summary>
/// <remarks>
/// An entry holds the window's epoch in its upper 14 bits and the access in its lower two. Fencing increments the epoch,
/// which takes every mapping back at once; the table is cleared when the epoch wraps.
/// </remarks>
internal sealed unsafe class DmaWindow
{
    private const int AccessBits = 2;
    private const int EpochMax = (1 << 14) - 1;

    private readonly ushort[] table;
    private int epoch = 1;

    internal DmaWindow(ExchangeHeap heap)
    {
        Heap = heap;
        table = new ushort[heap.CapacityBytes / SizeClasses.PageBytes];
    }

    internal ExchangeHeap Heap { get; }

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
            int need = (epoch << AccessBits) | AccessOf(access);
            int page = (int)(busAddress / SizeClasses.PageBytes);
            int lastPage = (int)(last / SizeClasses.PageBytes);
            while (page <= lastPage && (table[page] & need) == need && table[page] >> AccessBits == epoch)
            {
                page++;
            }

            if (page > lastPage)
            {
                return Heap.Base + busAddress;
            }
        }

        FaultCount++;
        Faulted?.Invoke(new DmaFault(busAddress, lengthBytes, access));
        return null;
    }

    /// <summary>Maps the page block at <paramref name="busAddress"/>, which must start there, and marks it in its header.</summary>
    /// <returns>False when no page block in use starts there.</returns>
    internal bool Map(ulong busAddress, LoanAccess access)
    {
        BlockHeader* header = Heap.FindPageBlock(busAddress);
        if (header == null || Heap.BusAddress(header) != busAddress)
        {
            return false;
        }

        header->Loan |= LoanState.Mapped;
        Set(busAddress, SizeClasses.PagesIn(header->SizeClass), (ushort)((epoch << AccessBits) | AccessOf(access)));
        return true;
    }

    /// <summary>Takes a mapping back and the mark from the block's header.</summary>
    internal void Unmap(ulong busAddress)
    {
        BlockHeader* header = Heap.FindPageBlock(busAddress);
        if (header != null && Heap.BusAddress(header) == busAddress)
        {
            header->Loan &= ~LoanState.Mapped;
            Set(busAddress, SizeClasses.PagesIn(header->SizeClass), 0);
        }
    }

    /// <summary>
    /// Takes every mapping back: from here on the device reaches nothing. Block headers keep their marks, so that nobody
    /// frees what is still in a shadow's ledger; <see cref="Release"/> removes them.
    /// </summary>
    internal void Fence()
    {
        if (++epoch > EpochMax)
        {
            Array.Clear(table);
            epoch = 1;
        }
    }

    /// <summary>Fences, and removes the mark of every block that was ever left mapped. For the end of a device's life.</summary>
    internal void Release()
    {
        for (int page = 0; page < table.Length; page++)
        {
            if (table[page] != 0)
            {
                BlockHeader* header = Heap.FindPageBlock((ulong)page * SizeClasses.PageBytes);
                if (header != null)
                {
                    header->Loan &= ~LoanState.Mapped;
                }
            }
        }

        Array.Clear(table);
        Fence();
    }

    private static int AccessOf(LoanAccess access) => (byte)access >> 1;

    private void Set(ulong busAddress, int pageCount, ushort entry) =>
        table.AsSpan((int)(busAddress / SizeClasses.PageBytes), pageCount).Fill(entry);
}

/// <summary>A device access that the IOMMU refused.</summary>
/// <param name="BusAddress">First byte of the access.</param>
/// <param name="LengthBytes">Length of the access.</param>
/// <param name="Access">What the device wanted to do.</param>
internal readonly record struct DmaFault(ulong BusAddress, int LengthBytes, LoanAccess Access);
