using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>A pipe: a ring of bytes between two open file descriptions.</summary>
internal sealed class Pipe(CallContext context)
{
    private readonly byte[] ring = new byte[Limits.PipeBytes];
    private readonly KernelEvent readable = KernelEvent.Create(context);
    private readonly KernelEvent writable = KernelEvent.Create(context);
    private int start;
    private int fill;
    private bool hasReader = true;
    private bool hasWriter = true;

    private int Free => Limits.PipeBytes - fill;

    /// <summary>Takes what is there; waits while there is nothing and may be something later.</summary>
    public Reply<int, Errno> Read(CallContext context, Span<byte> buffer)
    {
        if (buffer.Length == 0)
        {
            return 0;
        }

        while (fill == 0)
        {
            if (!hasWriter)
            {
                return 0;
            }

            Errno error = readable.WaitFor(context);
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
    /// <returns>Bytes written: all, or those that went in before the reader left.</returns>
    public Reply<int, Errno> Write(CallContext context, ReadOnlySpan<byte> data)
    {
        int written = 0;
        while (written < data.Length)
        {
            int needed = data.Length <= Limits.PipeAtomicBytes ? data.Length : 1;
            Errno error = !hasReader ? Errno.BrokenPipe : Free < needed ? writable.WaitFor(context) : Errno.None;
            if (error != Errno.None)
            {
                return written > 0 ? written : error;
            }

            // The state is read anew: the wait may have passed for another writer's sake.
            if (hasReader && Free >= needed)
            {
                written += Put(data[written..]);
                readable.SignalAll();
            }
        }

        return written;
    }

    /// <summary>The read end is closed: writers fail from now on.</summary>
    public void CloseReader()
    {
        hasReader = false;
        writable.SignalAll();
    }

    /// <summary>The write end is closed: readers see the end once the ring is empty.</summary>
    public void CloseWriter()
    {
        hasWriter = false;
        readable.SignalAll();
    }

    public bool IsClosed => !hasReader && !hasWriter;

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
