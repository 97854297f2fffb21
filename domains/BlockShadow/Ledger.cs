using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.BlockShadow;

/// <summary>
/// What is in flight: every accepted request with its pages, until its completion has been delivered. Allocates nothing
/// after construction.
/// </summary>
/// <remarks>
/// Invariant: of two unsettled requests that conflict, the later one is held. So whatever the driver has can be carried out
/// in any order and more than once with the same outcome: that is what makes a replay harmless.
/// </remarks>
internal sealed class Ledger
{
    private readonly LedgerEntry[] entries;
    private readonly ulong[] pages;
    private readonly int pagesPerSlot;
    private readonly OverlapIndex overlaps;
    private readonly DeviceLoans loans;
    private readonly BlockRequest[] batch;
    private SlotQueue free;
    private SlotQueue ready;
    private SlotQueue settled;
    private short first = -1;
    private short last = -1;
    private int heldCount;
    private ulong handOvers;
    private uint tick;

    internal Ledger(in BlockGeometry geometry, DeviceLoans loans)
    {
        this.loans = loans;
        pagesPerSlot = (geometry.TransferBytesMax / PageBuffer.PageBytes) + 1;
        entries = new LedgerEntry[geometry.RequestsMax];
        pages = new ulong[geometry.RequestsMax * pagesPerSlot];
        batch = new BlockRequest[geometry.RequestsMax];
        overlaps = new OverlapIndex(geometry.BlockBytes);
        free = new SlotQueue(entries.Length);
        ready = new SlotQueue(entries.Length);
        settled = new SlotQueue(entries.Length);
        for (int slot = 0; slot < entries.Length; slot++)
        {
            free.Enqueue(slot);
        }
    }

    /// <summary>Whether no request waits for its end or for the delivery of its completion.</summary>
    internal bool IsEmpty => free.Count == entries.Length;

    internal bool IsFull => free.Count == 0;

    internal bool HasSettled => settled.Count > 0;

    internal bool HasReady => ready.Count > 0;

    /// <summary>Whether anything has not ended.</summary>
    internal bool HasUnsettled => first >= 0;

    /// <summary>Requests that had to wait for others.</summary>
    internal long HeldTotal { get; private set; }

    /// <summary>The pages of all entries, as requests handed to the driver refer to them.</summary>
    internal ReadOnlySpan<ulong> Pages => pages;

    /// <summary>Takes a well-formed request in; the ledger is not full.</summary>
    internal void Accept(in BlockRequest request, ReadOnlySpan<ulong> requestPages)
    {
        int slot = free.Dequeue();
        ref LedgerEntry entry = ref entries[slot];
        entry.Request = request;
        entry.Request.FirstPage = slot * pagesPerSlot;
        entry.Retries = 0;
        requestPages.Slice(request.FirstPage, request.PageCount).CopyTo(pages.AsSpan(entry.Request.FirstPage));
        entry.IsGranted = TryGrant(in entry.Request, isAgain: false);
        if (!entry.IsGranted)
        {
            entry.Result = BlockError.TransferError;
            entry.State = EntryState.Settled;
            settled.Enqueue(slot);
            return;
        }

        Append(slot);
        int blocker = overlaps.Add(in entry.Request) ? FindBlocker(slot) : -1;
        SetHeldOrReady(slot, blocker);
    }

    /// <summary>The requests that are ready, as the driver is to see them.</summary>
    internal ReadOnlySpan<BlockRequest> PrepareBatch()
    {
        int count = ready.Count;
        for (int index = 0; index < count; index++)
        {
            int slot = ready[index];
            ref LedgerEntry entry = ref entries[slot];
            entry.DriverTag = (++handOvers << 8) | (uint)slot;
            batch[index] = entry.Request;
            batch[index].Tag = entry.DriverTag;
        }

        return batch.AsSpan(0, count);
    }

    /// <summary>The driver has taken the first requests of the batch.</summary>
    internal void MarkSubmitted(int count)
    {
        for (int index = 0; index < count; index++)
        {
            ref LedgerEntry entry = ref entries[ready[index]];
            entry.State = EntryState.Submitted;
            entry.SubmittedTick = tick;
        }

        ready.Drop(count);
    }

    /// <summary>The driver refuses the first request of the batch for good.</summary>
    internal void RefuseFirst(BlockError error)
    {
        int slot = ready.Dequeue();
        End(slot, error);
        settled.Enqueue(slot);
    }

    /// <summary>The slot of a request that the driver has under this name; -1 when it has none.</summary>
    internal int Find(ulong driverTag)
    {
        int slot = (int)(driverTag & 0xff);
        return slot < entries.Length && entries[slot].State == EntryState.Submitted && entries[slot].DriverTag == driverTag
            ? slot
            : -1;
    }

    /// <summary>Whether the driver gave a request up that may be handed over once more; it is ready again then.</summary>
    internal bool TryRetry(int slot, BlockError error)
    {
        ref LedgerEntry entry = ref entries[slot];
        if (error != BlockError.Aborted || entry.Retries == ShadowLimits.RetriesMax)
        {
            return false;
        }

        entry.Retries++;
        entry.State = EntryState.Ready;
        ready.Enqueue(slot);
        return true;
    }

