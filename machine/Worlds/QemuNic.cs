using RedLeafSharp.Machine.E1000e;
using RedLeafSharp.Memory;

namespace RedLeafSharp.Machine.Worlds;

/// <summary>QEMU's e1000e, its model of the 82574L.</summary>
internal sealed class QemuNic : QemuFunction
{
    private const int ResetReadsMax = 100;

    /// <exception cref="IOException">The machine has no such controller.</exception>
    internal QemuNic(QtestChannel channel, ExchangeHeap heap, Func<KernelEvent> createEvent)
        : base(channel, heap, createEvent, E1000eSpec.ClassEthernet, [0, 3])
    {
        Reset();
    }

    /// <summary>CTRL.RST, which clears itself.</summary>
    private protected override void ResetDevice()
    {
        Registers.Write32(E1000eSpec.InterruptMaskClear, uint.MaxValue);
        Registers.Write32(E1000eSpec.Control, E1000eSpec.ControlReset);
        for (int read = 0; read < ResetReadsMax && !IsGone; read++)
        {
            if ((Registers.Read32(E1000eSpec.Control) & E1000eSpec.ControlReset) == 0)
            {
                break;
            }
        }
    }
}
