namespace RedLeafSharp.Machine.Nvme;

/// <summary>A command between its fetch and its execution.</summary>
internal struct PendingCommand
{
    internal SubmissionQueue Queue;
    internal SubmissionEntry Entry;
    internal CommandFault Fault;
    internal long DueStep;
}

/// <summary>
/// Commands that wait for their step, in the order of their fetch. Commands that are due in the same step are carried out
/// in that order, except those whose completion queue is full, which go on waiting.
/// </summary>
/// <param name="capacity">Commands at most.</param>
/// <param name="clock">What a step is counted by; each is 1 if null.</param>
internal sealed class PendingCommands(int capacity, Func<long>? clock = null)
{
    private readonly PendingCommand[] commands = new PendingCommand[capacity];
    private long step;
    private long latestDueStep;
    private int cursor;

    internal int Count { get; private set; }

    internal bool IsFull => Count == commands.Length;

    /// <summary>By the clock, when the next command becomes due that is not; the end of time if none does.</summary>
    internal long NextDue
    {
        get
        {
            long next = long.MaxValue;
            foreach (ref readonly PendingCommand command in commands.AsSpan(0, Count))
            {
                next = command.DueStep > step ? Math.Min(next, command.DueStep) : next;
            }

            return next;
        }
    }

    internal void Add(SubmissionQueue queue, in SubmissionEntry entry, CommandFault fault, int steps)
    {
        step = clock?.Invoke() ?? step;
        latestDueStep = Math.Max(latestDueStep, step + steps);
        commands[Count++] = new PendingCommand { Queue = queue, Entry = entry, Fault = fault, DueStep = step + steps };
    }

    /// <summary>Begins the next step.</summary>
    /// <returns>
    /// Whether steps alone make commands due; what waits for room in a completion queue waits for the driver, and what waits for
    /// a clock is told by <see cref="NextDue"/>.
    /// </returns>
    internal bool Advance()
    {
        cursor = 0;
        if (clock is not null)
        {
            step = clock();
            return false;
        }

        return Count > 0 && step++ < latestDueStep;
    }

    /// <summary>Takes the next command that is due in this step.</summary>
    internal bool TryTakeDue(out PendingCommand command)
    {
        for (; cursor < Count; cursor++)
        {
            if (commands[cursor].DueStep <= step && !commands[cursor].Queue.Completions.IsFull)
            {
                command = commands[cursor];
                RemoveAt(cursor);
                return true;
            }
        }

        command = default;
        return false;
    }

    internal bool TryRemove(int queueId, ushort commandId, out PendingCommand command)
    {
        for (int index = 0; index < Count; index++)
        {
            if (commands[index].Queue.Id == queueId && commands[index].Entry.CommandId == commandId)
            {
                command = commands[index];
                RemoveAt(index);
                return true;
            }
        }

        command = default;
        return false;
    }

    internal void RemoveAll(SubmissionQueue queue)
    {
        for (int index = Count - 1; index >= 0; index--)
        {
            if (commands[index].Queue == queue)
            {
                RemoveAt(index);
            }
        }
    }

    internal void Clear()
    {
        Array.Clear(commands, 0, Count);
        Count = 0;
    }

    private void RemoveAt(int index)
    {
        Count--;
        Array.Copy(commands, index + 1, commands, index, Count - index);
        commands[Count] = default;
        if (index < cursor)
        {
            cursor--;
        }
    }
}
