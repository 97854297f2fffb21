namespace RedLeafSharp.Domains.TcpStack.Tcp;

/// <summary>
/// The connections by the time of their next timer: a binary heap that knows where each one is. A timer that is put off, as
/// most are
/// by each segment, changes nothing here: the connection is asked too early once, and moves then.
/// </summary>
internal sealed class TimerHeap
{
    private TcpConnection[] heap = new TcpConnection[16];
    private int count;

    internal long DeadlineMicros => count == 0 ? long.MaxValue : heap[0].HeapDeadline;

    /// <summary>A connection's earliest timer is now at this time; <see cref="long.MaxValue"/> when none runs.</summary>
    internal void Update(TcpConnection connection, long deadlineMicros)
    {
        if (deadlineMicros == long.MaxValue)
        {
            Remove(connection);
        }
        else if (connection.HeapIndex < 0)
        {
            Add(connection, deadlineMicros);
        }
        else if (deadlineMicros < connection.HeapDeadline)
        {
            connection.HeapDeadline = deadlineMicros;
            MoveUp(connection.HeapIndex);
        }
    }

    /// <summary>Takes out a connection that is due; false when there is none.</summary>
    internal bool TryTake(long nowMicros, out TcpConnection connection)
    {
        connection = heap[0];
        if (count == 0 || connection.HeapDeadline > nowMicros)
        {
            return false;
        }

        Remove(connection);
        return true;
    }

    private void Add(TcpConnection connection, long deadlineMicros)
    {
        if (count == heap.Length)
        {
            var larger = new TcpConnection[2 * count];
            Array.Copy(heap, larger, count);
            heap = larger;
        }

        connection.HeapDeadline = deadlineMicros;
        Place(connection, count++);
        MoveUp(connection.HeapIndex);
    }

    private void Remove(TcpConnection connection)
    {
        int index = connection.HeapIndex;
        if (index < 0)
        {
            return;
        }

        connection.HeapIndex = -1;
        TcpConnection last = heap[--count];
        heap[count] = null!;
        if (index < count)
        {
            Place(last, index);
            MoveDown(index);
            MoveUp(last.HeapIndex);
        }
    }

    private void MoveUp(int index)
    {
        TcpConnection moved = heap[index];
        while (index > 0 && moved.HeapDeadline < heap[(index - 1) / 2].HeapDeadline)
        {
            Place(heap[(index - 1) / 2], index);
            index = (index - 1) / 2;
        }

        Place(moved, index);
    }

    private void MoveDown(int index)
    {
        TcpConnection moved = heap[index];
        while ((2 * index) + 1 < count)
        {
            int child = (2 * index) + 1;
            child += child + 1 < count && heap[child + 1].HeapDeadline < heap[child].HeapDeadline ? 1 : 0;
            if (heap[child].HeapDeadline >= moved.HeapDeadline)
            {
                break;
            }

            Place(heap[child], index);
            index = child;
        }

        Place(moved, index);
    }

    private void Place(TcpConnection connection, int index)
    {
        heap[index] = connection;
        connection.HeapIndex = index;
    }
}
