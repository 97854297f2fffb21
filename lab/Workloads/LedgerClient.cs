using RedLeafSharp.Contracts;
using RedLeafSharp.Lab.Simulation;
using RedLeafSharp.Lab.Statistics;
using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Lab.Workloads;

/// <summary>
/// The client of the block ledger: keeps requests in flight, many at once and overlapping, and judges each answer by what it has
/// written down outside the system.
/// </summary>
internal sealed class LedgerClient
{
    private const string Oracle = "block-ledger";
    private const int PagesPerRequestMax = 4;

    private readonly WorkloadContext trial;
    private readonly IBlockDevice device;
    private readonly LedgerState state;
    private readonly PageHistory[] pages;
    private readonly Slot[] slots;
    private readonly Stack<int> free = new();
    private readonly int blocksPerPage;
    private readonly ulong lastPageBlock;
    private readonly long operations;
    private TrialRandom random;
    private long begun;
    private ulong digest;

    /// <summary>Slots in use; one whose pages a device keeps is lost.</summary>
    private int usable;

    internal LedgerClient(CallContext context, WorkloadContext trial, LedgerState state, IBlockDevice device, BlockGeometry geometry)
    {
        this.trial = trial;
        this.state = state;
        pages = state.Pages;
        this.device = device;
        operations = trial.Option("operations");
        random = trial.Random(0);
        blocksPerPage = PageBuffer.PageBytes / geometry.BlockBytes;
        lastPageBlock = geometry.BlockCount - (ulong)blocksPerPage;
        slots = new Slot[Math.Min((int)trial.Option("depth"), geometry.RequestsMax)];
        for (int index = 0; index < slots.Length; index++)
        {
            PageBuffer buffer = PageBuffer.Allocate(context, PagesPerRequestMax);
            slots[index] = new Slot();
            slots[index].Buffer.Put(ref buffer);
            free.Push(index);
        }

        usable = slots.Length;
    }

    /// <summary>Hash of which operations were answered without an error, whatever their order.</summary>
    internal ulong Digest => digest;

    private long VersionBase => trial.Round * WorkloadLimits.OperationsMax;

    /// <summary>Runs until every operation is answered, or the device is gone for good.</summary>
    internal RoundEnd Run(CallContext context)
    {
        while ((begun < operations && usable > 0) || free.Count < usable)
        {
            while (begun < operations && free.Count > 0)
            {
                if (!TryBegin(context, out RoundEnd end))
                {
                    if (end != RoundEnd.Completed)
                    {
                        return end;
                    }

                    break;
                }
            }

            if (!TryReap(context))
            {
                return RoundEnd.LegalError;
            }
        }

        return usable > 0 ? RoundEnd.Completed : RoundEnd.LegalError;
    }

    /// <summary>Frees the buffers; what the device may still reach is left to the kernel.</summary>
    internal void Dispose(CallContext context)
    {
        foreach (Slot slot in slots)
        {
            if (!slot.IsLent || TryEndLoan(context, slot))
            {
                PageBuffer buffer = slot.Buffer.Take();
                PageBuffer.Free(context, ref buffer);
            }
        }
    }

    /// <returns>False when the device took nothing: <paramref name="end"/> says whether there is hope.</returns>
    private bool TryBegin(CallContext context, out RoundEnd end)
    {
        int index = free.Pop();
        Slot slot = slots[index];
        Draw(slot);
        Prepare(context, slot, index);
        Span<ulong> addresses = stackalloc ulong[PagesPerRequestMax];
        for (int page = 0; page < PagesPerRequestMax; page++)
        {
            addresses[page] = slot.BusAddress + (ulong)(page * PageBuffer.PageBytes);
        }

        Reply<int, BlockError> reply = device.Submit(context, [slot.Request], addresses);
        if (reply is { IsOk: true, Value: 1 })
        {
            begun++;
            end = RoundEnd.Completed;
            return true;
        }

        _ = TakeBack(context, slot, index, WriteState.Uncertain);
        bool isFull = reply is { IsOk: true, Value: 0 } && free.Count < usable;
        end = isFull ? RoundEnd.Completed : Refuse(reply);
        return false;
    }

    /// <summary>The device answers so that there is nothing more to ask of it.</summary>
    private RoundEnd Refuse(Reply<int, BlockError> reply)
    {
        bool isFault = reply.IsFault;
        if (isFault || reply.Error != BlockError.DeviceFailed)
        {
            trial.Report(isFault ? ViolationKind.Propagated : ViolationKind.WrongError, Oracle, $"Submit answered {reply}");
        }

        return RoundEnd.LegalError;
    }

