namespace RedLeafSharp.Drivers.Nvme;

/// <summary>A ring of completions that the device fills and the driver empties (NVMe 1.4 section 4.1).</summary>
internal sealed class CompletionQueue
{
    private readonly Registers registers;
    private readonly int doorbell;
    private readonly int entryCount;
    private Cell<PageBuffer> ring;
    private int head;
    private uint phase = 1;

    internal CompletionQueue(CallContext context, PciFunction device, Registers registers, int queue, int entryCount)
    {
        this.registers = registers;
        this.entryCount = entryCount;
        doorbell = registers.CompletionDoorbell(queue);
        PageBuffer pages = device.AllocateDma(context, QueueMemory.Pages(entryCount, NvmeSpec.CompletionEntryBytes), out ulong bus);
        ring.Put(ref pages);
        BusAddress = bus;
    }

    internal ulong BusAddress { get; }

    internal Span<CompletionEntry> Borrow(CallContext context) => ring.Content.BorrowAs<CompletionEntry>(context);

    internal bool HasNext(CallContext context) => TryPeek(Borrow(context), out _);

    /// <summary>Takes the oldest completion out; <see cref="Ring"/> tells the device later, once for many.</summary>
    internal bool TryTake(Span<CompletionEntry> entries, out CompletionEntry entry)
    {
        if (!TryPeek(entries, out ushort status))
        {
            entry = default;
            return false;
        }

        entry = entries[head];

        // The status checked is the status used, whatever the device writes meanwhile.
        entry.Status = status;
        if (++head == entryCount)
        {
            head = 0;
            phase ^= 1;
        }

        return true;
    }

    /// <summary>Gives the entries taken since the last call back to the device.</summary>
    internal void Ring() => registers.Ring(doorbell, head);

    /// <summary>Back to the state after allocation; the controller is disabled.</summary>
    internal void Reset(CallContext context)
    {
        Borrow(context).Clear();
        head = 0;
        phase = 1;
    }

    /// <remarks>The acquiring read keeps the reads of the rest of the entry behind that of its phase tag.</remarks>
    private bool TryPeek(Span<CompletionEntry> entries, out ushort status)
    {
        status = Volatile.Read(ref entries[head].Status);
        return (status & 1) == phase;
    }
}
