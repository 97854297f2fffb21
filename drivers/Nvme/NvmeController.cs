using RedLeafSharp.Contracts;

namespace RedLeafSharp.Drivers.Nvme;

/// <summary>How the driver is to run its device; from the settings of the system file.</summary>
internal readonly record struct NvmeSettings(int QueueDepth, bool UsesInterrupts, long TimeoutMicros);

/// <summary>
/// Brings the controller up, resets it and shuts it down (NVMe 1.4 section 7.6). Its answers are not trusted: whatever it
/// says, every wait ends and every length has been checked.
/// </summary>
internal sealed class NvmeController
{
    private readonly PciFunction device;
    private readonly Registers registers;
    private readonly NvmeSettings settings;
    private readonly AdminQueue admin;
    private readonly int ioVector;
    private Cell<PageBuffer> identifyBuffer;
    private ulong identifyBus;
    private IoQueue? io;

    /// <param name="context">The driver.</param>
    /// <param name="device">A function whose class is that of an NVMe controller.</param>
    /// <param name="registers">Its registers.</param>
    /// <param name="settings">The settings.</param>
    internal NvmeController(CallContext context, PciFunction device, Registers registers, in NvmeSettings settings)
    {
        this.device = device;
        this.registers = registers;
        this.settings = settings;
        ioVector = Math.Min(1, device.VectorCount - 1);
        bool hasInterrupts = settings.UsesInterrupts && device.VectorCount > 0;
        IoSignal = hasInterrupts ? device.GetInterrupt(ioVector) : KernelEvent.Create(context);
        admin = new AdminQueue(context, device, registers, hasInterrupts ? device.GetInterrupt(0) : IoSignal);
        HasInterrupts = hasInterrupts;
    }

    /// <summary>Signaled when the I/O completion queue has something new; never without interrupts.</summary>
    internal KernelEvent IoSignal { get; }

    internal bool HasInterrupts { get; }

    internal IoQueue Io => io ?? throw new InvalidOperationException("the controller has not been started");

    /// <summary>Whether the controller says that it cannot go on, or is no longer there.</summary>
    internal bool HasFailed => (registers.Status & NvmeSpec.StatusFatal) != 0;

    /// <summary>Whether the device has left the bus: every read gives ones then.</summary>
    internal bool IsGone => registers.Status == NvmeSpec.AllOnes;

    /// <summary>Sets the controller up from whatever state it is in; returns what is wrong, or null.</summary>
    internal string? Start(CallContext context)
    {
        if (!TryDisable(context) || !TryEnable(context))
        {
            return "the controller does not become ready";
        }

        Identity identity = default;
        string? error = Identify(context, ref identity);
        if (error is not null)
        {
            return error;
        }

        int entryCount = Math.Min(Math.Min(settings.QueueDepth, NvmeLimits.QueueDepthMax) + 1, registers.QueueEntriesMax);
        io = new IoQueue(context, device, registers, in identity, entryCount);
        return TryCreateQueues(context, io) ? null : "the controller refuses an I/O queue pair";
    }

    /// <summary>
    /// A controller reset: what was in flight ends with an error, the queues are made anew. False when that fails; the
    /// controller is of no use then.
    /// </summary>
    internal bool TryReset(CallContext context)
    {
        bool isDisabled = !IsGone && TryDisable(context);
        Io.AbandonAll(context, isDisabled ? BlockError.Aborted : BlockError.DeviceFailed);
        return isDisabled && TryEnable(context) && TryCreateQueues(context, Io);
    }

    /// <summary>Asks the device to give up one command. Its completion tells the result; there may be none.</summary>
    internal bool TryAbort(CallContext context, int identifier)
    {
        var abort = new Command { Dword10 = ((uint)identifier << 16) | IoQueue.Number };
        return admin.TryPost(context, NvmeSpec.Abort, ref abort);
    }

