using System.Runtime.InteropServices;
using RedLeafSharp.Machine.Media;
using RedLeafSharp.Machine.Pci;

namespace RedLeafSharp.Machine.Nvme;

/// <summary>
/// The controller behind the registers: fetches commands round robin (NVMe 1.4 section 4.13), has them carried out by
/// <see cref="AdminCommands"/> and <see cref="IoCommands"/>, and posts completions.
/// </summary>
/// <remarks>
/// One thread at a time: the one that writes a register or calls <see cref="Step"/>. A command is fetched only while its
/// completion queue has room, so a full completion queue stops its submission queues and nothing else.
/// </remarks>
internal sealed class NvmeController
{
    private readonly DmaPort dma;
    private readonly MsixTable interrupts;
    private readonly NvmeFaults? faults;
    private readonly AdminCommands admin;
    private readonly IoCommands io;
    private readonly PendingCommands pending;
    private readonly CompletionPolicy? deferral;
    private ulong vectorsToRaise;
    private bool isStarted;
    private int nextQueue;

    internal NvmeController(SimulatedNvmeOptions options, IMedium medium, DmaPort dma, MsixTable interrupts)
    {
        this.dma = dma;
        this.interrupts = interrupts;
        Options = options;
        Medium = medium;
        faults = options.Faults;
        if (faults is not null)
        {
            faults.Controller = this;
        }

        deferral = options.Deferral;
        SubmissionQueues = new SubmissionQueue?[options.QueuePairsMax + 1];
        CompletionQueues = new CompletionQueue?[options.QueuePairsMax + 1];
        Transfers = new TransferList(dma, NvmeSpec.PageBytes << options.TransferPagesShift);
        Events = new AsynchronousEvents(this);
        Health = new HealthRecord();
        Errors = new ErrorLog();
        io = new IoCommands(this);
        admin = new AdminCommands(this);
        pending = new PendingCommands(NvmeLimits.CommandsInFlightMax, options.Clock);
    }

    internal SimulatedNvmeOptions Options { get; }

    internal IMedium Medium { get; }

    internal TransferList Transfers { get; }

    internal AsynchronousEvents Events { get; }

    internal HealthRecord Health { get; }

    internal ErrorLog Errors { get; }

    internal MediaFaults MediaFaults => io.MediaFaults;

    internal SubmissionQueue?[] SubmissionQueues { get; }

    internal CompletionQueue?[] CompletionQueues { get; }

    internal int VectorCount => interrupts.VectorCount;

    /// <summary>CSTS.CFS: something happened that only a reset ends.</summary>
    internal bool IsFatal { get; private set; }

    /// <summary>Commands that were fetched and are not carried out yet.</summary>
    internal int PendingCount => pending.Count;

    /// <summary>See <see cref="PendingCommands.NextDue"/>. A controller that has stopped carries out nothing until it is started again.</summary>
    internal long NextDue => IsRunning ? pending.NextDue : long.MaxValue;

    internal bool HasEntrySizes { get; set; }

    internal bool IsWriteCacheEnabled => admin.Features.IsWriteCacheEnabled;

    private bool IsRunning => isStarted && dma.IsEnabled;

    /// <summary>Starts with the admin queues of AQA, ASQ and ACQ.</summary>
    internal void Start(ulong submissionBase, int submissionSize, ulong completionBase, int completionSize)
    {
        Stop();
        var completions = new CompletionQueue(0, completionBase, completionSize, vector: 0, hasInterrupt: true)
        {
            SubmissionQueueCount = 1,
        };
        CompletionQueues[0] = completions;
        SubmissionQueues[0] = new SubmissionQueue(0, submissionBase, submissionSize, completions, tracksCommandIds: true);
        isStarted = true;
    }

    /// <summary>
    /// Controller reset: commands in flight vanish without an answer, all queues are gone, features are as at power-on.
    /// </summary>
    internal void Stop()
    {
        isStarted = false;
        IsFatal = false;
        vectorsToRaise = 0;
        pending.Clear();
        Events.Reset();
        admin.Reset();
        Array.Clear(SubmissionQueues);
        Array.Clear(CompletionQueues);
    }

    /// <summary>No further command is fetched until the controller is started again.</summary>
    internal void Halt() => isStarted = false;

    /// <summary>Stops on an error that cannot be reported through a queue (NVMe 1.4 section 9.5).</summary>
    internal void Fail()
    {
        IsFatal = true;
        isStarted = false;
    }