    /// <summary>
    /// What was promised at the begin is there to the last block: zeroes go where they are, to a page that no other request touches.
    /// </summary>
    private void AskForTheEnd(Slot slot)
    {
        (slot.Operation, slot.AnswersBefore, slot.PageCount, slot.FirstPage) = (begun, state.Answers, 0, 0);
        slot.Request = new BlockRequest
        {
            Tag = (ulong)begun << 8,
            Operation = BlockOperation.WriteZeroes,
            FirstBlock = lastPageBlock,
            BlockCount = (uint)blocksPerPage,
        };
    }

    /// <summary>Half of all requests write; a few flush, zero or discard. The last one asks for the end of the disk.</summary>
    private void Draw(Slot slot)
    {
        if (begun > 0 && begun == operations - 1)
        {
            AskForTheEnd(slot);
            return;
        }

        ulong kind = random.NextBelow(64);
        BlockOperation operation = kind switch
        {
            < 26 => BlockOperation.Read,
            < 58 => BlockOperation.Write,
            < 61 => BlockOperation.Flush,
            < 63 => BlockOperation.WriteZeroes,
            _ => BlockOperation.Discard,
        };
        bool isFlush = operation == BlockOperation.Flush;
        slot.Operation = begun;
        slot.AnswersBefore = state.Answers;
        slot.PageCount = isFlush ? 0 : 1 + (int)random.NextBelow(PagesPerRequestMax);
        slot.FirstPage = isFlush ? 0 : (int)random.NextBelow((ulong)(pages.Length - slot.PageCount + 1));
        bool isTransfer = operation is BlockOperation.Read or BlockOperation.Write;
        slot.Request = new BlockRequest
        {
            Tag = ((ulong)begun << 8) | 0x5A,
            Operation = operation,
            FirstBlock = (ulong)(slot.FirstPage * blocksPerPage),
            BlockCount = (uint)(slot.PageCount * blocksPerPage),
            PageCount = isTransfer ? slot.PageCount : 0,
            Flags = operation == BlockOperation.Write && random.NextBelow(16) == 0 ? BlockFlags.ForceUnitAccess : BlockFlags.None,
        };
    }

    private void Prepare(CallContext context, Slot slot, int index)
    {
        BlockOperation operation = slot.Request.Operation;
        slot.Request.Tag = (slot.Request.Tag & ~0xFFUL) | (uint)index;
        for (int page = 0; page < slot.PageCount; page++)
        {
            PageHistory history = pages[slot.FirstPage + page];
            slot.Places[page] = operation switch
            {
                BlockOperation.Read => history.Last,
                BlockOperation.Write => history.Submit(VersionBase + slot.Operation + 1),
                _ => history.Submit(BlockStamp.Zeros),
            };
        }

        if (operation is BlockOperation.Read or BlockOperation.Write)
        {
            Fill(context, slot);
            slot.BusAddress = slot.Buffer.Content.Lend(
                context, operation == BlockOperation.Read ? LoanAccess.DeviceWrites : LoanAccess.DeviceReads);
        }

        slot.IsLent = operation is BlockOperation.Read or BlockOperation.Write;
    }

    private void Fill(CallContext context, Slot slot)
    {
        Span<byte> bytes = slot.Buffer.Content.BorrowMutable(context);
        if (slot.Request.Operation == BlockOperation.Read)
        {
            bytes.Fill(0xEE);
            return;
        }

        for (int page = 0; page < slot.PageCount; page++)
        {
            Span<byte> one = bytes.Slice(page * PageBuffer.PageBytes, PageBuffer.PageBytes);
            BlockStamp.Write(one, slot.FirstPage + page, VersionBase + slot.Operation + 1, trial.Seed);
        }
    }

    /// <returns>False when the device is gone for good.</returns>
    private bool TryReap(CallContext context)
    {
        Span<BlockCompletion> completions = stackalloc BlockCompletion[8];
        Reply<int, BlockError> polled = device.Poll(context, completions);
        if (!polled.IsOk)
        {
            _ = Refuse(polled);
            return false;
        }

        if ((uint)polled.Value > (uint)completions.Length)
        {
            trial.Report(ViolationKind.WrongError, Oracle, $"Poll answered {polled.Value} completions");
            return false;
        }

        foreach (BlockCompletion completion in completions[..polled.Value])
        {
            Complete(context, completion);
        }

        return polled.Value > 0 || free.Count == usable || device.Wait(context, WorkloadLimits.WaitMicros).IsOk;
    }