    /// <summary>An orderly shutdown (section 7.6.2): the device writes its caches back. False when it does not end.</summary>
    internal bool TryShutDown(CallContext context)
    {
        registers.Configuration =
            (registers.Configuration & ~NvmeSpec.ConfigurationShutdownMask) | NvmeSpec.ConfigurationShutdownNormal;
        var wait = new BoundedWait(context, NvmeLimits.ShutdownTimeoutMicros);
        while ((registers.Status & NvmeSpec.StatusShutdownMask) != NvmeSpec.StatusShutdownComplete)
        {
            if (HasFailed || !wait.TryPause(context, IoSignal))
            {
                return false;
            }
        }

        return TryDisable(context);
    }

    private bool TryDisable(CallContext context)
    {
        registers.Configuration = 0;
        return TryAwaitReady(context, isReady: false);
    }

    private bool TryEnable(CallContext context)
    {
        admin.Attach(context);
        registers.Configuration = NvmeSpec.ConfigurationEntrySizes | NvmeSpec.ConfigurationEnable;
        return TryAwaitReady(context, isReady: true);
    }

    private bool TryAwaitReady(CallContext context, bool isReady)
    {
        var wait = new BoundedWait(context, registers.ReadyTimeoutMicros);
        while (true)
        {
            uint status = registers.Status;
            if (status == NvmeSpec.AllOnes || (isReady && (status & NvmeSpec.StatusFatal) != 0))
            {
                return false;
            }

            if ((status & NvmeSpec.StatusReady) != 0 == isReady)
            {
                return true;
            }

            if (!wait.TryPause(context, IoSignal))
            {
                return false;
            }
        }
    }

    private string? Identify(CallContext context, ref Identity identity)
    {
        PageBuffer page = device.AllocateDma(context, 1, out identifyBus);
        identifyBuffer.Put(ref page);
        string? error =
            !TryIdentify(context, NvmeSpec.IdentifyController, 0) ? "the controller does not identify itself"
            : !identity.TryTakeController(identifyBuffer.Content.Borrow(context)) ? "the queue entry sizes are not the standard ones"
            : !TryIdentify(context, NvmeSpec.IdentifyActiveNamespaces, 0) ? "the controller does not list its namespaces"
            : !identity.TryTakeNamespaceList(identifyBuffer.Content.Borrow(context)) ? "the controller has no active namespace"
            : !TryIdentify(context, NvmeSpec.IdentifyNamespace, identity.NamespaceId) ? "the namespace cannot be identified"
            : !identity.TryTakeNamespace(identifyBuffer.Content.Borrow(context)) ? "the namespace is not of 512 or 4,096 byte blocks"
            : null;
        page = identifyBuffer.Take();
        device.FreeDma(context, ref page);
        return error;
    }

    private bool TryIdentify(CallContext context, uint what, uint namespaceId)
    {
        var command = new Command { NamespaceId = namespaceId, Prp1 = identifyBus, Dword10 = what };
        return admin.TryRun(context, NvmeSpec.Identify, ref command);
    }

    private bool TryCreateQueues(CallContext context, IoQueue queue)
    {
        uint size = ((uint)(queue.EntryCount - 1) << 16) | IoQueue.Number;
        uint interrupts = HasInterrupts ? ((uint)ioVector << 16) | NvmeSpec.QueueInterrupts : 0;

        // One pair is asked for; counts are zero-based (section 5.21.1.7). The controller may grant more.
        var count = new Command { Dword10 = NvmeSpec.FeatureNumberOfQueues, Dword11 = 0 };
        var completion = new Command
        {
            Prp1 = queue.CompletionBus,
            Dword10 = size,
            Dword11 = interrupts | NvmeSpec.QueueContiguous,
        };
        var submission = new Command
        {
            Prp1 = queue.SubmissionBus,
            Dword10 = size,
            Dword11 = ((uint)IoQueue.Number << 16) | NvmeSpec.QueueContiguous,
        };
        return admin.TryRun(context, NvmeSpec.SetFeatures, ref count)
            && admin.TryRun(context, NvmeSpec.CreateCompletionQueue, ref completion)
            && admin.TryRun(context, NvmeSpec.CreateSubmissionQueue, ref submission);
    }
}
