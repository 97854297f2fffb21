using RedLeafSharp.Contracts;

namespace RedLeafSharp.Kernel.Processes;

/// <summary>
/// The kernel's console: a host thread reads the terminal into a ring, the personality's threads wait for it.
/// </summary>
internal sealed class ConsoleService : IConsole
{
    /// <summary>Typed ahead at most; a line of a terminal is at most 4,096 bytes.</summary>
    private const int RingBytes = 64 * 1024;

    private readonly IHostConsole? host;
    private readonly KernelEvent arrived;
    private readonly byte[] ring = new byte[RingBytes];
    private readonly Lock ringLock = new();
    private readonly AutoResetEvent room = new(false);
    private int start;
    private int count;
    private bool isAtEnd;
    private bool isReading;

    internal ConsoleService(IHostConsole? host, KernelEvent arrived)
    {
        this.host = host;
        this.arrived = arrived;
        isAtEnd = host is null;
    }

    public Reply<int, Errno> Read(CallContext context, Span<byte> buffer)
    {
        StartReading();
        while (true)
        {
            lock (ringLock)
            {
                int taken = Take(buffer);
                if (taken > 0 || isAtEnd || buffer.IsEmpty)
                {
                    return taken;
                }
            }

            arrived.Wait(context);
        }
    }

    public Reply<int, Errno> Write(CallContext context, int stream, ReadOnlySpan<byte> data)
    {
        if (stream is not (1 or 2))
        {
            return Errno.BadDescriptor;
        }

        Errno error = host?.Write(stream, data) ?? Errno.None;
        return error == Errno.None ? data.Length : error;
    }

    public Reply<bool, Errno> IsTerminal(CallContext context, int stream) => host?.IsTerminal(stream) ?? false;

    /// <summary>The terminal is not touched before somebody reads from it: commands without input leave it alone.</summary>
    private void StartReading()
    {
        if (!isReading && host is not null)
        {
            isReading = true;
            new Thread(ReadTerminal) { IsBackground = true, Name = "redleaf-console" }.Start();
        }
    }

    private int Take(Span<byte> buffer)
    {
        int length = Math.Min(buffer.Length, count);
        int first = Math.Min(length, RingBytes - start);
        ring.AsSpan(start, first).CopyTo(buffer);
        ring.AsSpan(0, length - first).CopyTo(buffer[first..]);
        start = (start + length) % RingBytes;
        count -= length;
        if (length > 0)
        {
            room.Set();
        }

        return length;
    }

    private void ReadTerminal()
    {
        var chunk = new byte[4096];
        while (true)
        {
            int length = ReadHost(chunk);
            lock (ringLock)
            {
                isAtEnd = length == 0;
            }

            for (int done = 0; done < length;)
            {
                int stored = Store(chunk.AsSpan(done, length - done));
                done += stored;
                arrived.SignalAll();
                if (stored == 0)
                {
                    room.WaitOne();
                }
            }

            if (length == 0)
            {
                arrived.SignalAll();
                return;
            }
        }
    }

    /// <summary>A terminal that fails is at its end: an exception here would end the host's process.</summary>
    private int ReadHost(byte[] chunk)
    {
        try
        {
            return host!.Read(chunk);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    private int Store(ReadOnlySpan<byte> data)
    {
        lock (ringLock)
        {
            int length = Math.Min(data.Length, RingBytes - count);
            int end = (start + count) % RingBytes;
            int first = Math.Min(length, RingBytes - end);
            data[..first].CopyTo(ring.AsSpan(end));
            data[first..length].CopyTo(ring);
            count += length;
            return length;
        }
    }
}
