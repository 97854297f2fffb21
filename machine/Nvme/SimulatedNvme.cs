using RedLeafSharp.Devices;
using RedLeafSharp.Machine.Media;
using RedLeafSharp.Machine.Pci;
using RedLeafSharp.Scheduling;

namespace RedLeafSharp.Machine.Nvme;

/// <summary>
/// A PCI function with an NVMe 1.4 controller and one namespace behind it. Assembles configuration space, registers,
/// MSI-X and controller; the medium stays its creator's.
/// </summary>
internal sealed class SimulatedNvme : IPciFunctionBackend
{
    /// <summary>
    /// Vendor and device of no real maker (1b36 is Red Hat's range, from which QEMU's models take theirs), class 01 08
    /// 02.
    /// </summary>
    internal static readonly PciIdentity Identity = new(0x1B36, 0x0010, Revision: 1, ClassCode: 0x010802);

    private const int RegisterBar = 0;
    private const int MsixBar = 4;

    private readonly PciConfiguration configuration;
    private readonly DmaPort dma;
    private readonly MsixTable interrupts;
    private readonly NvmeRegisters registers;

    internal SimulatedNvme(SimulatedNvmeOptions options, IMedium medium, DmaWindow window, Scheduler scheduler)
        : this(options, medium, window, () => new KernelEvent(scheduler))
    {
    }

    /// <param name="options">What kind of controller.</param>
    /// <param name="medium">The namespace's bytes.</param>
    /// <param name="window">The IOMMU table of this function.</param>
    /// <param name="createEvent">Makes the event of one interrupt vector.</param>
    internal SimulatedNvme(SimulatedNvmeOptions options, IMedium medium, DmaWindow window, Func<KernelEvent> createEvent)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)options.QueuePairsMax - 1, 62u, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)options.QueueEntriesMax - 2, 4094u, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)options.TransferPagesShift, 12u, nameof(options));
        if (options.BlockBytes is not (512 or 4096) || medium.LengthBytes < options.BlockBytes)
        {
            throw new ArgumentException(
                $"{options.Name}: blocks have 512 or 4096 bytes; at least one must fit", nameof(options));
        }

        Name = options.Name;
        configuration = new PciConfiguration(Identity, options.PowerOnCommand);
        dma = new DmaPort(window);
        var events = new KernelEvent[options.QueuePairsMax + 1];
        for (int vector = 0; vector < events.Length; vector++)
        {
            events[vector] = createEvent();
        }

        interrupts = new MsixTable(configuration, events);
        Controller = new NvmeController(options, medium, dma, interrupts);
        registers = new NvmeRegisters(Controller);
        configuration.AddBar(RegisterBar, registers.LengthBytes, 0xFE00_0000);
        configuration.AddBar(MsixBar, interrupts.LengthBytes, 0xFE00_4000);
        configuration.AddMsix(events.Length, MsixBar, MsixTable.TableOffset, MsixTable.PendingOffset);
        configuration.Changed = FollowConfiguration;
        configuration.ResetRequested = Reset;
        FollowConfiguration();
    }

    internal string Name { get; }

    /// <summary>The controller behind the registers, for experiments and tests.</summary>
    internal NvmeController Controller { get; }

    public int VectorCount => interrupts.VectorCount;

    public uint ReadConfiguration(int offsetBytes) => configuration.Read(offsetBytes);

    public void WriteConfiguration(int offsetBytes, uint value) => configuration.Write(offsetBytes, value);

    public RegisterBank? GetBar(int index) => index switch
    {
        RegisterBar => registers,
        MsixBar => interrupts,
        _ => null,
    };

    /// <summary>
    /// Hands out a vector's event, and lets the vector through: what an operating system does when it allocates a vector.
    /// </summary>
    public KernelEvent GetInterrupt(int vector)
    {
        KernelEvent interrupt = interrupts[vector];
        configuration.EnableMsix();
        interrupts.Unmask(vector);
        return interrupt;
    }

    /// <inheritdoc/>
    public void Reset()
    {
        registers.Reset();
        interrupts.Reset();
        configuration.Reset();
    }

    /// <summary>
    /// The power fails and comes back: the controller is as after power-on, and what the medium's volatile cache had not
    /// made durable is lost, block by block as the seed says.
    /// </summary>
    internal void PowerCut(ulong seed)
    {
        Reset();
        Controller.Health.UnsafeShutdownCount++;
        (Controller.Medium as VolatileCache)?.PowerCut(seed);
    }

    /// <summary>Does device work that no register access does: in deferred mode all of it.</summary>
    /// <param name="budget">Most commands to fetch.</param>
    /// <returns>Whether something was done, or will be by calling again.</returns>
    internal bool Step(int budget = NvmeLimits.StepBudget)
    {
        bool hasChanged = registers.Advance();
        return Controller.Step(budget) || hasChanged;
    }

    private void FollowConfiguration()
    {
        registers.IsDecoded = configuration.HasMemorySpace;
        dma.IsEnabled = configuration.HasBusMaster;
        interrupts.Deliver();
        Controller.Resume();
    }
}
