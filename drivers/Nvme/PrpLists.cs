using RedLeafSharp.Contracts;

namespace RedLeafSharp.Drivers.Nvme;

/// <summary>
/// One PRP list for each command slot, allocated once (NVMe 1.4 section 4.3). A list never crosses a page, so that no
/// chaining is needed.
/// </summary>
internal sealed class PrpLists
{
    private const int ListBytes = NvmeLimits.PrpEntriesPerSlot * sizeof(ulong);

    private readonly ulong busAddress;
    private Cell<PageBuffer> memory;

    internal PrpLists(CallContext context, PciFunction device, int slotCount)
    {
        PageBuffer pages = device.AllocateDma(context, QueueMemory.Pages(slotCount, ListBytes), out busAddress);
        memory.Put(ref pages);
    }

    /// <summary>Points a command at its pages: the first, and either the second or the list of all others.</summary>
    internal void Describe(CallContext context, ref Command command, int slot, ReadOnlySpan<ulong> pages)
    {
        command.Prp1 = pages[0];
        command.Prp2 = 0;
        if (pages.Length == 2)
        {
            command.Prp2 = pages[1];
        }
        else if (pages.Length > 2)
        {
            pages[1..].CopyTo(memory.Content.BorrowAs<ulong>(context)[(slot * NvmeLimits.PrpEntriesPerSlot)..]);
            command.Prp2 = busAddress + (ulong)(slot * ListBytes);
        }
    }

    /// <summary>Points a Dataset Management command at its one range, which is kept where the slot's list would be.</summary>
    internal void DescribeRange(CallContext context, ref Command command, int slot, in BlockRequest request)
    {
        const int RangeBytes = 16;
        memory.Content.BorrowAs<DatasetRange>(context)[slot * (ListBytes / RangeBytes)] = new DatasetRange
        {
            FirstBlock = request.FirstBlock,
            BlockCount = request.BlockCount,
        };
        command.Prp1 = busAddress + (ulong)(slot * ListBytes);
        command.Prp2 = 0;
    }
}
