using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.BlockShadow;

/// <summary>Where a request in the ledger stands.</summary>
internal enum EntryState : byte
{
    /// <summary>The slot is free.</summary>
    Free = 0,

    /// <summary>Accepted; an earlier request on the same blocks has to end first.</summary>
    Held,

    /// <summary>To be handed to the driver.</summary>
    Ready,

    /// <summary>The driver has it.</summary>
    Submitted,

    /// <summary>Ended; its completion has not been delivered yet.</summary>
    Settled,
}

/// <summary>A slot of the ledger.</summary>
internal struct LedgerEntry
{
    /// <summary>The request as accepted, but with its pages in the ledger's own list.</summary>
    internal BlockRequest Request;

    /// <summary>The name under which the driver has the request; different for each time it is handed over.</summary>
    internal ulong DriverTag;

    /// <summary>When the driver took it, in ticks of the ledger.</summary>
    internal uint SubmittedTick;

    /// <summary>Whether its pages are granted to the device. Without that the device will refuse it, and nothing is to be revoked.</summary>
    internal bool IsGranted;

    internal EntryState State;
    internal BlockError Result;
    internal byte Retries;

    /// <summary>For a held entry: the slot of an entry that it waits for.</summary>
    internal short BlockedBy;

    /// <summary>Neighbours in order of acceptance, among those that have not ended; -1 at the ends.</summary>
    internal short Next;

    /// <inheritdoc cref="Next"/>
    internal short Previous;
}

/// <summary>A first-in first-out list of slots.</summary>
internal struct SlotQueue
{
    private readonly short[] slots;
    private int head;

    internal SlotQueue(int capacity) => slots = new short[capacity];

    internal int Count { get; private set; }

    internal readonly short this[int index] => slots[(head + index) % slots.Length];

    internal void Enqueue(int slot) => slots[(head + Count++) % slots.Length] = (short)slot;

    internal short Dequeue()
    {
        short slot = slots[head];
        Drop(1);
        return slot;
    }

    internal void Drop(int count)
    {
        head = (head + count) % slots.Length;
        Count -= count;
    }

    internal void Clear() => Count = 0;
}
