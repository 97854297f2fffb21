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
    private long putBytes;
    private long takenBytes;
    private Queue<PassedPlace>? passed;

    public bool IsClosed => readerCount == 0 && writerCount == 0;

    /// <summary>Stands for an inode number in the attributes of a pipe that has none.</summary>
    public ulong Number { get; } = count.Enter();

    public bool HasReader => readerCount > 0;

    public bool HasWriter => writerCount > 0;

    public int FillBytes => fill;

    /// <summary>Whether its writer has left without having read what was sent to it; behind the last byte the reader is told.</summary>
    public bool IsReset { get; set; }

    /// <summary>Whether a write of up to PIPE_BUF bytes would not wait.</summary>
    public bool HasRoom => Free >= Limits.PipeAtomicBytes;

    /// <summary>Those who wait for either side among several files.</summary>
    public Watchers ReaderWatchers { get; set; } = new();

    public Watchers WriterWatchers { get; set; } = new();

    private int Free => Limits.PipeBytes - fill;

    /// <summary>Takes what is there; waits while there is nothing and may be something later.</summary>
    public Reply<int, Errno> Read(
        CallContext context, Span<byte> buffer, bool waits, long timeoutMicros = KernelEvent.Forever, bool isPeek = false) =>
        Read(context, buffer, waits, timeoutMicros, isPeek, out _);

    /// <summary>The same with files that were sent along; the caller has to drop them or to install them.</summary>
    public Reply<int, Errno> Read(
        CallContext context, Span<byte> buffer, bool waits, long timeoutMicros, bool isPeek, out PassedFiles? files)
    {
        files = null;
        if (buffer.Length == 0)
        {
            return 0;
        }

        while (fill == 0)
        {
            // Of a socket the side that reads can be shut, with somebody waiting in here.
            if (writerCount == 0 || readerCount == 0)
            {
                return 0;
            }

            Errno error = waits ? readable.WaitFor(context, timeoutMicros) : Errno.TryAgain;
            if (error != Errno.None)
            {
                return error == Errno.TimedOut ? Errno.TryAgain : error;
            }
        }

        bool hadRoom = HasRoom;
        if (passed is not null && !isPeek)
        {
            files = TakePassed(ref buffer);
        }

        int taken = Take(buffer, isPeek);
        if (!isPeek)
        {
            writable.SignalAll();
            if (!hadRoom)
            {
                WriterWatchers.NoteChange();
            }
        }

        return taken;
    }

    /// <summary>
    /// Puts all of the data in, waiting for space. Up to PIPE_BUF bytes go in at once (POSIX.1-2017, write).
    /// </summary>
    /// <param name="context">The caller.</param>
    /// <param name="data">The data.</param>
    /// <param name="waits">Whether to wait.</param>
    /// <param name="timeoutMicros">How long.</param>
    /// <param name="isAtomic">Whether short writes go in at once.</param>
    /// <param name="files">Files that go with the first byte; the pipe's if any byte is written.</param>
    /// <returns>Bytes written: all, or those that went in before the reader left or, without waiting, the space.</returns>
    public Reply<int, Errno> Write(
        CallContext context, ReadOnlySpan<byte> data, bool waits, long timeoutMicros = KernelEvent.Forever, bool isAtomic = true,
        PassedFiles? files = null)
    {
        int written = 0;
        while (written < data.Length)
        {
            int needed = isAtomic && data.Length <= Limits.PipeAtomicBytes ? data.Length : 1;
            Errno error = readerCount == 0 ? Errno.BrokenPipe
                : Free >= needed ? Errno.None
                : waits ? writable.WaitFor(context, timeoutMicros)
                : Errno.TryAgain;
            error = error == Errno.TimedOut ? Errno.TryAgain : error;
            if (error != Errno.None)
            {
                return written > 0 ? written : error;
            }

            // The state is read anew: the wait may have passed for another writer's sake.
            if (readerCount > 0 && Free >= needed)
            {
                long at = putBytes;
                written += Put(data[written..]);
                if (files is not null)
                {
                    (passed ??= new Queue<PassedPlace>()).Enqueue(new PassedPlace(at, putBytes, files));
                    files = null;
                }

                readable.SignalAll();
                ReaderWatchers.NoteChange();
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
        ReaderWatchers.NoteChange();
        WriterWatchers.NoteChange();
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
        ReaderWatchers.NoteChange();
        WriterWatchers.NoteChange();
        if (IsClosed)
        {
            count.Leave();
        }
    }

    /// <summary>Adds the files that are in it.</summary>
    public void AddPassed(List<PassedFiles> queued)
    {
        foreach (PassedPlace place in passed ?? [])
        {
            queued.Add(place.Files);
        }
    }

    /// <summary>Nobody will read any more: files that are still in it are closed.</summary>
    public void DropPassed(CallContext context)
    {
        while (passed is not null && passed.TryDequeue(out PassedPlace place))
        {
            place.Files.Drop(context);
        }
    }

    /// <summary>What one who reads, writes or does both waits for (Linux's pipe_poll).</summary>
    public SocketReadiness GetReadiness(bool reads, bool writes)
    {
        SocketEvents input = (fill > 0 ? SocketEvents.Readable : SocketEvents.None)
            | (writerCount == 0 && writerOpenCount > 0 ? SocketEvents.HungUp : SocketEvents.None);
        SocketEvents output = (HasRoom ? SocketEvents.Writable : SocketEvents.None)
            | (readerCount == 0 ? SocketEvents.Error : SocketEvents.None);
        return new SocketReadiness
        {
            Events = (reads ? input : SocketEvents.None) | (writes ? output : SocketEvents.None),
            ChangeCount = (reads ? ReaderWatchers.ChangeCount : 0) + (writes ? WriterWatchers.ChangeCount : 0),
        };
    }

    public Errno Watch(KernelEvent watcher, bool reads, bool writes)
    {
        Errno error = reads ? ReaderWatchers.Add(watcher) : Errno.None;
        return error == Errno.None && writes ? WriterWatchers.Add(watcher) : error;
    }

    public void Unwatch(KernelEvent watcher, bool reads, bool writes)
    {
        if (reads)
        {
            ReaderWatchers.Remove(watcher);
        }

        if (writes)
        {
            WriterWatchers.Remove(watcher);
        }
    }

    private int Take(Span<byte> buffer, bool isPeek)
    {
        int length = Math.Min(buffer.Length, fill);
        int first = Math.Min(length, Limits.PipeBytes - start);
        ring.AsSpan(start, first).CopyTo(buffer);
        ring.AsSpan(0, length - first).CopyTo(buffer[first..]);
        if (!isPeek)
        {
            fill -= length;
            takenBytes += length;
            start = (start + length) & (Limits.PipeBytes - 1);
        }

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
        putBytes += length;
        return length;
    }

    /// <summary>The files of the first message that the read reaches; it ends with that message, as Linux has it.</summary>
    private PassedFiles? TakePassed(ref Span<byte> buffer)
    {
        if (!passed!.TryPeek(out PassedPlace first) || takenBytes + Math.Min(buffer.Length, fill) <= first.Start)
        {
            return null;
        }

        buffer = buffer[..(int)Math.Min(buffer.Length, first.End - takenBytes)];
        _ = passed.Dequeue();
        return first.Files;
    }

    /// <summary>Files, and the bytes that they were sent with.</summary>
    private readonly record struct PassedPlace(long Start, long End, PassedFiles Files);
}
