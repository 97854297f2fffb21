using RedLeafSharp.Machine.Nvme;
using RedLeafSharp.Tests.BlockDevices;

namespace RedLeafSharp.Tests.Drivers;

/// <summary>The driver on a controller that works in the doorbell write, interrupt-driven.</summary>
public class NvmeDriverTests : BlockDeviceContractTests
{
    internal override BlockDeviceRig CreateRig() => new NvmeRig().Started().Client();
}

/// <summary>The driver on a controller with 4,096-byte blocks that completes later and out of order.</summary>
public class NvmeDriverOutOfOrderTests : BlockDeviceContractTests
{
    internal override BlockDeviceRig CreateRig() =>
        new NvmeRig(new SimulatedNvmeOptions { BlockBytes = 4096, Deferral = new SeededDelay(1, 9) }).Started().Client();
}

/// <summary>The driver without interrupts, with a short queue, on a controller with small transfers.</summary>
public class NvmeDriverPolledTests : BlockDeviceContractTests
{
    internal override BlockDeviceRig CreateRig()
    {
        var options = new SimulatedNvmeOptions { TransferPagesShift = 5, QueueEntriesMax = 16, Deferral = new FixedDelay(3) };
        var rig = new NvmeRig(options);
        rig.Settings["completion"] = "polled";
        rig.Settings["queueDepth"] = 64;
        return rig.Started().Client();
    }
}
