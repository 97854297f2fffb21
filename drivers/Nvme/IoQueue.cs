using RedLeafSharp.Contracts;

namespace RedLeafSharp.Drivers.Nvme;

/// <summary>
/// The data path: one pair of I/O queues and a slot for each command in flight. Allocates nothing after construction and
/// touches no payload; a batch of submissions rings one doorbell, and so does a batch of completions.
/// </summary>
internal sealed class IoQueue
{
    /// <summary>The queue pair's number; 0 is the admin pair.</summary>
    internal const int Number = 1;

    private readonly SubmissionQueue submissions;
    private readonly CompletionQueue completions;
    private readonly PrpLists prpLists;
    private readonly Identity identity;
    private readonly BlockGeometry geometry;
    private readonly Slot[] slots;
    private readonly byte[] free;
    private readonly BlockCompletion[] local;
    private int freeCount;
    private int localHead;
    private int localCount;

    internal IoQueue(
        CallContext context, PciFunction device, Registers registers, in Identity identity, int entryCount)
    {
        this.identity = identity;
        EntryCount = entryCount;
        geometry = identity.ToGeometry(entryCount - 1);
        submissions = new SubmissionQueue(context, device, registers, Number, entryCount);
        completions = new CompletionQueue(context, device, registers, Number, entryCount);
        prpLists = new PrpLists(context, device, geometry.RequestsMax);
        slots = new Slot[geometry.RequestsMax];
        free = new byte[geometry.RequestsMax];
        local = new BlockCompletion[geometry.RequestsMax];
        for (int slot = 0; slot < slots.Length; slot++)
        {
            free[freeCount++] = (byte)slot;
        }
    }

    internal BlockGeometry Geometry => geometry;

    internal int EntryCount { get; }

    internal ulong SubmissionBus => submissions.BusAddress;

    internal ulong CompletionBus => completions.BusAddress;

    /// <summary>Counts up as time passes; a command remembers the tick at which it was submitted.</summary>
    internal uint Tick { get; set; }

    /// <summary>Whether no request is waiting for its completion to be delivered.</summary>
    internal bool IsIdle => freeCount == slots.Length && localCount == 0;

    internal bool HasInFlight => freeCount < slots.Length;

    /// <summary>Whether <see cref="Poll"/> would deliver something, or find the device confused.</summary>
    internal bool HasCompletion(CallContext context) => localCount > 0 || completions.HasNext(context);

    /// <summary>Submits requests until one is malformed or no slot is left; returns how many.</summary>
    internal int Submit(CallContext context, ReadOnlySpan<BlockRequest> requests, ReadOnlySpan<ulong> pages)
    {
        Span<Command> ring = submissions.Borrow(context);
        int freeBefore = freeCount;
        int taken = 0;
        while (taken < requests.Length && localCount < freeCount && geometry.Admits(in requests[taken], pages))
        {
            ref readonly BlockRequest request = ref requests[taken++];
            BlockError refusal = Refusal(in request);
            if (refusal == BlockError.None)
            {
                Issue(context, ref submissions.Next(ring), in request, pages);
            }
            else
            {
                Settle(request.Tag, refusal);
            }
        }

        if (freeCount != freeBefore)
        {
            submissions.Ring();
        }

        return taken;
    }

    /// <summary>Delivers completions; returns how many.</summary>
    /// <param name="context">The driver.</param>
    /// <param name="delivered">Room for them.</param>
    /// <param name="isConfused">The device completed a command that is not in flight: nothing it says counts any more.</param>
    internal int Poll(CallContext context, Span<BlockCompletion> delivered, out bool isConfused)
    {
        isConfused = false;
        int count = TakeLocal(delivered);
        int countBefore = count;
        Span<CompletionEntry> ring = completions.Borrow(context);
        while (count < delivered.Length && completions.TryTake(ring, out CompletionEntry entry))
        {
            int slot = entry.CommandId & 0xff;
            if (slot >= slots.Length || !slots[slot].IsInFlight || slots[slot].Identifier != entry.CommandId
                || entry.SubmissionQueueId != Number)
            {
                isConfused = true;
                return count;
            }

            delivered[count++] = new BlockCompletion
            {
                Tag = slots[slot].Tag,
                Error = entry.Status <= 1 ? BlockError.None : CommandStatus.ToBlockError(entry.Status),
            };
            Release(slot);
        }

        if (count != countBefore)
        {
            completions.Ring();
        }

        return count;
    }

