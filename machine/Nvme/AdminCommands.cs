namespace RedLeafSharp.Machine.Nvme;

/// <summary>The admin command set: NVMe 1.4 section 5.</summary>
internal sealed class AdminCommands
{
    private const uint PhysicallyContiguous = 1;
    private const uint InterruptsEnabled = 1 << 1;

    private readonly NvmeController controller;
    private readonly IdentifyPages identify;
    private readonly LogPages logPages;

    internal AdminCommands(NvmeController controller)
    {
        this.controller = controller;
        identify = new IdentifyPages(controller);
        logPages = new LogPages(controller);
        Features = new FeatureSet(controller);
        Features.Reset();
    }

    internal FeatureSet Features { get; }

    internal void Reset() => Features.Reset();

    internal ushort Execute(in SubmissionEntry entry, ref uint dword0) =>
        entry.IsFusedOrUsesSgl ? NvmeStatus.InvalidField : (AdminOpcode)entry.Opcode switch
        {
            AdminOpcode.Identify => identify.Execute(in entry),
            AdminOpcode.GetLogPage => logPages.Get(in entry, Features),
            AdminOpcode.GetFeatures => Features.Get(in entry, ref dword0),
            AdminOpcode.SetFeatures => Features.Set(in entry, ref dword0),
            AdminOpcode.CreateCompletionQueue => CreateCompletionQueue(in entry),
            AdminOpcode.CreateSubmissionQueue => CreateSubmissionQueue(in entry),
            AdminOpcode.DeleteSubmissionQueue => DeleteSubmissionQueue(in entry),
            AdminOpcode.DeleteCompletionQueue => DeleteCompletionQueue(in entry),
            AdminOpcode.Abort => Abort(in entry, ref dword0),
            AdminOpcode.AsynchronousEventRequest => controller.Events.Request(entry.CommandId),
            _ => NvmeStatus.InvalidOpcode,
        };

    /// <summary>Section 5.3, figures 149 to 152.</summary>
    private ushort CreateCompletionQueue(in SubmissionEntry entry)
    {
        int id = (int)(entry.Dword10 & 0xFFFF);
        int vector = (int)(entry.Dword11 >> 16);
        if (id == 0 || id > Features.CompletionQueuesGranted || controller.CompletionQueues[id] is not null)
        {
            return NvmeStatus.InvalidQueueIdentifier;
        }

        ushort status = CheckNewQueue(in entry, out int size);
        if (status != NvmeStatus.Success)
        {
            return status;
        }

        if (vector >= controller.VectorCount)
        {
            return NvmeStatus.InvalidInterruptVector;
        }

        bool hasInterrupt = (entry.Dword11 & InterruptsEnabled) != 0;
        controller.CompletionQueues[id] = new CompletionQueue(id, entry.Prp1, size, vector, hasInterrupt);
        return NvmeStatus.Success;
    }

    /// <summary>Section 5.4, figure 153 and after.</summary>
    private ushort CreateSubmissionQueue(in SubmissionEntry entry)
    {
        int id = (int)(entry.Dword10 & 0xFFFF);
        int completionId = (int)(entry.Dword11 >> 16);
        if (id == 0 || id > Features.SubmissionQueuesGranted || controller.SubmissionQueues[id] is not null
            || completionId == 0 || completionId > Features.CompletionQueuesGranted)
        {
            return NvmeStatus.InvalidQueueIdentifier;
        }

        if (controller.CompletionQueues[completionId] is not { } completions)
        {
            return NvmeStatus.CompletionQueueInvalid;
        }

        ushort status = CheckNewQueue(in entry, out int size);
        if (status == NvmeStatus.Success)
        {
            completions.SubmissionQueueCount++;
            bool tracksCommandIds = controller.Options.Deferral is not null || controller.Options.Faults is not null;
            controller.SubmissionQueues[id] = new SubmissionQueue(id, entry.Prp1, size, completions, tracksCommandIds);
        }

        return status;
    }

    /// <summary>What both kinds of queue have in common: size, contiguity (CAP.CQR is 1) and alignment.</summary>
    private ushort CheckNewQueue(in SubmissionEntry entry, out int size)
    {
        size = (int)(entry.Dword10 >> 16) + 1;
        return size < 2 || size > controller.Options.QueueEntriesMax || !controller.HasEntrySizes
            ? NvmeStatus.InvalidQueueSize
            : (entry.Dword11 & PhysicallyContiguous) == 0 ? NvmeStatus.InvalidField
            : entry.Prp1 % NvmeSpec.PageBytes != 0 ? NvmeStatus.PrpOffsetInvalid
            : NvmeStatus.Success;
    }

    /// <summary>Section 5.6. Commands in flight are aborted without a completion, which the section permits.</summary>
    private ushort DeleteSubmissionQueue(in SubmissionEntry entry)
    {
        int id = (int)(entry.Dword10 & 0xFFFF);
        if (id == 0 || id >= controller.SubmissionQueues.Length || controller.SubmissionQueues[id] is not { } queue)
        {
            return NvmeStatus.InvalidQueueIdentifier;
        }

        controller.Forget(queue);
        queue.Completions.SubmissionQueueCount--;
        controller.SubmissionQueues[id] = null;
        return NvmeStatus.Success;
    }

    /// <summary>Section 5.5.</summary>
    private ushort DeleteCompletionQueue(in SubmissionEntry entry)
    {
        int id = (int)(entry.Dword10 & 0xFFFF);
        if (id == 0 || id >= controller.CompletionQueues.Length || controller.CompletionQueues[id] is not { } queue)
        {
            return NvmeStatus.InvalidQueueIdentifier;
        }

        if (queue.SubmissionQueueCount > 0)
        {
            return NvmeStatus.InvalidQueueDeletion;
        }

        controller.CompletionQueues[id] = null;
        return NvmeStatus.Success;
    }

    /// <summary>
    /// Section 5.1: bit 0 of dword 0 says that the command was not aborted (it has completed, or is not known).
    /// </summary>
    private ushort Abort(in SubmissionEntry entry, ref uint dword0)
    {
        int queueId = (int)(entry.Dword10 & 0xFFFF);
        ushort commandId = (ushort)(entry.Dword10 >> 16);
        dword0 = 1;
        if (queueId >= controller.SubmissionQueues.Length || controller.SubmissionQueues[queueId] is null)
        {
            return NvmeStatus.InvalidField;
        }

        bool isAborted = (queueId == 0 && controller.SubmissionQueues[0]!.Completions.FreeCount >= 2
                && controller.Events.TryAbort(commandId))
            || controller.TryAbort(queueId, commandId, NvmeStatus.AbortRequested);
        dword0 = isAborted ? 0u : 1u;
        return NvmeStatus.Success;
    }
}
