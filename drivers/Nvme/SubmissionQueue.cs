namespace RedLeafSharp.Drivers.Nvme;

/// <summary>
/// A ring of commands that the driver fills and the device empties. Whoever pushes makes sure that fewer commands are in
/// flight than the ring has entries; it cannot overflow then, and the head that the device reports is not needed.
/// </summary>
internal sealed class SubmissionQueue
{
    private readonly Registers registers;
    private readonly int doorbell;
    private readonly int entryCount;
    private Cell<PageBuffer> ring;
    private int tail;

    internal SubmissionQueue(CallContext context, PciFunction device, Registers registers, int queue, int entryCount)
    {
        this.registers = registers;
        this.entryCount = entryCount;
        doorbell = registers.SubmissionDoorbell(queue);
        PageBuffer pages = device.AllocateDma(context, QueueMemory.Pages(entryCount, NvmeSpec.SubmissionEntryBytes), out ulong bus);
        ring.Put(ref pages);
        BusAddress = bus;
    }

    internal ulong BusAddress { get; }

    /// <summary>The entry that the next command goes to.</summary>
    internal ref Command Next(Span<Command> commands)
    {
        ref Command next = ref commands[tail];
        tail = tail + 1 == entryCount ? 0 : tail + 1;
        return ref next;
    }

    internal Span<Command> Borrow(CallContext context) => ring.Content.BorrowAs<Command>(context);

    /// <summary>Tells the device of all commands since the last call.</summary>
    internal void Ring() => registers.Ring(doorbell, tail);

    /// <summary>Back to the state after allocation; the controller is disabled.</summary>
    internal void Reset() => tail = 0;
}

/// <summary>Sizes of queues in memory.</summary>
internal static class QueueMemory
{
    internal static int Pages(int entryCount, int entryBytes) =>
        ((entryCount * entryBytes) + PageBuffer.PageBytes - 1) / PageBuffer.PageBytes;
}
