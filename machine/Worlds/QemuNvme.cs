using RedLeafSharp.Machine.Nvme;
using RedLeafSharp.Memory;

namespace RedLeafSharp.Machine.Worlds;

/// <summary>QEMU's NVMe controller.</summary>
internal sealed class QemuNvme : QemuFunction
{
    private const uint ClassNvme = 0x010802;

    /// <summary>CSTS.RDY is cleared by the register write itself; more reads than this mean that QEMU has gone.</summary>
    private const int DisableReadsMax = 100;

    /// <exception cref="IOException">The machine has no NVMe controller as expected.</exception>
    internal QemuNvme(QtestChannel channel, ExchangeHeap heap, Func<KernelEvent> createEvent)
        : base(channel, heap, createEvent, ClassNvme, [0])
    {
        Reset();
    }

    /// <summary>CC.EN to 0.</summary>
    private protected override void ResetDevice()
    {
        Registers.Write32(NvmeSpec.ControllerConfiguration, 0);
        for (int read = 0; read < DisableReadsMax && !IsGone; read++)
        {
            if ((Registers.Read32(NvmeSpec.ControllerStatus) & NvmeSpec.StatusReady) == 0)
            {
                break;
            }
        }
    }
}
