namespace RedLeafSharp.Kernel.Executors;

/// <summary>
/// Threads in the order of their arrival, linked through themselves: a thread is in at most one queue, which the type
/// sees to. Every use is under the group's lock; only <see cref="Count"/> may be peeked at.
/// </summary>
/// <param name="waitedFor">What the threads wait for, where the queue is an event's.</param>
internal sealed class ThreadQueue(KernelEvent? waitedFor = null)
{
    private KernelThread? first;
    private KernelThread? last;
    private volatile int count;

    internal KernelEvent? WaitedFor { get; } = waitedFor;

    internal int Count => count;

    internal void AddLast(KernelThread thread)
    {
        Claim(thread);
        (thread.Previous, thread.Next) = (last, null);
        if (last is null)
        {
            first = thread;
        }
        else
        {
            last.Next = thread;
        }

        last = thread;
    }

    /// <summary>For a thread that had its turn and lost it to another that was faster.</summary>
    internal void AddFirst(KernelThread thread)
    {
        Claim(thread);
        (thread.Previous, thread.Next) = (null, first);
        if (first is null)
        {
            last = thread;
        }
        else
        {
            first.Previous = thread;
        }

        first = thread;
    }

    internal KernelThread? TakeFirst()
    {
        KernelThread? thread = first;
        if (thread is not null)
        {
            Remove(thread);
        }

        return thread;
    }

    /// <summary>Takes the thread at a place of the queue, 0 being the first.</summary>
    internal KernelThread TakeAt(int index)
    {
        KernelThread? thread = first;
        for (; index > 0; index--)
        {
            thread = thread?.Next;
        }

        Remove(thread ?? throw new ArgumentOutOfRangeException(nameof(index)));
        return thread;
    }

    internal void Remove(KernelThread thread)
    {
        if (thread.Queue != this)
        {
            throw new InvalidOperationException($"thread {thread.Name} is not in this queue");
        }

        if (thread.Previous is null)
        {
            first = thread.Next;
        }
        else
        {
            thread.Previous.Next = thread.Next;
        }

        if (thread.Next is null)
        {
            last = thread.Previous;
        }
        else
        {
            thread.Next.Previous = thread.Previous;
        }

        (thread.Queue, thread.Previous, thread.Next) = (null, null, null);
        count--;
    }

    private void Claim(KernelThread thread)
    {
        if (thread.Queue is not null)
        {
            throw new InvalidOperationException($"thread {thread.Name} is in a queue already");
        }

        thread.Queue = this;
        count++;
    }
}
