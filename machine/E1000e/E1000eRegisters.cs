using RedLeafSharp.Devices;
using RedLeafSharp.Machine.Links;
using Spec = RedLeafSharp.Machine.E1000e.E1000eSpec;

namespace RedLeafSharp.Machine.E1000e;

/// <summary>
/// BAR 0: the controller's registers (chapter 10 of the datasheet). Of those that the model gives no meaning, some can be written and
/// read back; the rest reads 0.
/// </summary>
internal sealed class E1000eRegisters : RegisterBank
{
    private readonly E1000eOptions options;
    private readonly InterruptCauses interrupts;
    private readonly ReceiveRing receive;
    private readonly TransmitRing transmit;
    private readonly ReceiveFilters filters;
    private readonly E1000eStatistics statistics;
    private readonly E1000eEeprom eeprom;
    private readonly Phy phy = new();
    private readonly LinkPort link;
    private readonly StoredRegisters stored = new();
    private uint control;
    private uint mdi;
    private uint softwareSemaphore;
    private bool isPhyResetAsserted = true;
    private bool wasLinkUp;

    internal E1000eRegisters(
        E1000eOptions options, LinkPort link, InterruptCauses interrupts, ReceiveRing receive, TransmitRing transmit,
        ReceiveFilters filters, E1000eStatistics statistics)
    {
        this.options = options;
        this.link = link;
        this.interrupts = interrupts;
        this.receive = receive;
        this.transmit = transmit;
        this.filters = filters;
        this.statistics = statistics;
        eeprom = new E1000eEeprom(options);
        Reset();
    }

    internal override int LengthBytes => Spec.RegisterBytes;

    /// <summary>Mirror of the memory-space bit of the function's command register: without it nothing answers.</summary>
    internal bool IsDecoded { get; set; }

    private bool IsLinkOn => (control & Spec.ControlSetLinkUp) != 0 && !phy.IsPoweredDown;

    private bool IsLinkUp => link.IsUp && IsLinkOn && (options.Faults?.LinkComesUp ?? true);

    /// <summary>The state after power-on or a reset; the statistics go, too (section 10.2.7).</summary>
    internal void Reset()
    {
        control = Spec.ControlFullDuplex | Spec.ControlSetLinkUp;
        mdi = Spec.MdiReady;
        softwareSemaphore = 0;
        isPhyResetAsserted = true;
        stored.Reset();
        interrupts.Reset();
        receive.Reset();
        transmit.Reset();
        statistics.Reset();
        phy.Reset();
        filters.Reset(eeprom.Address);
        FollowPower();
        wasLinkUp = IsLinkUp;
    }

    /// <summary>Tells the driver of a link that has come or gone; returns whether it did.</summary>
    internal bool FollowLink()
    {
        bool isUp = IsLinkUp;
        phy.IsLinkUp = isUp;
        if (isUp == wasLinkUp)
        {
            return false;
        }

        wasLinkUp = isUp;
        if (!isUp)
        {
            phy.NoteLinkLoss();
        }

        interrupts.Set(Spec.CauseLinkChange);
        return true;
    }

    internal override uint Read32(int offsetBytes)
    {
        options.Faults?.BeforeRegister(false, offsetBytes, 0);
        uint value = IsDecoded ? Read(offsetBytes) : uint.MaxValue;
        value = options.Faults?.OnRead(offsetBytes, value) ?? value;
        options.Faults?.AfterRegister(false, offsetBytes, value);
        return value;
    }

    internal override void Write32(int offsetBytes, uint value)
    {
        options.Faults?.BeforeRegister(true, offsetBytes, value);
        if (IsDecoded && options.Faults?.LosesWrite(offsetBytes, value) is not true)
        {
            Write(offsetBytes, value);
        }

        options.Faults?.AfterRegister(true, offsetBytes, value);
    }

    /// <remarks>All registers are 32 bits wide; wider accesses are not defined (section 10.1).</remarks>
    internal override ulong Read64(int offsetBytes) => Read32(offsetBytes) | ((ulong)Read32(offsetBytes + 4) << 32);

    internal override void Write64(int offsetBytes, ulong value)
    {
        Write32(offsetBytes, (uint)value);
        Write32(offsetBytes + 4, (uint)(value >> 32));
    }

