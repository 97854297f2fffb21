using RedLeafSharp.Devices;

namespace RedLeafSharp;

/// <summary>
/// A driver's rights to one PCI function: its configuration space, registers, interrupts and DMA memory. They end with
/// the generation of the driver that holds them.
/// </summary>
public sealed class PciFunction
{
    private readonly IPciFunctionBackend backend;
    private readonly DmaWindow window;
    private readonly List<MmioRegion> regions = [];
    private readonly HashSet<KernelEvent> routed = [];
    private bool isRevoked;

    internal PciFunction(IPciFunctionBackend backend, DmaWindow window)
    {
        this.backend = backend;
        this.window = window;
    }

    /// <summary>Number of interrupt vectors that the function has in its MSI-X table.</summary>
    public int VectorCount => backend.VectorCount;

    /// <summary>Reads the configuration space.</summary>
    /// <param name="offsetBytes">A multiple of 4 below 4,096.</param>
    public uint ReadConfiguration(int offsetBytes) => Live().ReadConfiguration(CheckConfiguration(offsetBytes));

    /// <summary>Writes the configuration space.</summary>
    /// <param name="offsetBytes">A multiple of 4 below 4,096.</param>
    /// <param name="value">The value.</param>
    public void WriteConfiguration(int offsetBytes, uint value) =>
        Live().WriteConfiguration(CheckConfiguration(offsetBytes), value);

    /// <summary>Maps a base address register.</summary>
    /// <param name="index">0 to 5.</param>
    /// <exception cref="ArgumentOutOfRangeException">The function has no memory window there.</exception>
    public MmioRegion MapBar(int index)
    {
        RegisterBank bank = Live().GetBar(index)
            ?? throw new ArgumentOutOfRangeException(nameof(index), $"the function has no memory window at BAR {index}");
        var region = new MmioRegion(bank);
        regions.Add(region);
        return region;
    }

    /// <summary>
    /// Allocates pages that both the driver and the device read and write: queues, descriptor rings, PRP lists. The
    /// driver owns them; they stay mapped until they are freed with <see cref="FreeDma"/> or the device is fenced.
    /// </summary>
    /// <param name="context">The driver.</param>
    /// <param name="pageCount">Contiguous pages, 1 to <see cref="PageBuffer.PageCountMax"/>.</param>
    /// <param name="busAddress">Where the device finds them.</param>
    /// <exception cref="ExchangeHeapFullException">The heap is full.</exception>
    public PageBuffer AllocateDma(CallContext context, int pageCount, out ulong busAddress)
    {
        _ = Live();
        PageBuffer pages = PageBuffer.Allocate(context, pageCount);
        busAddress = pages.GetBusAddress(context);
        window.Map(busAddress, LoanAccess.DeviceReads | LoanAccess.DeviceWrites);
        return pages;
    }

    /// <summary>Unmaps and frees pages of <see cref="AllocateDma"/>.</summary>
    public void FreeDma(CallContext context, ref PageBuffer pages)
    {
        ulong busAddress = pages.GetBusAddress(context);
        if (!isRevoked)
        {
            // The fence has unmapped them; the window is another's by now, perhaps of another heap and on another thread.
            window.Unmap(busAddress);
        }

        PageBuffer.Free(context, ref pages);
    }

    /// <summary>The event that an interrupt vector signals.</summary>
    /// <param name="vector">0 to <see cref="VectorCount"/> - 1.</param>
    public KernelEvent GetInterrupt(int vector) => Live().GetInterrupt(vector);

    /// <summary>
    /// Has a vector signal another event, too: that of whoever waits for the device, who need not wait inside the driver then.
    /// It ends with this generation.
    /// </summary>
    /// <param name="vector">0 to <see cref="VectorCount"/> - 1.</param>
    /// <param name="target">Replaces the last one; null for none.</param>
    public void RouteInterrupt(int vector, KernelEvent? target)
    {
        KernelEvent interrupt = Live().GetInterrupt(vector);
        target?.Untrace();
        interrupt.Follower = target;
        routed.Add(interrupt);
    }

    /// <summary>
    /// Ends all rights that this object gave out and makes the device harmless: it reaches no memory, and forgets its work.
    /// </summary>
    internal void Fence()
    {
        isRevoked = true;
        foreach (MmioRegion region in regions)
        {
            region.Revoke();
        }

        foreach (KernelEvent interrupt in routed)
        {
            interrupt.Follower = null;
        }

        window.Fence();
        backend.Reset();
    }

    private static int CheckConfiguration(int offsetBytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)offsetBytes, 4092u, nameof(offsetBytes));
        ArgumentOutOfRangeException.ThrowIfNotEqual(offsetBytes & 3, 0, nameof(offsetBytes));
        return offsetBytes;
    }

    private IPciFunctionBackend Live() =>
        isRevoked ? throw new InvalidOperationException("the device has been taken from this generation of the driver") : backend;
}

/// <summary>What a world (simulated, QEMU, ...) provides for one PCI function.</summary>
internal interface IPciFunctionBackend
{
    int VectorCount { get; }

    uint ReadConfiguration(int offsetBytes);

    void WriteConfiguration(int offsetBytes, uint value);

    /// <summary>The registers behind a base address register; null when there are none.</summary>
    RegisterBank? GetBar(int index);

    /// <summary>The event behind an MSI-X vector; it outlives driver generations.</summary>
    KernelEvent GetInterrupt(int vector);

    /// <summary>
    /// Function-level reset: the device stops all work, forgets its queues and raises no interrupt until it is set up
    /// again. When this returns the device does no more DMA.
    /// </summary>
    void Reset();
}