    /// <summary>SQyTDBL, NVMe 1.4 section 3.1.24.</summary>
    internal void RingSubmission(int id, uint tail)
    {
        SubmissionQueue? queue = (uint)id < (uint)SubmissionQueues.Length ? SubmissionQueues[id] : null;
        if (queue is null || tail >= (uint)queue.Size)
        {
            RefuseDoorbell(queue is not null);
            return;
        }

        queue.Tail = (int)tail;
        if (deferral is null)
        {
            Drain(queue, int.MaxValue);
            EndOfWork();
        }
    }

    /// <summary>CQyHDBL, NVMe 1.4 section 3.1.25.</summary>
    internal void RingCompletion(int id, uint head)
    {
        CompletionQueue? queue = (uint)id < (uint)CompletionQueues.Length ? CompletionQueues[id] : null;
        int consumed = queue is null ? 0 : (int)head - queue.Head;
        if (queue is null || head >= (uint)queue.Size || (consumed < 0 ? consumed + queue.Size : consumed) > queue.PostedCount)
        {
            RefuseDoorbell(queue is not null);
            return;
        }

        bool wasFull = queue.IsFull;
        queue.Head = (int)head;
        if (wasFull && deferral is null)
        {
            Resume();
        }
    }

    /// <summary>Immediate mode: takes up what a full completion queue, or a missing bus-master bit, has stopped.</summary>
    internal void Resume()
    {
        if (deferral is null)
        {
            _ = RunStep(int.MaxValue);
        }
    }

    /// <summary>Carries out commands that are due, then fetches up to <paramref name="budget"/> new ones.</summary>
    /// <returns>Whether anything was done, or will be done by later steps without a new doorbell.</returns>
    internal bool Step(int budget) => (deferral is not null || pending.Count > 0) && RunStep(budget);

    /// <summary>
    /// Ends a command early with a status, if it has been fetched and is not carried out yet and its answer has room: in
    /// the admin queue that is beside the answer of the Abort itself.
    /// </summary>
    internal bool TryAbort(int queueId, ushort commandId, ushort status)
    {
        if (SubmissionQueues[queueId]!.Completions.FreeCount < (queueId == 0 ? 2 : 1)
            || !pending.TryRemove(queueId, commandId, out PendingCommand command))
        {
            return false;
        }

        command.Queue.Finish(commandId);
        Post(command.Queue, commandId, status, 0);
        return true;
    }

    /// <summary>Drops what a submission queue that is being deleted has in flight; the host takes it as aborted.</summary>
    internal void Forget(SubmissionQueue queue) => pending.RemoveAll(queue);

    /// <summary>Writes where no command says so. For experiments: what a device with a defect may do at any time.</summary>
    /// <returns>Whether the IOMMU let it.</returns>
    internal bool TryStrayWrite(ulong busAddress, byte pattern, int lengthBytes)
    {
        bool isMapped = dma.TryWrite(busAddress, lengthBytes, out Span<byte> bytes);
        bytes.Fill(pattern);
        return isMapped;
    }

    /// <summary>Raises vectors without a reason. For experiments.</summary>
    internal void RaiseSpurious(ulong vectors) => interrupts.Raise(vectors);

    /// <summary>Posts a completion, or stops the controller when the queue's memory is not reachable.</summary>
    internal void Post(SubmissionQueue queue, ushort commandId, ushort status, uint dword0, CommandFault fault = default)
    {
        if (!queue.Completions.TryPost(dma, dword0, queue, commandId, status, fault))
        {
            Fail();
            return;
        }

        vectorsToRaise |= fault.Kind == CommandFaultKind.NoInterrupt ? 0 : queue.Completions.VectorBit;
        faults?.OnAnswered(queue.Id, commandId, status);
    }

    private void RefuseDoorbell(bool exists)
    {
        if (isStarted)
        {
            Events.Raise(exists ? AsynchronousEvent.InvalidDoorbellValue : AsynchronousEvent.InvalidDoorbellRegister);
            EndOfWork();
        }
    }

    private bool RunStep(int budget)
    {
        if (!IsRunning)
        {
            return false;
        }

        bool hasWorked = pending.Advance();
        while (IsRunning && pending.TryTakeDue(out PendingCommand due))
        {
            RunAndAnswer(due.Queue, in due.Entry, due.Fault);
            hasWorked = true;
        }

        hasWorked |= FetchRoundRobin(budget);
        hasWorked |= EndOfWork();
        return hasWorked;
    }

