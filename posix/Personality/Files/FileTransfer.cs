using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>
/// One call of sendfile: bytes of a regular file go to another description, one piece after the other. A stream of the internet sends
/// pages where they lie, as long as the file system lends them and the stack takes them; the other pieces go through a buffer.
/// </summary>
/// <remarks>
/// Nothing is on loan, and no lock is held, over a wait for the output. What the file system lends for the bytes behind the last
/// ones that were sent is lent anew after it.
/// </remarks>
internal ref struct FileTransfer(PersonalityState state, Process process, RegularFile input, OpenFile output, ulong start, int lengthBytes)
{
    private readonly PersonalityState state = state;
    private readonly Process process = process;
    private readonly RegularFile input = input;
    private readonly OpenFile output = output;
    private readonly InternetSocket? stream = output as InternetSocket is { Kind: SocketKind.Stream } socket ? socket : null;
    private readonly ulong start = start;
    private readonly int lengthBytes = lengthBytes;

    private int movedBytes;
    private bool isOver;

    /// <summary>How often the stack may still refuse pages. One that has taken some may refuse those of another way once more.</summary>
    private int patience = 1;

    /// <summary>Pages to ask for: after the stack has left some, one tells whether there is room.</summary>
    private int rangeCountMax = Limits.LentRangeCountMax;

    /// <summary>The size of the file, asked for once, when there is more than one piece; below 0 before that.</summary>
    private long sizeBytes = -1;

    private readonly int LeftBytes => lengthBytes - movedBytes;

    private readonly ulong Offset => start + (ulong)movedBytes;

    /// <summary>Moves all there is, or what the output takes.</summary>
    /// <returns>Bytes moved; an error when it is none.</returns>
    public Reply<int, Errno> Run(CallContext context)
    {
        Errno error = Errno.None;
        while (error == Errno.None && !isOver && LeftBytes > 0)
        {
            process.GiveWay(context);
            bool mayLend = stream is not null && patience > 0 && LeftBytes >= Limits.LentBytesMin;
            error = mayLend ? MoveLent(context) : Copy(context, LeftBytes);
        }

        return movedBytes > 0 || error == Errno.None ? movedBytes : error;
    }

    private Errno MoveLent(CallContext context)
    {
        Reply<int, Errno> lent = process.Lent.Borrow(context, input.Vnode, Offset, LeftBytes, rangeCountMax);
        if (!lent.IsOk)
        {
            return lent.ErrorOf() == Errno.NotSupported ? Copy(context, LeftBytes) : lent.ErrorOf();
        }

        if (lent.Value == 0)
        {
            isOver = true;
            return Errno.None;
        }

        int firstBytes = process.Lent.Ranges[0].LengthBytes;
        Reply<int, Errno> taken = firstBytes < Limits.LentBytesMin ? 0 : SendLent(context, process.Lent.Ranges);
        process.Lent.Return(context);
        return taken.Error switch
        {
            Errno.TryAgain => stream!.WaitForRoom(context),
            Errno.NotSupported => Refuse(context, firstBytes),
            Errno.None when taken.Value == 0 => Copy(context, firstBytes),
            Errno error => error,
        };
    }

    /// <summary>Sends those of the ranges that are long enough, and counts what the stack takes.</summary>
    private Reply<int, Errno> SendLent(CallContext context, ReadOnlySpan<PageRange> ranges)
    {
        int longCount = 0;
        int bytes = 0;
        while (longCount < ranges.Length && ranges[longCount].LengthBytes >= Limits.LentBytesMin)
        {
            bytes += ranges[longCount].LengthBytes;
            longCount++;
        }

        Reply<int, Errno> taken = stream!.TrySendLent(context, context.Self, ranges[..longCount], FlagsOf(context, bytes));
        foreach (ref readonly PageRange range in ranges[..taken.Value])
        {
            movedBytes += range.LengthBytes;
        }

        patience = taken.Value > 0 ? 2 : patience;
        rangeCountMax = taken.IsOk && taken.Value < longCount ? 1 : Limits.LentRangeCountMax;
        return taken;
    }

    private Errno Refuse(CallContext context, int firstBytes)
    {
        patience--;
        return Copy(context, patience > 0 ? firstBytes : LeftBytes);
    }

    /// <summary>Moves bytes through a buffer: at most so many, and at most it holds.</summary>
    private Errno Copy(CallContext context, int mostBytes)
    {
        byte[] buffer = state.Buffers.Take();
        try
        {
            int wanted = Math.Min(mostBytes, buffer.Length);
            Reply<int, Errno> read = input.ReadAt(context, Offset, buffer.AsSpan(0, wanted));
            isOver = read.Value == 0;
            return isOver ? read.ErrorOf() : Put(context, buffer.AsSpan(0, read.Value));
        }
        finally
        {
            state.Buffers.GiveBack(buffer);
        }
    }

    private Errno Put(CallContext context, ReadOnlySpan<byte> data)
    {
        Reply<int, Errno> put = stream is null
            ? output.Write(context, process, data)
            : stream.Send(context, process, data, default, FlagsOf(context, data.Length));
        movedBytes += put.Value;
        isOver |= put.Value < data.Length;
        return put.ErrorOf();
    }

    /// <summary>Whether more of the call comes behind a piece, so that what is no full segment need not be sent yet.</summary>
    private SocketFlags FlagsOf(CallContext context, int pieceBytes)
    {
        if (pieceBytes == LeftBytes)
        {
            return SocketFlags.None;
        }

        if (sizeBytes < 0)
        {
            sizeBytes = (long)input.Vnode.Files.GetAttributes(context, input.Vnode.Inode).Value.SizeBytes;
        }

        return Offset + (ulong)pieceBytes < (ulong)sizeBytes ? SocketFlags.More : SocketFlags.None;
    }
}