    private void Complete(CallContext context, BlockCompletion completion)
    {
        int index = (int)(completion.Tag & 0xFF);
        if (index >= slots.Length || free.Contains(index) || slots[index].Request.Tag != completion.Tag)
        {
            trial.Report(ViolationKind.WrongError, Oracle, $"tag 0x{completion.Tag:x} was completed, which is not in flight");
            return;
        }

        Slot slot = slots[index];
        bool isOk = completion.Error == BlockError.None;
        if (completion.Error is BlockError.InvalidRequest or BlockError.OutOfRange or BlockError.NotSupported)
        {
            trial.Report(ViolationKind.WrongError, Oracle, $"operation {slot.Operation} is legal and was answered {completion.Error}");
        }

        bool isRead = slot.Request.Operation == BlockOperation.Read;
        bool isPromise = isOk && slot.Request.Operation != BlockOperation.Discard;
        bool isBack = TakeBack(context, slot, index, isPromise ? WriteState.Acknowledged : WriteState.Uncertain);
        ulong hash = (ulong)completion.Error;
        if (isRead && isOk && isBack)
        {
            hash = Mixing.Chain(hash, Judge(context, slot));
        }

        digest += Mixing.Chain((ulong)slot.Operation, hash);
        trial.Answer(slot.Operation, isOk, hash);
    }

    /// <returns>False when the pages cannot be had back.</returns>
    private bool TakeBack(CallContext context, Slot slot, int index, WriteState outcome)
    {
        long answer = state.CountAnswer();
        if (slot.Request.Operation == BlockOperation.Flush && outcome == WriteState.Acknowledged)
        {
            state.Flushed(slot.AnswersBefore);
        }

        bool isDurable = (slot.Request.Flags & BlockFlags.ForceUnitAccess) != 0;
        if (slot.Request.Operation != BlockOperation.Read)
        {
            for (int page = 0; page < slot.PageCount; page++)
            {
                pages[slot.FirstPage + page].End(slot.Places[page], outcome, isDurable ? 0 : answer);
            }
        }

        if (slot.IsLent && !TryEndLoan(context, slot))
        {
            trial.Report(
                ViolationKind.Propagated, Oracle, $"the device still reaches the pages of operation {slot.Operation}, which has been answered");
            usable--;
            return false;
        }

        free.Push(index);
        return true;
    }

    /// <returns>False when a device still reaches the pages.</returns>
    private static bool TryEndLoan(CallContext context, Slot slot)
    {
        try
        {
            slot.Buffer.Content.EndLoan(context);
            slot.IsLent = false;
        }
        catch (OwnershipException)
        {
            return false;
        }

        return true;
    }

    /// <returns>A hash of the versions that were read.</returns>
    private ulong Judge(CallContext context, Slot slot)
    {
        ReadOnlySpan<byte> bytes = slot.Buffer.Content.Borrow(context);
        ulong hash = 0;
        for (int sector = 0; sector < slot.PageCount * BlockStamp.SectorsPerPage; sector++)
        {
            int page = slot.FirstPage + (sector / BlockStamp.SectorsPerPage);
            ReadOnlySpan<byte> one = bytes.Slice(sector * BlockStamp.SectorBytes, BlockStamp.SectorBytes);
            long version = BlockStamp.Read(one, page, sector % BlockStamp.SectorsPerPage, trial.Seed);
            hash = Mixing.Chain(hash, (ulong)version);
            if (!pages[page].Admits(version, slot.Places[sector / BlockStamp.SectorsPerPage]))
            {
                string what = version == BlockStamp.Foreign ? "what was never written there"
                    : pages[page].Knows(version) ? $"version {version}, which is not the present one" : $"version {version} of nobody";
                trial.Report(
                    ViolationKind.SilentCorruption, Oracle, $"operation {slot.Operation} read from page {page}: {what}");
            }
        }

        return hash;
    }

    private sealed class Slot
    {
        internal readonly int[] Places = new int[PagesPerRequestMax];
        internal Cell<PageBuffer> Buffer;
        internal BlockRequest Request;
        internal ulong BusAddress;
        internal long Operation;
        internal long AnswersBefore;
        internal int FirstPage;
        internal int PageCount;
        internal bool IsLent;
    }
}