    private int Drain(SubmissionQueue queue, int budget)
    {
        int count = 0;
        while (count < budget && !queue.IsEmpty && IsRunning && !queue.Completions.IsFull && !pending.IsFull)
        {
            Fetch(queue);
            count++;
        }

        return count;
    }

    /// <summary>One burst of each queue in turn (section 4.13.1), until the budget is spent or no queue has a command.</summary>
    private bool FetchRoundRobin(int budget)
    {
        int burst = admin.Features.ArbitrationBurst;
        int idleQueues = 0;
        bool hasWorked = false;
        while (budget > 0 && idleQueues < SubmissionQueues.Length && IsRunning)
        {
            SubmissionQueue? queue = SubmissionQueues[nextQueue];
            nextQueue = nextQueue + 1 == SubmissionQueues.Length ? 0 : nextQueue + 1;
            int count = queue is null ? 0 : Drain(queue, Math.Min(budget, burst));
            budget -= count;
            hasWorked |= count > 0;
            idleQueues = count > 0 ? 0 : idleQueues + 1;
        }

        return hasWorked;
    }

    private void Fetch(SubmissionQueue queue)
    {
        ulong address = queue.BusAddress + ((ulong)queue.Head << NvmeSpec.SubmissionEntryShift);
        if (!dma.TryRead(address, NvmeSpec.SubmissionEntryBytes, out ReadOnlySpan<byte> bytes))
        {
            Fail();
            return;
        }

        // A copy: the host may change the slot as soon as the head has moved past it.
        SubmissionEntry entry = MemoryMarshal.Read<SubmissionEntry>(bytes);
        queue.Head = queue.Head + 1 == queue.Size ? 0 : queue.Head + 1;
        long index = queue.FetchedCount++;
        if (!queue.TryStart(entry.CommandId))
        {
            Errors.Add(queue.Id, in entry, NvmeStatus.CommandIdConflict);
            Post(queue, entry.CommandId, NvmeStatus.CommandIdConflict | NvmeStatus.More, 0);
            return;
        }

        CommandFault fault = faults is null ? default : faults.OnCommand(queue.Id, index, in entry);
        int steps = (deferral?.StepsUntilDone(queue.Id, entry.CommandId) ?? 0)
            + (fault.Kind == CommandFaultKind.Late ? fault.Argument : 0);
        if (steps > 0)
        {
            pending.Add(queue, in entry, fault, steps);
            return;
        }

        RunAndAnswer(queue, in entry, fault);
    }

    private void RunAndAnswer(SubmissionQueue queue, in SubmissionEntry entry, CommandFault fault)
    {
        if (fault.Kind is CommandFaultKind.DropCommand or CommandFaultKind.Fatal)
        {
            if (fault.Kind == CommandFaultKind.Fatal)
            {
                Fail();
            }

            return;
        }

        uint dword0 = 0;
        ushort status = fault.Kind == CommandFaultKind.Status ? (ushort)fault.Argument
            : queue.Id == 0 ? admin.Execute(in entry, ref dword0)
            : io.Execute(in entry, fault);
        if (status == NvmeStatus.StaysOutstanding)
        {
            return;
        }

        if (status != NvmeStatus.Success)
        {
            Errors.Add(queue.Id, in entry, status);
            status |= NvmeStatus.More;
        }

        queue.Finish(entry.CommandId);
        if (fault.Kind != CommandFaultKind.DropCompletion && isStarted)
        {
            Answer(queue, entry.CommandId, status, dword0, fault);
        }
    }

    private void Answer(SubmissionQueue queue, ushort commandId, ushort status, uint dword0, CommandFault fault)
    {
        ushort name = fault.Kind == CommandFaultKind.WrongCommandId ? (ushort)fault.Argument : commandId;
        Post(queue, name, status, dword0, fault);
        if (fault.Kind == CommandFaultKind.Duplicate && !queue.Completions.IsFull)
        {
            Post(queue, name, status, dword0);
        }
    }

    /// <summary>Reports events, and raises one interrupt for all completions of a vector.</summary>
    private bool EndOfWork()
    {
        bool hasReported = Events.HasWaiting && IsRunning && Events.Deliver();
        if (vectorsToRaise != 0)
        {
            ulong vectors = vectorsToRaise;
            vectorsToRaise = 0;
            interrupts.Raise(faults?.OnInterrupt(vectors) ?? vectors);
        }

        return hasReported;
    }
}