    /// <summary>The identifier of a command that was submitted at least <paramref name="ticks"/> ago; -1 when none was.</summary>
    internal int FindOlderThan(uint ticks)
    {
        foreach (ref Slot slot in slots.AsSpan())
        {
            if (slot.IsInFlight && Tick - slot.Tick >= ticks)
            {
                return slot.Identifier;
            }
        }

        return -1;
    }

    /// <summary>
    /// Ends everything in flight with an error, to be delivered by the next polls, and empties the rings. The device is
    /// disabled: it can complete nothing any more.
    /// </summary>
    internal void AbandonAll(CallContext context, BlockError error)
    {
        for (int slot = 0; slot < slots.Length; slot++)
        {
            if (slots[slot].IsInFlight)
            {
                Release(slot);
                Settle(slots[slot].Tag, error);
            }
        }

        submissions.Reset();
        completions.Reset(context);
    }

    private BlockError Refusal(in BlockRequest request) => request.Operation switch
    {
        BlockOperation.WriteZeroes when !identity.HasWriteZeroes => BlockError.NotSupported,
        BlockOperation.Discard when !identity.HasDatasetManagement => BlockError.NotSupported,
        _ => geometry.Contains(in request) ? BlockError.None : BlockError.OutOfRange,
    };

    private void Issue(CallContext context, ref Command command, in BlockRequest request, ReadOnlySpan<ulong> pages)
    {
        int index = free[--freeCount];
        ref Slot slot = ref slots[index];
        slot.Tag = request.Tag;
        slot.Tick = Tick;
        slot.IsInFlight = true;

        // Each use of a slot has its own identifier, so that a completion of an earlier use is found out.
        slot.Identifier = (ushort)(((slot.Identifier & 0xff00) + 0x100) | index);
        command = default;
        command.NamespaceId = identity.NamespaceId;
        switch (request.Operation)
        {
            case BlockOperation.Read:
            case BlockOperation.Write:
                byte opcode = request.Operation == BlockOperation.Read ? NvmeSpec.Read : NvmeSpec.Write;
                command.Dword0 = Command.FirstDword(opcode, slot.Identifier);
                SetBlocks(ref command, in request);
                prpLists.Describe(context, ref command, index, pages.Slice(request.FirstPage, request.PageCount));
                break;
            case BlockOperation.WriteZeroes:
                command.Dword0 = Command.FirstDword(NvmeSpec.WriteZeroes, slot.Identifier);
                SetBlocks(ref command, in request);
                break;
            case BlockOperation.Discard:
                command.Dword0 = Command.FirstDword(NvmeSpec.DatasetManagement, slot.Identifier);
                command.Dword11 = NvmeSpec.Deallocate;
                prpLists.DescribeRange(context, ref command, index, in request);
                break;
            default:
                command.Dword0 = Command.FirstDword(NvmeSpec.Flush, slot.Identifier);
                break;
        }
    }

    private static void SetBlocks(ref Command command, in BlockRequest request)
    {
        command.Dword10 = (uint)request.FirstBlock;
        command.Dword11 = (uint)(request.FirstBlock >> 32);
        command.Dword12 = request.BlockCount - 1;
        bool isDurable = (request.Flags & BlockFlags.ForceUnitAccess) != 0 && request.Operation != BlockOperation.Read;
        command.Dword12 |= isDurable ? NvmeSpec.ForceUnitAccess : 0;
    }

    private void Release(int slot)
    {
        slots[slot].IsInFlight = false;
        free[freeCount++] = (byte)slot;
    }

    /// <summary>Ends a request without the device. Never overflows: it counts against the slots, see Submit.</summary>
    private void Settle(ulong tag, BlockError error)
    {
        local[(localHead + localCount) % local.Length] = new BlockCompletion { Tag = tag, Error = error };
        localCount++;
    }

    private int TakeLocal(Span<BlockCompletion> delivered)
    {
        int count = 0;
        while (localCount > 0 && count < delivered.Length)
        {
            delivered[count++] = local[localHead];
            localHead = (localHead + 1) % local.Length;
            localCount--;
        }

        return count;
    }

    private struct Slot
    {
        internal ulong Tag;
        internal uint Tick;
        internal ushort Identifier;
        internal bool IsInFlight;
    }
}
