using Spec = RedLeafSharp.Machine.E1000e.E1000eSpec;

namespace RedLeafSharp.Machine.E1000e;

/// <summary>
/// Registers that only hold what is written (chapter 10): thresholds, delays, flow control, LEDs, wake-up, and what software and firmware
/// agree on. The model gives them no meaning.
/// </summary>
internal sealed class StoredRegisters
{
    private static readonly (int Offset, uint ResetValue)[] All =
    [
        (0x0028, 0), // FCAL
        (0x002C, 0), // FCAH
        (0x0030, 0), // FCT
        (Spec.InterruptThrottling, 0),
        (0x0170, 0), // FCTTV
        (Spec.TransmitGap, 0x0060_2008),
        (0x0458, 0), // AIT
        (0x0E00, 0), // LEDCTL
        (0x0F00, 0), // EXTCNF_CTRL; software takes the transceiver by setting bit 5, and looks whether it has
        (Spec.PacketBufferAllocation, 0x0014_0014),
        (0x2160, 0), // FCRTL
        (0x2168, 0), // FCRTH
        (0x2820, 0), // RDTR
        (Spec.ReceiveDescriptorControl, 0x0001_0000),
        (0x282C, 0), // RADV
        (0x2C00, 0), // RSRPD
        (0x2C08, 0), // RAID
        (0x3820, 0), // TIDV
        (Spec.TransmitDescriptorControl, 0),
        (0x382C, 0), // TADV
        (0x5800, 0), // WUC
        (0x5808, 0), // WUFC
        (0x5818, 0), // MRQC
        (0x5820, 0), // MANC
        (0x5838, 0), // IPAV
        (0x5B00, 0), // GCR
        (Spec.PendingClear, 0),
    ];

    private readonly Dictionary<int, uint> values = [];

    internal StoredRegisters() => Reset();

    /// <summary>0 of a register that is none of them.</summary>
    internal uint Read(int offset) => values.GetValueOrDefault(offset);

    /// <summary>Goes nowhere when the register is none of them.</summary>
    internal void Write(int offset, uint value)
    {
        if (values.ContainsKey(offset))
        {
            values[offset] = value;
        }
    }

    internal void Reset()
    {
        foreach ((int offset, uint value) in All)
        {
            values[offset] = value;
        }
    }
}