    private uint Read(int offset) => offset switch
    {
        Spec.Control or Spec.ControlCopy => control,
        Spec.Status => Status(),
        Spec.EepromControl => Spec.EepromPresent | Spec.EepromAutoReadDone,
        Spec.EepromRead => eeprom.Register,
        Spec.ExtendedControl => interrupts.ExtendedControl,
        Spec.MdiControl => mdi,
        Spec.VlanEtherType => filters.EtherType,
        Spec.InterruptCauseRead => interrupts.Read(),
        Spec.InterruptCauseSet => interrupts.Causes,
        Spec.InterruptMaskSet => interrupts.Mask,
        Spec.AutoClear => interrupts.AutoClear,
        Spec.AutoMask => interrupts.AutoMask,
        Spec.VectorAllocation => interrupts.Allocation,
        Spec.ReceiveControl => receive.Control,
        Spec.ReceiveChecksum => receive.ChecksumControl,
        Spec.ReceiveFilterControl => receive.FilterControl,
        Spec.TransmitControl => transmit.Control,
        Spec.TransmitArbitration => transmit.Arbitration,
        Spec.SoftwareSemaphore => ReadSemaphore(),
        _ => ReadArray(offset),
    };

    private uint ReadArray(int offset) => offset switch
    {
        >= Spec.VectorThrottling and < Spec.VectorThrottling + (4 * Spec.VectorCount) =>
            interrupts.GetInterval((offset - Spec.VectorThrottling) / 4),
        >= Spec.ReceiveQueue and <= Spec.ReceiveQueue + Spec.Tail => receive.Ring.Read(offset - Spec.ReceiveQueue),
        >= Spec.TransmitQueue and <= Spec.TransmitQueue + Spec.Tail => transmit.Ring.Read(offset - Spec.TransmitQueue),
        >= Spec.FirstStatistic and <= Spec.LastStatistic => statistics.Read(offset),
        >= Spec.MulticastTable and < Spec.MulticastTable + (4 * Spec.TableDwords) =>
            filters.Multicast((offset - Spec.MulticastTable) / 4),
        >= Spec.ReceiveAddress and < Spec.ReceiveAddress + (8 * Spec.AddressCount) =>
            filters.Address((offset - Spec.ReceiveAddress) / 4),
        >= Spec.VlanFilterTable and < Spec.VlanFilterTable + (4 * Spec.TableDwords) =>
            filters.Vlan((offset - Spec.VlanFilterTable) / 4),
        _ => stored.Read(offset),
    };

    private void Write(int offset, uint value)
    {
        switch (offset)
        {
            case Spec.Control or Spec.ControlCopy:
                WriteControl(value);
                break;
            case Spec.Status:
                isPhyResetAsserted &= (value & Spec.StatusPhyResetAsserted) != 0;
                break;
            case Spec.EepromRead:
                eeprom.Start(value);
                break;
            case Spec.ExtendedControl:
                interrupts.ExtendedControl = value & ~Spec.ExtendedEepromReset;
                break;
            case Spec.MdiControl:
                WriteMdi(value);
                break;
            case Spec.VlanEtherType:
                filters.EtherType = value & 0xFFFF;
                break;
            case Spec.InterruptCauseRead:
                interrupts.Clear(value);
                break;
            case Spec.InterruptCauseSet:
                interrupts.Set(value);
                break;
            case Spec.InterruptMaskSet:
                interrupts.Unmask(value);
                break;
            case Spec.InterruptMaskClear:
                interrupts.MaskOff(value);
                break;
            case Spec.AutoClear:
                interrupts.AutoClear = value & Spec.VectorCauses;
                break;
            case Spec.AutoMask:
                interrupts.AutoMask = value;
                break;
            case Spec.VectorAllocation:
                interrupts.Allocation = value;
                break;
            default:
                WriteQueues(offset, value);
                break;
        }
    }

    private void WriteQueues(int offset, uint value)
    {
        switch (offset)
        {
            case Spec.ReceiveControl:
                WriteReceiveControl(value);
                break;
            case Spec.ReceiveChecksum:
                receive.ChecksumControl = value;
                break;
            case Spec.ReceiveFilterControl:
                receive.FilterControl = value;
                break;
            case Spec.TransmitControl:
                transmit.Control = value;
                Transmit();
                break;
            case Spec.TransmitArbitration:
                transmit.Arbitration = value;
                break;
            case Spec.SoftwareSemaphore:
                softwareSemaphore = value;
                break;
            case >= Spec.ReceiveQueue and <= Spec.ReceiveQueue + Spec.Tail:
                WriteRing(receive.Ring, offset - Spec.ReceiveQueue, value, (receive.Control & Spec.ReceiveEnable) != 0);
                break;
            case >= Spec.TransmitQueue and <= Spec.TransmitQueue + Spec.Tail:
                WriteRing(transmit.Ring, offset - Spec.TransmitQueue, value, (transmit.Control & Spec.TransmitEnable) != 0);
                if (offset == Spec.TransmitQueue + Spec.Tail)
                {
                    Transmit();
                }

                break;
            default:
                WriteArray(offset, value);
                break;
        }
    }

