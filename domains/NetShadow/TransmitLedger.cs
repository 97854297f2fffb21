using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.NetShadow;

/// <summary>
/// The entries of frames that have been accepted and not been given back, in order. Those before <c>submitted</c> are with the driver,
/// which gives them back in order; what waits behind them goes to it as soon as it has room.
/// </summary>
internal sealed class TransmitLedger
{
    private readonly TransmitEntry[] entries;
    private readonly TransmitEntry[] batch = new TransmitEntry[ShadowLimits.BatchEntries];

    /// <summary>Up to where frames have been with one driver that has died, and with two, and so on: those before have been with as many.</summary>
    private readonly ulong[] deathEnds = new ulong[ShadowLimits.DeathsMax];
    private readonly ulong mask;
    private ulong first;
    private ulong submitted;
    private ulong next;

    /// <summary>Up to where the driver may have had frames when it died in the call that gave it them.</summary>
    private ulong attempted;

    /// <param name="capacity">A power of two, not less than the entries of one frame.</param>
    internal TransmitLedger(int capacity)
    {
        entries = new TransmitEntry[capacity];
        mask = (ulong)capacity - 1;
    }

    internal bool IsEmpty => next == first;

    /// <summary>Whether the driver has frames.</summary>
    internal bool HasSubmitted => submitted != first;

    /// <summary>Whether a driver has the first frame, or has died while it may have had it.</summary>
    internal bool IsFirstTried => HasSubmitted || (HasReady && first < Math.Max(deathEnds[0], attempted));

    /// <summary>Whether the first frame has been with as many drivers as may die of it.</summary>
    internal bool IsFirstSpent => HasReady && !HasSubmitted && first < deathEnds[^1];

    /// <summary>Whether frames wait to be handed over.</summary>
    internal bool HasReady => next != submitted;

    /// <summary>Entries that there is room for.</summary>
    internal int RoomCount => entries.Length - (int)(next - first);

    /// <summary>Takes entries in, if there is room for them and the ring does not end among them.</summary>
    /// <param name="added">The caller's, who may change them meanwhile: nobody looks at them again.</param>
    /// <param name="run">The entries as they are here.</param>
    internal bool TryAddRun(ReadOnlySpan<TransmitEntry> added, out ReadOnlySpan<TransmitEntry> run)
    {
        int place = (int)(next & mask);
        run = default;
        if (added.Length > RoomCount || added.Length > entries.Length - place)
        {
            return false;
        }

        Add(added);
        run = entries.AsSpan(place, added.Length);
        return true;
    }

    /// <summary>Takes entries in; there is room for them.</summary>
    internal void Add(ReadOnlySpan<TransmitEntry> added)
    {
        Span<TransmitEntry> room = entries.AsSpan((int)(next & mask));
        int straight = Math.Min(added.Length, room.Length);
        added[..straight].CopyTo(room);
        added[straight..].CopyTo(entries);
        next += (uint)added.Length;
    }

    /// <summary>Forgets the last so many; no driver has them.</summary>
    internal void Withdraw(int count) => next -= (uint)count;

    /// <summary>The next frames to hand over.</summary>
    internal ReadOnlySpan<TransmitEntry> NextBatch()
    {
        int count = (int)Math.Min(next - submitted, (ulong)batch.Length);
        int whole = 0;
        for (int index = 0; index < count; index++)
        {
            batch[index] = EntryAt(submitted + (ulong)index);
            whole = EndsFrame(in batch[index]) ? index + 1 : whole;
        }

        return batch.AsSpan(0, whole);
    }

    /// <summary>The driver has taken the next entries; false when they end within a frame, which cannot be.</summary>
    internal bool TrySubmit(int count)
    {
        ulong end = submitted + (uint)count;
        if (count > 0 && !EndsFrame(in EntryAt(end - 1)))
        {
            return false;
        }

        submitted = end;
        return true;
    }

    /// <summary>The driver died in the call: it may have taken so many.</summary>
    internal void MarkAttempted(int count) => attempted = submitted + (uint)count;

    /// <summary>No driver can send the first frame that waits.</summary>
    internal void SpendFirst()
    {
        for (int deaths = 0; deaths < deathEnds.Length && !HasSubmitted; deaths++)
        {
            deathEnds[deaths] = Math.Max(deathEnds[deaths], EndOfFrame(first));
        }
    }

    /// <summary>Ends entries that the driver is done with; false when it does not have them, or they end within a frame.</summary>
    internal bool TryComplete(int count)
    {
        if ((ulong)(uint)count > submitted - first || (count > 0 && !EndsFrame(in EntryAt(first + (uint)count - 1))))
        {
            return false;
        }

        first += (uint)count;
        return true;
    }

    /// <summary>Ends the first frame, and returns how many entries it has.</summary>
    internal int CompleteFirst()
    {
        ulong end = EndOfFrame(first);
        int count = (int)(end - first);
        first = end;
        submitted = Math.Max(submitted, first);
        return count;
    }

    /// <summary>The driver is gone: everything is ready again. Returns how many frames it had.</summary>
    internal int Rewind()
    {
        int frames = 0;
        for (ulong number = first; number < submitted; number++)
        {
            frames += EndsFrame(in EntryAt(number)) ? 1 : 0;
        }

        CountDeath(Math.Max(submitted, attempted));
        (submitted, attempted) = (first, first);
        return frames;
    }

    private static bool EndsFrame(in TransmitEntry entry) => (entry.Flags & EntryFlags.Continues) == 0;

    private ref TransmitEntry EntryAt(ulong number) => ref entries[(int)(number & mask)];

    private ulong EndOfFrame(ulong number)
    {
        while (number < next && !EndsFrame(in EntryAt(number)))
        {
            number++;
        }

        return Math.Min(number + 1, next);
    }

    /// <summary>A driver has died that had the frames up to here.</summary>
    private void CountDeath(ulong end)
    {
        for (int deaths = deathEnds.Length - 1; deaths > 0; deaths--)
        {
            deathEnds[deaths] = Math.Max(deathEnds[deaths], Math.Min(deathEnds[deaths - 1], end));
        }

        deathEnds[0] = Math.Max(deathEnds[0], end);
    }
}
