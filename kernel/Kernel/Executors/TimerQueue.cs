namespace RedLeafSharp.Kernel.Executors;

/// <summary>
/// The waits of one executor that have a time-out, the earliest on top: a binary heap that knows each thread's place, so
/// that a wait that ends early leaves at once. Threads with equal deadlines end in the order in which they began to wait.
/// </summary>
internal sealed class TimerQueue
{
    private KernelThread[] heap = new KernelThread[16];
    private long sequence;
    private long nextMicros = KernelEvent.Forever;

    internal int Count { get; private set; }

    /// <summary>The earliest deadline, <see cref="KernelEvent.Forever"/> if none. May be read without the lock.</summary>
    internal long NextMicros => Volatile.Read(ref nextMicros);

    internal void Add(KernelThread thread, long deadlineMicros)
    {
        if (Count == heap.Length)
        {
            Array.Resize(ref heap, Count * 2);
        }

        thread.DeadlineMicros = deadlineMicros;
        thread.TimerSequence = sequence++;
        Place(thread, Count++);
        SiftUp(thread.TimerIndex);
        Publish();
    }

    /// <summary>Takes the thread out; nothing happens when it has no timer.</summary>
    internal void Remove(KernelThread thread)
    {
        int index = thread.TimerIndex;
        if (index < 0)
        {
            return;
        }

        thread.TimerIndex = -1;
        KernelThread moved = heap[--Count];
        heap[Count] = null!;
        if (index < Count)
        {
            Place(moved, index);
            SiftUp(index);
            SiftDown(moved.TimerIndex);
        }

        Publish();
    }

    /// <summary>A thread whose deadline is not after <paramref name="nowMicros"/>, still in the queue; or null.</summary>
    internal KernelThread? PeekDue(long nowMicros) => Count > 0 && heap[0].DeadlineMicros <= nowMicros ? heap[0] : null;

    private static bool IsBefore(KernelThread a, KernelThread b) =>
        a.DeadlineMicros != b.DeadlineMicros ? a.DeadlineMicros < b.DeadlineMicros : a.TimerSequence < b.TimerSequence;

    private void Publish() => Volatile.Write(ref nextMicros, Count == 0 ? KernelEvent.Forever : heap[0].DeadlineMicros);

    private void Place(KernelThread thread, int index)
    {
        heap[index] = thread;
        thread.TimerIndex = index;
    }

    private void SiftUp(int index)
    {
        while (index > 0 && IsBefore(heap[index], heap[(index - 1) / 2]))
        {
            Swap(index, (index - 1) / 2);
            index = (index - 1) / 2;
        }
    }

    private void SiftDown(int index)
    {
        for (int child = (index * 2) + 1; child < Count; child = (index * 2) + 1)
        {
            child = child + 1 < Count && IsBefore(heap[child + 1], heap[child]) ? child + 1 : child;
            if (!IsBefore(heap[child], heap[index]))
            {
                return;
            }

            Swap(index, child);
            index = child;
        }
    }

    private void Swap(int a, int b)
    {
        KernelThread other = heap[a];
        Place(heap[b], a);
        Place(other, b);
    }
}
