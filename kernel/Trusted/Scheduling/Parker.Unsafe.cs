using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RedLeafSharp.Native;

namespace RedLeafSharp.Scheduling;

/// <summary>
/// Where one thread sleeps until another wakes it; a wake that comes first is not lost. A futex of one word: the
/// runtime's own primitives take longer to hand over on one core (docs/decisions/0004-executors.md).
/// </summary>
internal sealed unsafe class Parker
{
    private const int Nothing = 0;
    private const int Woken = 1;
    private const int Sleeping = 2;
    private const int Polling = 3;

    // FUTEX_WAIT and FUTEX_WAKE with FUTEX_PRIVATE_FLAG, linux/futex.h.
    private const int OperationWaitPrivate = 0 | 128;
    private const int OperationWakePrivate = 1 | 128;

    // SYS_futex in asm/unistd_64.h and asm-generic/unistd.h.
    private static readonly long FutexNumber = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 98 : 202;

    // Pinned and collected: who wakes a thread that has just ended still writes to memory of ours. The word lies in the
    // middle of two cache lines, so that spinning on it disturbs nobody.
    private readonly int[] line = GC.AllocateArray<int>(32, pinned: true);

    // Of the last sleep on descriptors; written before the word says so, read after.
    private PollSet? watched;

    private ref int Word => ref line[16];

    /// <summary>Wakes the thread, or lets its next sleep end at once.</summary>
    internal void Wake()
    {
        int before = Interlocked.Exchange(ref Word, Woken);
        if (before == Polling)
        {
            watched!.Ring();
        }
        else if (before == Sleeping)
        {
            // SAFETY: the array is pinned and this object keeps it alive during the call.
            _ = Linux.Futex(FutexNumber, (int*)Unsafe.AsPointer(ref Word), OperationWakePrivate, 1, null, null, 0);
            GC.KeepAlive(this);
        }
    }

    /// <summary>Sleeps until woken. Only the owner calls this.</summary>
    /// <param name="timeoutMicros">Real time; <see cref="KernelEvent.Forever"/> for none.</param>
    /// <param name="spins">How often to look before sleeping.</param>
    /// <remarks>May return early or on a stale wake: the caller looks at its own condition again.</remarks>
    internal void Sleep(long timeoutMicros, int spins)
    {
        for (int i = 0; i < spins && Volatile.Read(ref Word) != Woken; i++)
        {
            Thread.SpinWait(1);
        }

        if (Interlocked.CompareExchange(ref Word, Sleeping, Nothing) == Nothing)
        {
            var timeout = new Linux.TimeSpec
            {
                Seconds = timeoutMicros / 1_000_000,
                Nanoseconds = timeoutMicros % 1_000_000 * 1000,
            };
            Linux.TimeSpec* limit = timeoutMicros == KernelEvent.Forever ? null : &timeout;

            // SAFETY: as above; the time is on this thread's stack. The kernel compares the word before it sleeps, so
            // that a wake between the exchange and the call is not lost.
            _ = Linux.Futex(
                FutexNumber, (int*)Unsafe.AsPointer(ref Word), OperationWaitPrivate, Sleeping, limit, null, 0);
        }

        // A full barrier: the caller reads its condition next, and must not read it before this write is visible, or a wake
        // in between would be wiped out.
        Interlocked.Exchange(ref Word, Nothing);
    }
    /// <summary>As the other one, also until one of the descriptors can be read.</summary>
    /// <returns>Whether one can.</returns>
    internal bool Sleep(long timeoutMicros, PollSet? set)
    {
        if (set is null)
        {
            Sleep(timeoutMicros, spins: 0);
            return false;
        }

        watched = set;
        bool isReadable = Interlocked.CompareExchange(ref Word, Polling, Nothing) == Nothing && set.Sleep(timeoutMicros);
        Interlocked.Exchange(ref Word, Nothing);
        return isReadable;
    }
}
