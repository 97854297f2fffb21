using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>A pipe: a ring of bytes between open file descriptions that read and others that write.</summary>
internal sealed class Pipe(CallContext context, PipeCount count)
{
    private readonly byte[] ring = new byte[Limits.PipeBytes];
    private readonly KernelEvent readable = KernelEvent.Create(context);
    private readonly KernelEvent writable = KernelEvent.Create(context);
    private readonly KernelEvent opened = KernelEvent.Create(context);
    private int start;
    private int fill;
    private int readerCount;
    private int writerCount;
    private long readerOpenCount;
    private long writerOpenCount;

    public bool IsClosed => readerCount == 0 && writerCount == 0;

    /// <summary>Stands for an inode number in the attributes of a pipe that has none.</summary>
    public ulong Number { get; } = count.Enter();

    public bool HasReader => readerCount > 0;

    private int Free => Limits.PipeBytes - fill;

    /// <summary>Takes what is there; waits while there is nothing and may be something later.</summary>
    public Reply<int, Errno> Read(CallContext context, Span<byte> buffer, bool waits)
    {
        if (buffer.Length == 0)
        {
            return 0;
        }

        while (fill == 0)
        {
            if (writerCount == 0)
            {
                return 0;
            }

            Errno error = waits ? readable.WaitFor(context) : Errno.TryAgain;
            if (error != Errno.None)
            {
                return error;
            }
        }

        int taken = Take(buffer);
        writable.SignalAll();
        return taken;
    }

    /// <summary>
    /// Puts all of the data in, waiting for space. Up to PIPE_BUF bytes go in at once (POSIX.1-2017, write).
    /// </summary>
    /// <returns>Bytes written: all, or those that went in before the reader left or, without waiting, the space.</returns>
    public Reply<int, Errno> Write(CallContext context, ReadOnlySpan<byte> data, bool waits)
    {
        int written = 0;
        while (written < data.Length)
        {
            int needed = data.Length <= Limits.PipeAtomicBytes ? data.Length : 1;
            Errno error = readerCount == 0 ? Errno.BrokenPipe
                : Free >= needed ? Errno.None
                : waits ? writable.WaitFor(context)
                : Errno.TryAgain;
            if (error != Errno.None)
            {
                return written > 0 ? written : error;
            }

            // The state is read anew: the wait may have passed for another writer's sake.
            if (readerCount > 0 && Free >= needed)
            {
                written += Put(data[written..]);
                readable.SignalAll();
            }
        }

        return written;
    }

    /// <summary>One more open file description that reads, writes or both.</summary>
    public void Enter(bool reads, bool writes)
    {
        readerCount += reads ? 1 : 0;
        writerCount += writes ? 1 : 0;
        readerOpenCount += reads ? 1 : 0;
        writerOpenCount += writes ? 1 : 0;
        opened.SignalAll();
    }

    /// <summary>Waits until somebody opens the other side, or has opened it (POSIX.1-2017, open of a FIFO).</summary>
    public Errno WaitForOtherSide(CallContext context, bool reads)
    {
        long before = reads ? writerOpenCount : readerOpenCount;
        Errno error = Errno.None;
        while (error == Errno.None
            && (reads ? writerCount : readerCount) == 0
            && before == (reads ? writerOpenCount : readerOpenCount))
        {
            error = opened.WaitFor(context);
        }

        return error;
    }

    /// <summary>One open file description less: without readers writers fail, without writers readers see the end.</summary>
    public void Leave(bool reads, bool writes)
    {
        readerCount -= reads ? 1 : 0;
        writerCount -= writes ? 1 : 0;
        writable.SignalAll();
        readable.SignalAll();
        if (IsClosed)
        {
            count.Leave();
        }
    }

    private int Take(Span<byte> buffer)
    {
        int length = Math.Min(buffer.Length, fill);
        int first = Math.Min(length, Limits.PipeBytes - start);
        ring.AsSpan(start, first).CopyTo(buffer);
        ring.AsSpan(0, length - first).CopyTo(buffer[first..]);
        fill -= length;
        start = (start + length) & (Limits.PipeBytes - 1);
        return length;
    }

    private int Put(ReadOnlySpan<byte> data)
    {
        int length = Math.Min(data.Length, Free);
        int end = (start + fill) & (Limits.PipeBytes - 1);
        int first = Math.Min(length, Limits.PipeBytes - end);
        data[..first].CopyTo(ring.AsSpan(end));
        data[first..length].CopyTo(ring);
        fill += length;
        return length;
    }
}