    private void WriteArray(int offset, uint value)
    {
        switch (offset)
        {
            case >= Spec.VectorThrottling and < Spec.VectorThrottling + (4 * Spec.VectorCount):
                interrupts.SetInterval((offset - Spec.VectorThrottling) / 4, value);
                break;
            case >= Spec.MulticastTable and < Spec.MulticastTable + (4 * Spec.TableDwords):
                filters.Multicast((offset - Spec.MulticastTable) / 4) = value;
                break;
            case >= Spec.ReceiveAddress and < Spec.ReceiveAddress + (8 * Spec.AddressCount):
                int dword = (offset - Spec.ReceiveAddress) / 4;
                filters.Address(dword) = (dword & 1) == 0 ? value : value & (Spec.AddressValid | 0x3FFFF);
                break;
            case >= Spec.VlanFilterTable and < Spec.VlanFilterTable + (4 * Spec.TableDwords):
                filters.Vlan((offset - Spec.VlanFilterTable) / 4) = value;
                break;
            case >= Spec.FirstStatistic and <= Spec.LastStatistic:
                break;
            default:
                stored.Write(offset, value);
                break;
        }
    }

    private void WriteRing(DescriptorRing ring, int register, uint value, bool isEnabled)
    {
        if (isEnabled && register is Spec.BaseLow or Spec.BaseHigh or Spec.Length or Spec.Head && isEnabled)
        {
            options.Diagnose($"a ring register is written while the ring is in use: {register:x}");
        }

        if (register == Spec.BaseLow && (value & 0xF) != 0)
        {
            options.Diagnose("a ring does not begin on a 16-byte boundary");
        }

        if (register == Spec.Length && ((value & ~Spec.LengthMask) != 0 || value == 0))
        {
            options.Diagnose($"a ring of {value} bytes is no multiple of 128");
        }

        if (register == Spec.Tail && isEnabled && value >= ring.Count)
        {
            options.Diagnose($"a tail of {value} lies outside a ring of {ring.Count}");
        }

        ring.Write(register, value);
    }

    private void WriteReceiveControl(uint value)
    {
        if ((value & Spec.ReceiveEnable) != 0 && (value & (Spec.ReceiveDescriptorTypeMask | Spec.ReceiveLoopbackMask)) != 0)
        {
            options.Diagnose("packet split and loopback are not modelled");
        }

        if ((value & Spec.ReceiveEnable) != 0 && receive.Ring.Count == 0)
        {
            options.Diagnose("the receiver is enabled without a ring");
        }

        receive.Control = value;
    }

    private void Transmit()
    {
        if (!options.IsDeferred)
        {
            transmit.Step();
        }
    }

    private void WriteControl(uint value)
    {
        if ((value & Spec.ControlReset) != 0)
        {
            Reset();
            control |= options.Faults is { ResetEnds: false } ? Spec.ControlReset : 0;
            return;
        }

        if ((value & Spec.ControlPhyReset) != 0)
        {
            phy.Reset();
            isPhyResetAsserted = true;
        }

        control = value & ~Spec.ControlPhyReset;
        receive.RemovesTags = transmit.InsertsTags = (value & Spec.ControlVlanMode) != 0;
        FollowPower();
    }

    /// <summary>What the driver takes down carries nothing; what a faulty link does is the link's.</summary>
    private void FollowPower() => receive.IsLinkOn = transmit.IsLinkOn = IsLinkOn;

    private uint Status() =>
        (IsLinkUp ? Spec.StatusLinkUp : 0) | Spec.StatusFullDuplex | Spec.StatusSpeed1000
        | ((control & Spec.ControlMasterDisable) == 0 ? Spec.StatusMasterEnable : 0)
        | (isPhyResetAsserted ? Spec.StatusPhyResetAsserted : 0);

    /// <summary>SWSM.SMBI is taken by reading it as 0 (section 10.2.3.14).</summary>
    private uint ReadSemaphore()
    {
        uint value = softwareSemaphore;
        softwareSemaphore |= 1;
        return value;
    }

    private void WriteMdi(uint value)
    {
        int register = (int)(value >> 16) & 0x1F;
        bool isDone = (value >> 21 & 0x1F) == Phy.Address;
        phy.IsLinkUp = IsLinkUp;
        ushort data = (ushort)value;
        if (isDone && (value & Spec.MdiRead) != 0)
        {
            isDone = phy.TryRead(register, out data);
        }
        else if (isDone && (value & Spec.MdiWrite) != 0)
        {
            isDone = phy.TryWrite(register, data);
            FollowPower();
        }

        mdi = (value & 0x2FFF_0000) | data | Spec.MdiReady | (isDone ? 0 : Spec.MdiError);
        if ((value & Spec.MdiInterrupt) != 0)
        {
            interrupts.Set(Spec.CauseMdiDone);
        }
    }
}
