using RedLeafSharp.Contracts;

namespace RedLeafSharp.Drivers.E1000e;

/// <summary>How the driver is to run its device; from the settings of the system file.</summary>
internal readonly record struct E1000eSettings(
    int ReceiveEntries, int TransmitEntries, int MtuBytes, bool UsesInterrupts, int InterruptMicros);

/// <summary>
/// Brings the controller up, resets it, sets its filters and reads its counters (chapter 4.6 of the datasheet). Its answers are not
/// trusted: whatever it says, every wait ends.
/// </summary>
internal sealed class E1000eController
{
    private const int AddressWords = 3;

    private readonly PciFunction device;
    private readonly Registers registers;
    private readonly E1000eSettings settings;
    private readonly KernelEvent pause;
    private readonly ReceiveFilterState filter = new();
    private ulong address;

    internal E1000eController(CallContext context, PciFunction device, Registers registers, in E1000eSettings settings)
    {
        this.device = device;
        this.registers = registers;
        this.settings = settings;
        HasInterrupts = settings.UsesInterrupts && device.VectorCount > 0;
        pause = KernelEvent.Create(context);
        Receive = new ReceiveRing(context, device, registers, settings.ReceiveEntries);
        Transmit = new TransmitRing(context, device, registers, settings.TransmitEntries);
    }

    internal ReceiveRing Receive { get; }

    internal TransmitRing Transmit { get; }

    internal bool HasInterrupts { get; }

    internal bool IsGone => registers.IsGone;

    internal NetDeviceInfo Info => new()
    {
        Address = new MacAddress(address),
        MtuBytes = settings.MtuBytes,
        ReceiveBufferBytes = E1000eLimits.ReceiveBufferBytes,
        ReceiveBuffersMax = Receive.Capacity,
        EntriesMax = Transmit.Capacity,
        PiecesMax = E1000eLimits.PiecesMax,
        SegmentationBytesMax = E1000eLimits.SegmentationBytesMax,
        HeaderBytesMax = E1000eLimits.HeaderBytesMax,
        MulticastMax = E1000eLimits.MulticastMax,
        Offloads = TransmitOffloads.Headers | TransmitOffloads.IPv6 | TransmitOffloads.Vlan,
        ReceiveOffloads = ReceiveFlags.IPv4ChecksumGood | ReceiveFlags.TransportChecksumGood | ReceiveFlags.ChecksumBad
            | ReceiveFlags.VlanRemoved,
        HasInterrupts = HasInterrupts,
    };

    internal NetLink Link
    {
        get
        {
            uint status = registers[E1000eSpec.Status];
            bool isUp = status != E1000eSpec.AllOnes && (status & E1000eSpec.StatusLinkUp) != 0;
            return new NetLink
            {
                IsUp = isUp,
                IsFullDuplex = isUp && (status & E1000eSpec.StatusFullDuplex) != 0,
                MegabitsPerSecond = !isUp ? 0 : (status >> E1000eSpec.StatusSpeedShift & 3) switch { 0 => 10, 1 => 100, _ => 1000 },
            };
        }
    }

    /// <summary>Sets the controller up from whatever state it is in; returns what is wrong, or null.</summary>
    internal string? Start(CallContext context)
    {
        if (!TryResetDevice(context))
        {
            return "the controller does not come out of its reset";
        }

        if (!TryReadAddress())
        {
            return "the controller has no station address, or its configuration memory is damaged";
        }

        Program(context, isRecalled: false);
        return null;
    }

    /// <summary>
    /// A reset while it runs: filters are set again, frames in flight count as done, buffers are the device's again, or come
    /// back unfilled. False when that fails; the controller is of no use then.
    /// </summary>
    internal bool TryRestart(CallContext context, bool isRecalled)
    {
        if (registers.IsGone || !TryResetDevice(context))
        {
            return false;
        }

        Program(context, isRecalled);
        return true;
    }

    /// <summary>Leaves the device quiet: it receives nothing, sends nothing and interrupts nobody.</summary>
    internal bool TryShutDown(CallContext context) => TryResetDevice(context);

    internal void SetFilter(ReceiveFilter wanted, ReadOnlySpan<MacAddress> groups)
    {
        filter.Set(wanted, groups);
        filter.Apply(registers, address);
        registers[E1000eSpec.ReceiveControl] = ReceiveControl;
    }

    internal void SetVlans(ReadOnlySpan<ushort> identifiers)
    {
        filter.SetVlans(identifiers);
        filter.Apply(registers, address);
        registers[E1000eSpec.ReceiveControl] = ReceiveControl;
    }

    internal void RouteSignal(KernelEvent? signal)
    {
        if (HasInterrupts)
        {
            device.RouteInterrupt(0, signal);
        }
    }

    /// <summary>
    /// Lets the next cause through, once: its message masks it again (EIAC, section 10.2.4.7). Returns whether the link may have
    /// changed.
    /// </summary>
    internal bool ArmInterrupt()
    {
        uint causes = registers[E1000eSpec.InterruptCause];
        registers[E1000eSpec.InterruptCause] = causes;
        registers[E1000eSpec.InterruptMaskSet] = E1000eSpec.CauseReceiveQueue | E1000eSpec.CauseTransmitQueue
            | E1000eSpec.CauseOther | E1000eSpec.CauseLinkChange;
        return (causes & E1000eSpec.CauseLinkChange) != 0;
    }

