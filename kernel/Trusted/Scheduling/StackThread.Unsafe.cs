using System.Runtime.InteropServices;
using RedLeafSharp.Native;

namespace RedLeafSharp.Scheduling;

/// <summary>
/// A thread of the host on an <see cref="AlignedStack"/>. The runtime offers no way to choose a stack, so the thread is
/// made with pthread_create(3) and enters managed code as a callback; the collector, exceptions and unloading treat it
/// like any other thread.
/// </summary>
internal sealed unsafe class StackThread
{
    // sizeof(pthread_attr_t) is 56 on x86-64 and 64 on AArch64 (glibc, bits/pthreadtypes-arch.h).
    private const int AttributeBytes = 128;

    /// <summary>The core of whoever has started the thread, if that one was restricted to one.</summary>
    private const int Inherited = -2;

    private readonly AlignedStack stack;
    private readonly nuint thread;
    private readonly GCHandle self;
    private readonly StackThreadPool? pool;

    // Of a thread that is used again: where it waits for a body, and where others wait for the end of one.
    private readonly Parker? wait;
    private readonly ManualResetEventSlim? done;
    private Action? body;
    private int core = Inherited;
    private volatile bool isEnding;

    /// <summary>Starts <paramref name="body"/>, which must not throw: nobody above it could catch.</summary>
    /// <param name="body">What it runs.</param>
    /// <param name="pool">Who is given the thread when the body is over; null for a thread that ends then.</param>
    /// <exception cref="OutOfMemoryException">The system gives no stack or no thread.</exception>
    internal StackThread(Action body, StackThreadPool? pool = null)
    {
        this.body = body;
        this.pool = pool;
        (wait, done) = pool is null ? (null, null) : (new Parker(), new ManualResetEventSlim(false, spinCount: 0));
        stack = new AlignedStack();
        self = GCHandle.Alloc(this);
        byte* attributes = stackalloc byte[AttributeBytes];

        // SAFETY: the stack outlives the thread (Join comes before Dispose); the handle is freed by Join only.
        nuint created = 0;
        int error = Linux.ThreadAttributesInit(attributes);
        error = error != 0 ? error : Linux.ThreadAttributesSetStack(attributes, stack.Lowest, AlignedStack.UsableBytes);
        error = error != 0 ? error : Linux.ThreadCreate(&created, attributes, &Enter, (void*)GCHandle.ToIntPtr(self));
        _ = Linux.ThreadAttributesDestroy(attributes);
        if (error != 0)
        {
            self.Free();
            stack.Dispose();
            throw new OutOfMemoryException($"no thread: errno {error}");
        }

        thread = created;
    }

    /// <summary>The processor time that the thread has used so far; 0 when the system does not tell. Not after <see cref="Join"/>.</summary>
    internal long ProcessorMicros
    {
        get
        {
            // SAFETY: the thread has not been joined, so its id is valid; both results are on this thread's stack.
            int clock;
            Linux.TimeSpec time;
            return Linux.ThreadClock(thread, &clock) == 0 && Linux.ReadClock(clock, &time) == 0
                ? (time.Seconds * 1_000_000) + (time.Nanoseconds / 1000)
                : 0;
        }
    }

    /// <summary>
    /// Waits for the end of the body, and lets the pool have the thread; without one for the end of the thread, including what the
    /// runtime does at its exit, and unmaps its stack.
    /// </summary>
    /// <remarks>To be called once for each body, by any other thread.</remarks>
    internal void Join()
    {
        done?.Wait();
        if (pool is null || !pool.TryKeep(this))
        {
            End();
        }
    }

    /// <summary>Gives a thread another body, when the one before has been joined.</summary>
    internal void Continue(Action next)
    {
        done!.Reset();
        Volatile.Write(ref body, next);
        wait!.Wake();
    }

    /// <summary>Ends a thread whose body has been joined.</summary>
    internal void End()
    {
        isEnding = true;
        wait?.Wake();
        if (Linux.ThreadJoin(thread, null) != 0)
        {
            Environment.FailFast("pthread_join of a thread that is not ours to join");
        }

        self.Free();
        stack.Dispose();
    }

    /// <summary>Lets the thread run on one core only, or on any again. A call for the core that it has costs nothing.</summary>
    /// <param name="wanted">The core, or <see cref="Cores.Any"/>. Threads that this one starts inherit it.</param>
    /// <remarks>By one thread at a time, and not after the body's end.</remarks>
    internal void RestrictTo(int wanted)
    {
        if (wanted != core)
        {
            core = Cores.Restrict(thread, wanted) ? wanted : Cores.Any;
        }
    }

    [UnmanagedCallersOnly]
    private static void* Enter(void* argument)
    {
        ((StackThread)GCHandle.FromIntPtr((nint)argument).Target!).Run();
        return null;
    }

    private void Run()
    {
        while (Interlocked.Exchange(ref body, null) is { } next)
        {
            next();
            done?.Set();
            AwaitNext();
        }
    }

    private void AwaitNext()
    {
        while (wait is not null && Volatile.Read(ref body) is null && !isEnding)
        {
            wait.Sleep(KernelEvent.Forever, spins: 0);
        }
    }
}
