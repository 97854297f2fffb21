namespace RedLeafSharp.Lab.Linearizability;

/// <summary>The search for an order of the operations on one register.</summary>
internal sealed class RegisterSearch
{
    private readonly Operation[] operations;
    private readonly long configurationCountMax;
    private readonly HashSet<Configuration> seen = [];
    private readonly Stack<(Event Call, string? Before)> order = new();
    private readonly Event head = new(null, isReturn: false);
    private readonly Dictionary<Operation, int> numbers;
    private readonly ulong[] done;
    private string? state;

    internal RegisterSearch(string? initial, Operation[] operations, long configurationCountMax)
    {
        this.operations = operations;
        this.configurationCountMax = configurationCountMax;
        state = initial;
        done = new ulong[(operations.Length + 63) / 64];
        numbers = new Dictionary<Operation, int>(ReferenceEqualityComparer.Instance);
        Link();
    }

    internal long Configurations => seen.Count;

    /// <summary>The longest order met so far.</summary>
    internal IReadOnlyList<Operation> Longest { get; private set; } = [];

    /// <summary>The operation whose return ended the longest order.</summary>
    internal Operation? Blocked { get; private set; }

    /// <summary>Walks along the events; a call that fits is taken out, a return that is reached asks for another choice before.</summary>
    internal VerdictKind Run()
    {
        Event? at = head.Next;
        while (at is not null)
        {
            if (at.IsReturn)
            {
                NoteBlocked(at);
                if (!order.TryPop(out (Event Call, string? Before) last))
                {
                    return VerdictKind.Violated;
                }

                Undo(last.Call, last.Before);
                at = last.Call.Next;
            }
            else if (TryTake(at))
            {
                if (seen.Count > configurationCountMax)
                {
                    return VerdictKind.Undecided;
                }

                at = head.Next;
            }
            else
            {
                at = at.Next;
            }
        }

        Blocked = null;
        return VerdictKind.Linearizable;
    }

    /// <summary>
    /// One list of all calls and returns in the order of time. Returns that were never seen come last, so such operations may
    /// happen at any time after their call; that they happen at all is no restriction, for at the end nobody looks.
    /// </summary>
    private void Link()
    {
        var events = new List<(long At, Event Event)>();
        for (int i = 0; i < operations.Length; i++)
        {
            Operation operation = operations[i];
            numbers.Add(operation, i);
            var call = new Event(operation, isReturn: false);
            var end = new Event(operation, isReturn: true);
            call.Return = end;
            events.Add((operation.InvokedAt, call));
            events.Add((operation.ReturnedAt == Operation.Never ? (long)Operation.Never + i : operation.ReturnedAt, end));
        }

        Event last = head;
        foreach ((_, Event next) in events.OrderBy(entry => entry.At))
        {
            last.Next = next;
            next.Previous = last;
            last = next;
        }
    }

    private bool TryTake(Event call)
    {
        Operation operation = call.Operation!;
        if (!operation.TryApply(state, out string? next))
        {
            return false;
        }

        Mark(operation, isDone: true);
        if (!seen.Add(new Configuration([.. done], next)))
        {
            Mark(operation, isDone: false);
            return false;
        }

        order.Push((call, state));
        state = next;
        call.Unlink();
        call.Return!.Unlink();
        return true;
    }

    private void Undo(Event call, string? before)
    {
        state = before;
        Mark(call.Operation!, isDone: false);
        call.Return!.Relink();
        call.Relink();
    }

    private void Mark(Operation operation, bool isDone)
    {
        int number = numbers[operation];
        ulong bit = 1UL << (number % 64);
        done[number / 64] = isDone ? done[number / 64] | bit : done[number / 64] & ~bit;
    }

    private void NoteBlocked(Event at)
    {
        if (Blocked is null || order.Count > Longest.Count)
        {
            Longest = [.. order.Reverse().Select(taken => taken.Call.Operation!)];
            Blocked = at.Operation;
        }
    }

    /// <summary>A call or a return, in a list from which it can be taken and to which it can be given back.</summary>
    private sealed class Event(Operation? operation, bool isReturn)
    {
        internal Operation? Operation { get; } = operation;

        internal bool IsReturn { get; } = isReturn;

        internal Event? Previous { get; set; }

        internal Event? Next { get; set; }

        internal Event? Return { get; set; }

        internal void Unlink()
        {
            Previous!.Next = Next;
            if (Next is not null)
            {
                Next.Previous = Previous;
            }
        }

        internal void Relink()
        {
            Previous!.Next = this;
            if (Next is not null)
            {
                Next.Previous = this;
            }
        }
    }
}