    /// <summary>Frames that came and found no room in the device since the last call.</summary>
    internal uint TakeMissed() => TakeCount(E1000eSpec.MissedPackets);

    /// <summary>Times since the last call that a frame came and there was no descriptor for it.</summary>
    internal uint TakeStarved() => TakeCount(E1000eSpec.NoBuffers);

    /// <summary>Adds what the device has dropped since the last call; its counters are cleared by reading them.</summary>
    internal void AddErrors(ref NetStatistics statistics)
    {
        statistics.MissedFrames += TakeMissed();
        ReadOnlySpan<int> errors =
        [
            E1000eSpec.ChecksumErrors, E1000eSpec.ReceiveErrorCount, E1000eSpec.LengthErrors, E1000eSpec.Undersize,
            E1000eSpec.Fragments, E1000eSpec.Oversize, E1000eSpec.Jabber,
        ];
        foreach (int register in errors)
        {
            statistics.ReceiveErrors += registers[register];
        }
    }

    /// <summary>A counter, which reading clears; 0 if it does not answer.</summary>
    private uint TakeCount(int register) => registers[register] is var count && count != E1000eSpec.AllOnes ? count : 0;

    private uint ReceiveControl => E1000eSpec.ReceiveEnable | E1000eSpec.ReceiveStripChecksum | filter.Control
        | (settings.MtuBytes > 1500 ? E1000eSpec.ReceiveLongPackets : 0);

    /// <summary>CTRL.RST, which ends by itself; interrupts stay masked (section 4.6.2).</summary>
    private bool TryResetDevice(CallContext context)
    {
        registers[E1000eSpec.InterruptMaskClear] = E1000eSpec.AllOnes;
        registers[E1000eSpec.ReceiveControl] = 0;
        registers[E1000eSpec.TransmitControl] = 0;
        registers[E1000eSpec.Control] = E1000eSpec.ControlReset;
        long deadline = context.UptimeMicros + E1000eLimits.ResetTimeoutMicros;
        while (true)
        {
            uint control = registers[E1000eSpec.Control];
            if (control == E1000eSpec.AllOnes)
            {
                return false;
            }

            if ((control & E1000eSpec.ControlReset) == 0)
            {
                break;
            }

            if (context.UptimeMicros >= deadline || pause.Wait(context, E1000eLimits.PauseMicros) == WaitResult.Deadlock)
            {
                return false;
            }
        }

        registers[E1000eSpec.InterruptMaskClear] = E1000eSpec.AllOnes;
        _ = registers[E1000eSpec.InterruptCause];
        return true;
    }

    /// <summary>
    /// The first three words of the configuration memory (section 6.1.1), if the sum of all of its words is right (section 6.1.2.7): with a
    /// wrong address nobody would be heard any more.
    /// </summary>
    private bool TryReadAddress()
    {
        ulong value = 0;
        ushort sum = 0;
        for (int word = 0; word < E1000eSpec.EepromWords; word++)
        {
            if (!registers.TryReadEeprom(word, out ushort pair))
            {
                return false;
            }

            sum += pair;
            value = word < AddressWords ? (value << 16) | (ushort)((pair << 8) | (pair >> 8)) : value;
        }

        address = value;
        return sum == E1000eSpec.EepromSum && value != 0 && !new MacAddress(value).IsMulticast;
    }

    private void Program(CallContext context, bool isRecalled)
    {
        registers[E1000eSpec.Control] =
            E1000eSpec.ControlFullDuplex | E1000eSpec.ControlAutoSpeed | E1000eSpec.ControlLinkUp | E1000eSpec.ControlVlanMode;
        registers[E1000eSpec.VectorAllocation] = E1000eSpec.AllToVector0;
        registers[E1000eSpec.InterruptAutoClear] =
            E1000eSpec.CauseReceiveQueue | E1000eSpec.CauseTransmitQueue | E1000eSpec.CauseOther;

        // EITR counts in units of 256 ns.
        registers[E1000eSpec.VectorThrottling] = (uint)settings.InterruptMicros * 1000 / 256;
        registers[E1000eSpec.ReceiveChecksum] = E1000eSpec.ChecksumIp | E1000eSpec.ChecksumTransport;
        registers[E1000eSpec.ReceiveFilter] = E1000eSpec.FilterExtendedStatus;
        if (isRecalled)
        {
            Receive.Recall();
        }
        else
        {
            Receive.Restart(context);
        }

        Transmit.Restart();
        filter.Apply(registers, address);
        registers[E1000eSpec.ReceiveControl] = ReceiveControl;
        registers[E1000eSpec.TransmitDescriptorControl] = E1000eSpec.TransmitWriteBackEach;
        registers[E1000eSpec.TransmitGap] = E1000eSpec.TransmitGapCopper;
        registers[E1000eSpec.TransmitControl] = E1000eSpec.TransmitNormal;
    }
}
