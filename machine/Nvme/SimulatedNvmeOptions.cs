using RedLeafSharp.Machine.Pci;

namespace RedLeafSharp.Machine.Nvme;

/// <summary>What kind of controller to build. The defaults are what a system file gets that says nothing.</summary>
internal sealed record SimulatedNvmeOptions
{
    /// <summary>Names the function in faults and logs.</summary>
    internal string Name { get; init; } = "nvme0";

    /// <summary>Bytes in a logical block: 512 or 4,096.</summary>
    internal int BlockBytes { get; init; } = 512;

    /// <summary>
    /// Null: a command is carried out in the doorbell write that submits it. Else the policy says how many steps later.
    /// </summary>
    internal CompletionPolicy? Deferral { get; init; }

    /// <summary>Null: delays are counted in steps. Else it tells the time, and they are in its units.</summary>
    internal Func<long>? Clock { get; init; }

    /// <summary>I/O queue pairs; 1 to 63. One for each executor is what a system here uses.</summary>
    internal int QueuePairsMax { get; init; } = 16;

    /// <summary>
    /// Entries in a queue; 2 to 4,096: a submission queue of 4,096 is 64 pages, the largest page block there is.
    /// </summary>
    internal int QueueEntriesMax { get; init; } = 4096;

    /// <summary>
    /// Power of two of pages in one command (MDTS). 8 is 1 MiB: large enough that a command's fixed cost vanishes, and its
    /// PRP list still fits one page unless the driver starts it elsewhere.
    /// </summary>
    internal int TransferPagesShift { get; init; } = 8;

    /// <summary>
    /// The command register after power-on and reset. The default is what firmware that booted from the disk leaves behind:
    /// registers answer and DMA is allowed (through the IOMMU). 0 is a function that nobody has touched.
    /// </summary>
    internal uint PowerOnCommand { get; init; } = PciSpec.CommandMemorySpace | PciSpec.CommandBusMaster;

    /// <summary>What goes wrong, if anything.</summary>
    internal NvmeFaults? Faults { get; init; }

    internal string SerialNumber { get; init; } = "RL0001";
}