    /// <summary>
    /// Begins a tick and counts the requests that the driver has had for more than so many. One that has been withheld by several
    /// drivers is given up: it may be what makes them do so.
    /// </summary>
    internal int CountOverdue(uint ticks)
    {
        int overdue = 0;
        tick++;
        for (int slot = first, next; slot >= 0; slot = next)
        {
            ref LedgerEntry entry = ref entries[slot];
            next = entry.Next;
            if (entry.State != EntryState.Submitted || tick - entry.SubmittedTick <= ticks)
            {
                continue;
            }

            overdue++;
            if (entry.Retries++ == ShadowLimits.RetriesMax)
            {
                End(slot, BlockError.DeviceFailed);
                settled.Enqueue(slot);
            }
        }

        return overdue;
    }

    /// <summary>Ends a submitted request and frees its slot; the completion is delivered right now.</summary>
    internal BlockCompletion Complete(int slot, BlockError error)
    {
        End(slot, error);
        return Deliver(slot);
    }

    /// <summary>Takes out a completion that could not be delivered right away; there is one.</summary>
    internal BlockCompletion TakeSettled() => Deliver(settled.Dequeue());

    /// <summary>Ends every request that has not ended.</summary>
    internal void FailAll(BlockError error)
    {
        while (first >= 0)
        {
            int slot = first;
            End(slot, error);
            settled.Enqueue(slot);
        }

        ready.Clear();
    }

    /// <summary>
    /// The driver is gone and its device fenced: lets the next one's device reach the pages again, and makes ready what
    /// its predecessor had, in order of acceptance.
    /// </summary>
    /// <returns>How many requests the dead driver had.</returns>
    internal int Rewind()
    {
        int count = 0;
        ready.Clear();
        for (int slot = first; slot >= 0; slot = entries[slot].Next)
        {
            ref LedgerEntry entry = ref entries[slot];
            entry.IsGranted = TryGrant(in entry.Request, isAgain: true);
            count += entry.State == EntryState.Submitted ? 1 : 0;
            if (entry.State != EntryState.Held)
            {
                entry.State = EntryState.Ready;
                ready.Enqueue(slot);
            }
        }

        return count;
    }

    private void End(int slot, BlockError error)
    {
        ref LedgerEntry entry = ref entries[slot];
        Revoke(in entry.Request, entry.IsGranted ? entry.Request.PageCount : 0);
        overlaps.Remove(in entry.Request);
        heldCount -= entry.State == EntryState.Held ? 1 : 0;
        entry.State = EntryState.Settled;
        entry.Result = error;
        Unlink(slot);
        if (heldCount > 0)
        {
            ReleaseBlockedBy(slot);
        }
    }

    private BlockCompletion Deliver(int slot)
    {
        ref LedgerEntry entry = ref entries[slot];
        entry.State = EntryState.Free;
        free.Enqueue(slot);
        return new BlockCompletion { Tag = entry.Request.Tag, Error = entry.Result };
    }

    private void ReleaseBlockedBy(int ended)
    {
        for (int slot = first; slot >= 0; slot = entries[slot].Next)
        {
            if (entries[slot].State == EntryState.Held && entries[slot].BlockedBy == ended)
            {
                heldCount--;
                SetHeldOrReady(slot, FindBlocker(slot));
            }
        }
    }

    private void SetHeldOrReady(int slot, int blocker)
    {
        ref LedgerEntry entry = ref entries[slot];
        entry.BlockedBy = (short)blocker;
        if (blocker >= 0)
        {
            HeldTotal += entry.State == EntryState.Held ? 0 : 1;
            entry.State = EntryState.Held;
            heldCount++;
        }
        else
        {
            entry.State = EntryState.Ready;
            ready.Enqueue(slot);
        }
    }

    /// <summary>The last unsettled request before this one that conflicts with it; -1 when there is none.</summary>
    private int FindBlocker(int slot)
    {
        int blocker = entries[slot].Previous;
        while (blocker >= 0 && !OverlapIndex.Conflicts(in entries[blocker].Request, in entries[slot].Request))
        {
            blocker = entries[blocker].Previous;
        }

        return blocker;
    }

    private bool TryGrant(in BlockRequest request, bool isAgain)
    {
        LoanAccess access = request.Operation == BlockOperation.Read ? LoanAccess.DeviceWrites : LoanAccess.DeviceReads;
        ReadOnlySpan<ulong> own = pages.AsSpan(request.FirstPage, request.PageCount);
        for (int index = 0; index < own.Length; index++)
        {
            if (!(isAgain ? loans.GrantAgain(own[index], access) : loans.Grant(own[index], access)))
            {
                Revoke(in request, index);
                return false;
            }
        }

        return true;
    }

    private void Revoke(in BlockRequest request, int pageCount)
    {
        foreach (ulong page in pages.AsSpan(request.FirstPage, pageCount))
        {
            loans.Revoke(page);
        }
    }

    private void Append(int slot)
    {
        entries[slot].Previous = last;
        entries[slot].Next = -1;
        if (last >= 0)
        {
            entries[last].Next = (short)slot;
        }
        else
        {
            first = (short)slot;
        }

        last = (short)slot;
    }

    private void Unlink(int slot)
    {
        (short previous, short next) = (entries[slot].Previous, entries[slot].Next);
        if (previous >= 0)
        {
            entries[previous].Next = next;
        }
        else
        {
            first = next;
        }

        if (next >= 0)
        {
            entries[next].Previous = previous;
        }
        else
        {
            last = previous;
        }
    }
}
