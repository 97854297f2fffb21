using RedLeafSharp.Devices;
using RedLeafSharp.Machine.Links;
using RedLeafSharp.Machine.Pci;
using RedLeafSharp.Scheduling;
using Spec = RedLeafSharp.Machine.E1000e.E1000eSpec;

namespace RedLeafSharp.Machine.E1000e;

/// <summary>
/// A PCI function with an 82574L behind it. Assembles configuration space, registers, MSI-X, rings and filters; the link stays
/// its creator's.
/// </summary>
internal sealed class SimulatedE1000e : IPciFunctionBackend
{
    internal static readonly PciIdentity Identity = new(Spec.VendorId, Spec.DeviceId, Revision: 0, Spec.ClassEthernet);

    private const int RegisterBar = 0;
    private const int MsixBar = 3;

    private readonly PciConfiguration configuration;
    private readonly DmaPort dma;
    private readonly MsixTable vectors;
    private readonly InterruptCauses interrupts;
    private readonly ReceiveRing receive;
    private readonly TransmitRing transmit;
    private readonly E1000eRegisters registers;
    private readonly LinkPort link;

    /// <param name="options">What kind of controller.</param>
    /// <param name="link">The wire.</param>
    /// <param name="window">The IOMMU table of this function.</param>
    /// <param name="scheduler">Whose events interrupts are, and whose time it is.</param>
    internal SimulatedE1000e(E1000eOptions options, LinkPort link, DmaWindow window, Scheduler scheduler)
    {
        Name = options.Name;
        this.link = link;
        configuration = new PciConfiguration(Identity, options.PowerOnCommand);
        dma = new DmaPort(window);
        var events = new KernelEvent[Spec.VectorCount];
        for (int vector = 0; vector < events.Length; vector++)
        {
            events[vector] = new KernelEvent(scheduler);
        }

        vectors = new MsixTable(configuration, events);
        var statistics = new E1000eStatistics();
        var filters = new ReceiveFilters();
        interrupts = new InterruptCauses(vectors, configuration, statistics, () => scheduler.UptimeMicros, options.Faults);
        receive = new ReceiveRing(dma, interrupts, filters, statistics, options);
        transmit = new TransmitRing(dma, link, interrupts, filters, statistics, options);
        registers = new E1000eRegisters(options, link, interrupts, receive, transmit, filters, statistics);
        configuration.AddBar32(RegisterBar, registers.LengthBytes, 0xFEB0_0000);
        configuration.AddBar32(MsixBar, vectors.LengthBytes, 0xFEB2_0000);
        configuration.AddMsix(events.Length, MsixBar, MsixTable.TableOffset, MsixTable.PendingOffset);
        configuration.Changed = FollowConfiguration;
        configuration.ResetRequested = Reset;
        if (options.Faults is { } faults)
        {
            faults.Controller = this;
        }

        FollowConfiguration();
    }

    internal string Name { get; }

    /// <summary>For experiments: whether the device has left the bus. It answers nothing and does nothing then.</summary>
    internal bool IsHalted { get; private set; }

    /// <summary>For experiments: leaves the bus for good.</summary>
    internal void Halt() => IsHalted = true;

    /// <summary>For experiments: an interrupt without a cause.</summary>
    internal void RaiseSpurious(int vector) => vectors.Raise(1UL << vector);

    /// <summary>For experiments: writes where nobody told the device to.</summary>
    /// <returns>False when the IOMMU refuses; the fault has been reported.</returns>
    internal bool TryStrayWrite(ulong busAddress, byte pattern, int lengthBytes)
    {
        bool isMapped = dma.TryWrite(busAddress, lengthBytes, out Span<byte> bytes);
        bytes.Fill(pattern);
        return isMapped;
    }

    /// <summary>The buffer that the next frame would go to; 0 when there is none.</summary>
    internal ulong NextReceiveBuffer => receive.NextBuffer;

    public int VectorCount => vectors.VectorCount;

    public uint ReadConfiguration(int offsetBytes) => configuration.Read(offsetBytes);

    public void WriteConfiguration(int offsetBytes, uint value) => configuration.Write(offsetBytes, value);

    public RegisterBank? GetBar(int index) => index switch
    {
        RegisterBar => registers,
        MsixBar => vectors,
        _ => null,
    };

    /// <inheritdoc cref="Nvme.SimulatedNvme.GetInterrupt"/>
    public KernelEvent GetInterrupt(int vector)
    {
        KernelEvent interrupt = vectors[vector];
        configuration.EnableMsix();
        vectors.Unmask(vector);
        return interrupt;
    }

    /// <inheritdoc/>
    public void Reset()
    {
        registers.Reset();
        vectors.Reset();
        configuration.Reset();
    }

    /// <summary>Receives what has arrived, sends what is deferred, follows the link, and lets throttled interrupts go.</summary>
    /// <returns>Whether something was done, or will be by calling again.</returns>
    internal bool Step()
    {
        if (IsHalted)
        {
            return false;
        }

        bool hasWorked = registers.FollowLink();
        hasWorked |= transmit.Step();
        hasWorked |= receive.Step(link);
        hasWorked |= interrupts.Step();
        return hasWorked || interrupts.HasPostponed || link.HasInFlight;
    }

    private void FollowConfiguration()
    {
        registers.IsDecoded = configuration.HasMemorySpace;
        dma.IsEnabled = configuration.HasBusMaster;
        vectors.Deliver();
    }
}
