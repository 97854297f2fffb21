using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RedLeafSharp.Memory;
using RedLeafSharp.Scheduling;

namespace RedLeafSharp;

/// <summary>
/// The kernel's record of one thread: the chain of domains on its stack and the executor it runs in.
/// </summary>
/// <remarks>
/// The chain is a native array so that the killer can read it while the thread runs, and so that it is not moved by the
/// collector. The entry below the top is the caller of the top.
/// </remarks>
internal sealed unsafe class ThreadContext : IDisposable
{
    /// <summary>Nested crossings on one thread. Deeper is a cycle in the capability graph or runaway recursion.</summary>
    internal const int ChainDepthMax = 128;

    /// <summary>The mark of the look at processor time, see <see cref="MarkCalls"/>.</summary>
    internal const ulong Metered = 1UL << 32;

    /// <summary>The mark of <see cref="NoteLook"/>.</summary>
    internal const ulong Noted = 1UL << 33;

    /// <summary>The mark of the look at deadlines, see <see cref="MarkCalls"/>.</summary>
    internal const ulong Timed = 1UL << 34;

    /// <summary>
    /// The context in which the calling thread runs code of domains; null on threads of the host. Only for code that has no
    /// <see cref="CallContext"/>: reading it costs as much as a crossing's whole bookkeeping.
    /// </summary>
    [ThreadStatic]
    internal static ThreadContext? Current;

    private readonly ChainEntry* chain;

    internal ThreadContext(Scheduler scheduler, ExchangeHeapCache heap, int executorId, uint bottomDomain)
    {
        // SAFETY: freed once, by Dispose, after the thread has ended.
        chain = (ChainEntry*)NativeMemory.AlignedAlloc((ChainDepthMax + 2) * (nuint)sizeof(ChainEntry), 64);
        new Span<ChainEntry>(chain, ChainDepthMax + 2).Clear();
        chain[0].Domain = DomainId.Kernel.Value;
        chain[1].Domain = bottomDomain;
        ChainTop = chain + 1;
        ChainLimit = chain + ChainDepthMax;
        Scheduler = scheduler;
        Heap = heap;
        ExecutorId = executorId;
    }

    /// <summary>Points at the entry of the running domain.</summary>
    internal ChainEntry* ChainTop;

    internal readonly ChainEntry* ChainLimit;

    /// <summary>The executor whose baton this thread holds; changes when the thread migrates.</summary>
    internal int ExecutorId;

    /// <summary>See <see cref="ThreadFlags"/>; read by every proxy on return.</summary>
    internal volatile int Flags;

    /// <summary>The free lists of the executor that this thread is in.</summary>
    internal ExchangeHeapCache Heap;

    internal readonly Scheduler Scheduler;

    /// <summary>The scheduler's own record of this thread.</summary>
    internal object? SchedulerState;

    /// <summary>
    /// Set while an exception of the kernel's own making unwinds the thread, so that exception barriers do not blame the
    /// domains it passes through. The thread's scheduler sets and clears it.
    /// </summary>
    internal bool IsUnwinding;

    internal uint CurrentDomain
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ChainTop->Domain;
    }

    internal uint CallingDomain => (ChainTop - 1)->Domain;

    /// <summary>How many entries the chain has. Asked by the thread itself, or while it is suspended.</summary>
    internal int ChainLength => (int)(ChainTop - chain) + 1;

    /// <summary>An entry of the chain, 0 being the kernel below the bottom domain. Asked like <see cref="ChainLength"/>.</summary>
    internal uint ChainEntry(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)ChainLength, nameof(index));
        return chain[index].Domain;
    }

    /// <summary>Takes a callee that was not entered off the chain, before an exception goes to its caller.</summary>
    internal void PopChain()
    {
        if (ChainTop > chain)
        {
            ChainTop--;
        }
    }

    /// <summary>
    /// Whether a callee that is on top of the chain has been on it before. A domain that is not re-entrant is entered by nobody
    /// else while it is on a chain, so the place where it was entered last is the place to look.
    /// </summary>
    internal bool HasEntered(DomainGate gate)
    {
        var entry = (ChainEntry*)gate.EnteredAt;
        return entry >= chain && entry < ChainTop && entry->Domain == gate.Id;
    }

    /// <summary>Whether a domain is on the chain. May be asked from another thread, after a process-wide barrier.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal bool IsOnChain(uint domain)
    {
        ChainEntry* top = ChainTop;
        for (ChainEntry* entry = chain; entry <= top; entry++)
        {
            if (entry->Domain == domain)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a domain is on the chain, and is not the one on its top. The kernel, which is below all, counts as nobody.</summary>
    internal bool IsCaller(uint domain) => domain > DomainId.Kernel.Value && domain != CurrentDomain && IsOnChain(domain);

    /// <summary>
    /// Marks every call on the chain, from another thread, while this one runs. A call overwrites the marks of the one that was
    /// in its place: whatever has a mark at the next look has been there since this one.
    /// </summary>
    /// <param name="mark">Whose look it is: <see cref="Metered"/> or <see cref="Timed"/>.</param>
    /// <returns>How many calls, from the bottom on, had the mark already.</returns>
    internal int MarkCalls(ulong mark)
    {
        int marked = 0;
        ChainEntry* top = ChainTop;
        for (ChainEntry* entry = chain; entry <= top; entry++)
        {
            ulong word = Volatile.Read(ref entry->Word);
            if ((word & mark) == 0)
            {
                // Fails when a call has begun in this place meanwhile: it must not inherit marks. It is seen at the next look.
                _ = Interlocked.CompareExchange(ref entry->Word, word | mark, word);
            }
            else if (marked == entry - chain)
            {
                marked++;
            }
        }

        return marked;
    }

    /// <summary>Leaves a note at the running call, which the next call in its place wipes out. Asked by the thread itself.</summary>
    /// <returns>Whether the note was there.</returns>
    internal bool NoteLook() => (Interlocked.Or(ref ChainTop->Word, Noted) & Noted) != 0;

    /// <summary>The whole entry of a call that another thread has found marked; of any call if that one is over.</summary>
    internal ulong WordAt(int index) => Volatile.Read(ref chain[Math.Clamp(index, 0, ChainDepthMax)].Word);

    public void Dispose() => NativeMemory.AlignedFree(chain);
}

/// <summary>
/// One call on a thread's chain: 32 bits of the callee's id, 4 of marks, and 28 of a <see cref="CallTag"/>. A call writes all of it
/// with one store, without marks.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = sizeof(ulong))]
internal struct ChainEntry
{
    /// <summary>The whole entry.</summary>
    [FieldOffset(0)]
    internal ulong Word;

    /// <summary>The callee.</summary>
    [FieldOffset(0)]
    internal uint Domain;
}

/// <summary>Why a thread has to look up from its work when a crossing returns.</summary>
[Flags]
internal enum ThreadFlags
{
    None = 0,

    /// <summary>A domain on the chain has been killed.</summary>
    KillPending = 1,

    /// <summary>Threads wait for a domain that this thread was suspended in; they are let in when it leaves.</summary>
    ReleaseWaiters = 2,
}
