using System.Runtime.InteropServices;
using RedLeafSharp.Kernel.Executors;

namespace RedLeafSharp.Kernel.Processes;

/// <summary>
/// Lets threads of the system wait until a descriptor of the host can be read. Such a thread may not sleep in a call of Linux: it
/// would keep its executor's baton. It reads without blocking, and waits here when there is nothing.
/// </summary>
/// <remarks>
/// Three parts, from the busiest to the idlest moment. Who comes to wait looks again for a while first, since a client that waits
/// for the answer to one request often has the next one ready in less time than two threads need to be woken. While another
/// thread of the executor waits for a disk, the executor's poll loop looks. When all wait here, a thread of the host sleeps in
/// poll(2) for them. Fields are used by threads that have the executor's baton; the thread of the host only signals.
/// </remarks>
internal sealed class HostDescriptorWait : IDisposable
{
    /// <summary>
    /// How long the first to wait looks before it sleeps: about the time that waking a thread costs on a virtual machine.
    /// </summary>
    private const long LookMicros = 40;

    private const short Readable = 1; // POLLIN of poll(2)
    private const int CloseOnExec = 0x80000; // O_CLOEXEC

    private readonly ExecutorGroup group;
    private readonly Executor executor;
    private readonly int descriptor;
    private readonly KernelEvent arrived;
    private readonly int[] wake = new int[2];
    private readonly AutoResetEvent armed = new(false);
    private readonly Thread watcher;
    private int userCount;
    private int waiterCount;
    private bool isLooking;
    private volatile bool isClosed;

    /// <param name="group">The executors of the system.</param>
    /// <param name="executor">Where the threads that wait are.</param>
    /// <param name="descriptor">The descriptor; it must stay open until <see cref="Dispose"/> has returned.</param>
    internal HostDescriptorWait(ExecutorGroup group, Executor executor, int descriptor)
    {
        this.group = group;
        this.executor = executor;
        this.descriptor = descriptor;
        arrived = new KernelEvent(group);
        if (Pipe(wake, CloseOnExec) != 0)
        {
            throw new IOException("no pipe for a thread that watches a descriptor");
        }

        watcher = new Thread(Watch) { IsBackground = true, Name = "redleaf-watch" };
        watcher.Start();
        executor.AddPollStep(Look);
    }

    /// <summary>One more thread serves the descriptor: the host's thread is asked only when all of them wait.</summary>
    internal void Enter() => userCount++;

    /// <summary>The opposite of <see cref="Enter"/>.</summary>
    internal void Leave()
    {
        userCount--;
        ArmIfAllWait();
    }

    /// <summary>Waits until the descriptor is readable, or <see cref="Close"/> has been called. Too many returns are normal.</summary>
    internal void Wait(CallContext context)
    {
        if (!isLooking && LookFirst(context))
        {
            return;
        }

        waiterCount++;
        ArmIfAllWait();
        try
        {
            if (!isClosed)
            {
                arrived.Wait(context);
            }
        }
        finally
        {
            waiterCount--;
        }
    }

    /// <summary>Lets everybody go. Any thread may call it.</summary>
    internal void Close()
    {
        isClosed = true;
        arrived.SignalAll();
    }

    /// <summary>Called by a thread of the host when nobody waits any more.</summary>
    public void Dispose()
    {
        isClosed = true;
        executor.RemovePollStep(Look);
        _ = Write(wake[1], 0, 1);
        armed.Set();
        watcher.Join();
        _ = CloseDescriptor(wake[0]);
        _ = CloseDescriptor(wake[1]);
        armed.Dispose();
    }

    private void ArmIfAllWait()
    {
        if (userCount > 0 && waiterCount == userCount)
        {
            armed.Set();
        }
    }

    private bool LookFirst(CallContext context)
    {
        isLooking = true;
        try
        {
            long end = context.UptimeMicros + LookMicros;
            while (context.UptimeMicros < end)
            {
                if (isClosed || IsReadable())
                {
                    return true;
                }

                group.Yield(context.Thread);
            }

            return false;
        }
        finally
        {
            isLooking = false;
        }
    }

    /// <summary>The poll step: there are threads to spare, and none of them is about to look.</summary>
    private bool Look(CallContext context)
    {
        bool isWanted = waiterCount > 0 && waiterCount < userCount && !isLooking;
        if (!isWanted || arrived.IsSignaled || !IsReadable())
        {
            return false;
        }

        arrived.Signal();
        return true;
    }

    private bool IsReadable()
    {
        var one = new PollDescriptor { Descriptor = descriptor, Events = Readable };
        return Poll(ref one, 1, 0) != 0;
    }

    /// <summary>The thread of the host. An error of the descriptor, too, is for those who read to find.</summary>
    private void Watch()
    {
        var both = new PollDescriptor[2];
        while (true)
        {
            armed.WaitOne();
            if (isClosed)
            {
                return;
            }

            both[0] = new PollDescriptor { Descriptor = descriptor, Events = Readable };
            both[1] = new PollDescriptor { Descriptor = wake[0], Events = Readable };
            _ = Poll(ref both[0], 2, -1);
            arrived.Signal();
        }
    }

    [DllImport("libc", EntryPoint = "poll")]
    private static extern int Poll(ref PollDescriptor descriptors, nuint count, int milliseconds);

    [DllImport("libc", EntryPoint = "pipe2")]
    private static extern int Pipe([Out] int[] ends, int flags);

    [DllImport("libc", EntryPoint = "write")]
    private static extern nint Write(int descriptor, in byte data, nint length);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int CloseDescriptor(int descriptor);

    /// <summary>struct pollfd of poll(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        internal int Descriptor;
        internal short Events;
        internal short Result;
    }
}
