namespace RedLeafSharp.Domains.Ext4;

/// <content>
/// Frames whose pages other domains have devices read where they lie. Until it is lent no more, such a frame is used for no other page of
/// the disk: when its own page is forgotten it leaves the table and waits, and the hand of the clock finds out when it is free.
/// </content>
/// <remarks>
/// A frame stays lent when it is returned: whoever sends a file often has it lent again for the price of a count. The loan ends when the
/// frame is needed, nobody has to return it, and no device maps it.
/// </remarks>
internal sealed partial class BufferCache
{
    private Lending[] lendings = [];
    private int[] lendingBuckets = [];
    private int[] lentFrames = [];
    private int lentHand;

    /// <summary>Frames that are lent, or have been and nobody has looked since.</summary>
    internal int LentCount { get; private set; }

    /// <summary>Lends the page of a block to the caller, once more if it has it already.</summary>
    /// <returns>False when another domain has it, or too many frames are lent.</returns>
    internal bool TryLend(CallContext context, BlockBuffer buffer, out ulong busAddress)
    {
        busAddress = 0;
        if (lendings.Length == 0)
        {
            lendings = new Lending[frames.Length];
            lentFrames = new int[frames.Length / Ext4Limits.FramesPerLent];
            lendingBuckets = new int[buckets.Length];
            Array.Fill(lendingBuckets, None);
        }

        ref Lending lending = ref lendings[buffer.Frame];
        bool isReady = lending.Borrower == context.Caller.Value || TryBeginLending(context, buffer.Frame);
        if (!isReady || lending.Count == int.MaxValue)
        {
            return false;
        }

        lending.Count++;
        busAddress = (ulong)lending.BusPage << Ext4Spec.PageShift;
        return true;
    }

    /// <summary>Ends one <see cref="TryLend"/> of the caller.</summary>
    /// <returns>False when the caller has nothing to return there.</returns>
    internal bool TryReturn(CallContext context, ulong busAddress)
    {
        int frame = FindLent(busAddress >> Ext4Spec.PageShift);
        if (frame == None || lendings[frame].Borrower != context.Caller.Value || lendings[frame].Count == 0)
        {
            return false;
        }

        lendings[frame].Count--;
        return true;
    }

    private bool IsLent(int frame) => lendings.Length > 0 && lendings[frame].Borrower != 0;

    private bool TryBeginLending(CallContext context, int frame)
    {
        if (frames[frame].IsLost || !TryEndLending(context, frame) || !HasLendingRoom(context))
        {
            return false;
        }

        ulong bus = cells[frame].Content.Lend(context, LoanAccess.DeviceReads, context.Caller);
        ref Lending lending = ref lendings[frame];
        if (lending.BusPage == 0)
        {
            // A frame keeps its page, so it is entered once.
            lending.BusPage = (uint)(bus >> Ext4Spec.PageShift);
            ref int bucket = ref lendingBuckets[BucketOf(lending.BusPage)];
            lending.Next = bucket;
            bucket = frame;
        }

        lending.Borrower = context.Caller.Value;
        lending.Place = LentCount;
        lentFrames[LentCount++] = frame;
        return true;
    }

    /// <returns>Whether the frame is lent no more.</returns>
    private bool TryEndLending(CallContext context, int frame)
    {
        if (!IsLent(frame))
        {
            return true;
        }

        ref Lending lending = ref lendings[frame];
        if (lending.Count > 0 || !cells[frame].Content.TryEndLoan(context))
        {
            return false;
        }

        lending.Borrower = 0;
        int last = lentFrames[--LentCount];
        lentFrames[lending.Place] = last;
        lendings[last].Place = lending.Place;
        return true;
    }

    /// <summary>A lent frame needs others that are not. As long as the cache can grow it does; then some loans may have to end.</summary>
    private bool HasLendingRoom(CallContext context)
    {
        while (!HasFramesForLending && TryGrow(context, out _))
        {
        }

        for (int steps = Ext4Limits.LendingSteps; !HasFramesForLending && steps > 0; steps--)
        {
            lentHand = lentHand + 1 < LentCount ? lentHand + 1 : 0;
            _ = TryEndLending(context, lentFrames[lentHand]);
        }

        return HasFramesForLending;
    }

    private bool HasFramesForLending => LentCount < frameCount / Ext4Limits.FramesPerLent;

    private int FindLent(ulong busPage)
    {
        int frame = lendings.Length == 0 ? None : lendingBuckets[BucketOf(busPage)];
        while (frame != None && lendings[frame].BusPage != busPage)
        {
            frame = lendings[frame].Next;
        }

        return frame;
    }

    /// <summary>To whom a frame's page is lent. Beside the frames, not in them: most are never lent.</summary>
    private struct Lending
    {
        /// <summary>The page by its bus address; 0 until it is lent for the first time.</summary>
        internal uint BusPage;
        internal int Next;

        /// <summary>Id of the domain that the loan names; 0 when the page is not lent.</summary>
        internal uint Borrower;

        /// <summary>How often it has to be returned.</summary>
        internal int Count;

        /// <summary>Where it stands among the frames that are lent.</summary>
        internal int Place;
    }
}
