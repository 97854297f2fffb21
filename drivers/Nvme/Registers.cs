namespace RedLeafSharp.Drivers.Nvme;

/// <summary>The controller's registers in BAR 0 (NVMe 1.4 section 3.1).</summary>
internal sealed class Registers
{
    private readonly MmioRegion region;
    private readonly ulong capabilities;

    internal Registers(MmioRegion region)
    {
        this.region = region;
        capabilities = region.Read64(NvmeSpec.Capabilities);
    }

    /// <summary>Whether the capabilities are those of a controller this driver can run: its queues, pages, commands.</summary>
    internal bool AreUsable =>
        capabilities != ulong.MaxValue
        && QueueEntriesMax >= 2
        && (capabilities >> 37 & 1) == 1
        && (capabilities >> 48 & 0xf) == 0
        && CompletionDoorbell(1) + sizeof(uint) <= region.LengthBytes;

    /// <summary>CAP.MQES: most entries in an I/O queue.</summary>
    internal int QueueEntriesMax => (int)(capabilities & 0xffff) + 1;

    /// <summary>CAP.TO: longest time that enabling and disabling take, at least 500 ms.</summary>
    internal long ReadyTimeoutMicros => Math.Max(1, (long)(capabilities >> 24 & 0xff)) * 500_000;

    internal uint Status => region.Read32(NvmeSpec.Status);

    internal uint Configuration
    {
        get => region.Read32(NvmeSpec.Configuration);
        set => region.Write32(NvmeSpec.Configuration, value);
    }

    internal void SetAdminQueues(int entries, ulong submissionBus, ulong completionBus)
    {
        region.Write32(NvmeSpec.AdminQueueAttributes, (uint)(entries - 1) | ((uint)(entries - 1) << 16));
        region.Write64(NvmeSpec.AdminSubmissionQueueBase, submissionBus);
        region.Write64(NvmeSpec.AdminCompletionQueueBase, completionBus);
    }

    /// <summary>Offset of a submission queue's tail doorbell (section 3.1.23).</summary>
    internal int SubmissionDoorbell(int queue) => NvmeSpec.FirstDoorbell + (2 * queue * DoorbellStrideBytes);

    /// <summary>Offset of a completion queue's head doorbell (section 3.1.24).</summary>
    internal int CompletionDoorbell(int queue) => SubmissionDoorbell(queue) + DoorbellStrideBytes;

    /// <summary>Tells the device. Every store to memory before this one is visible to it first.</summary>
    internal void Ring(int doorbell, int value) => region.Write32(doorbell, (uint)value);

    private int DoorbellStrideBytes => 4 << (int)(capabilities >> 32 & 0xf);
}
