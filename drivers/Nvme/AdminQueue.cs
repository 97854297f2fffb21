namespace RedLeafSharp.Drivers.Nvme;

/// <summary>The admin queue pair: one command at a time, waited for, and aborts that nobody waits for.</summary>
internal sealed class AdminQueue
{
    private readonly Registers registers;
    private readonly SubmissionQueue submissions;
    private readonly CompletionQueue completions;
    private readonly KernelEvent signal;
    private int inFlight;
    private ushort lastIdentifier;

    internal AdminQueue(CallContext context, PciFunction device, Registers registers, KernelEvent signal)
    {
        this.registers = registers;
        this.signal = signal;
        submissions = new SubmissionQueue(context, device, registers, queue: 0, NvmeLimits.AdminEntries);
        completions = new CompletionQueue(context, device, registers, queue: 0, NvmeLimits.AdminEntries);
    }

    /// <summary>Tells a disabled controller where the queues are.</summary>
    internal void Attach(CallContext context)
    {
        submissions.Reset();
        completions.Reset(context);
        inFlight = 0;
        registers.SetAdminQueues(NvmeLimits.AdminEntries, submissions.BusAddress, completions.BusAddress);
    }

    /// <summary>Runs a command to its end. False when the controller does not answer or answers with an error.</summary>
    internal bool TryRun(CallContext context, byte opcode, ref Command command)
    {
        if (!TryPost(context, opcode, ref command))
        {
            return false;
        }

        ushort identifier = lastIdentifier;
        var wait = new BoundedWait(context, NvmeLimits.AdminTimeoutMicros);
        while (true)
        {
            if (Reap(context, identifier) is ushort status)
            {
                return CommandStatus.CodeOf(status) == 0;
            }

            bool isAlive = (registers.Status & NvmeSpec.StatusFatal) == 0;
            if (!isAlive || !wait.TryPause(context, signal))
            {
                return false;
            }
        }
    }

    /// <summary>Submits a command without waiting; its completion is thrown away later. False when too many are out.</summary>
    internal bool TryPost(CallContext context, byte opcode, ref Command command)
    {
        _ = Reap(context, identifier: 0);
        if (inFlight == NvmeLimits.AdminEntries - 1)
        {
            return false;
        }

        // 0 is never used, so that Reap can be asked for no command.
        lastIdentifier = (ushort)((lastIdentifier % 0x7fff) + 1);
        inFlight++;
        command.Dword0 = Command.FirstDword(opcode, lastIdentifier);
        submissions.Next(submissions.Borrow(context)) = command;
        submissions.Ring();
        return true;
    }

    /// <summary>Takes all completions; returns the status of the command asked for when it is among them.</summary>
    private ushort? Reap(CallContext context, ushort identifier)
    {
        ushort? status = null;
        bool hasTaken = false;
        while (completions.TryTake(completions.Borrow(context), out CompletionEntry entry))
        {
            hasTaken = true;
            inFlight = Math.Max(inFlight - 1, 0);
            if (entry.CommandId == identifier && entry.SubmissionQueueId == 0)
            {
                status = entry.Status;
            }
        }

        if (hasTaken)
        {
            completions.Ring();
        }

        return status;
    }
}
