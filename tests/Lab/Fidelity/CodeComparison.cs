using Mono.Cecil;

namespace RedLeafSharp.Tests.Lab.Fidelity;

/// <summary>
/// Whether two methods do the same: on every way through both, the same calls, accesses and branches in the same order, with the same values.
/// </summary>
/// <remarks>
/// Both are executed with symbols, side by side, from event to event. Where ways meet, what is known is what holds on each of them, until
/// nothing changes any more (partition refinement, as in Alpern, Wegman and Zadeck, "Detecting Equality of Variables in Programs", POPL 1988).
/// Methods that it takes for equal are; some that are equal it may take for different.
/// </remarks>
internal sealed class CodeComparison
{
    /// <summary>Visits of pairs of places; a method of the driver has some hundreds.</summary>
    private const int VisitsMax = 20_000;

    private static readonly string[] Reads = ["ldfld", "ldsfld", "ldind", "ldlen", "ldobj", "ldloc", "ldarg", "ldelem"];

    private readonly CodeReader one;
    private readonly CodeReader other;
    private readonly Dictionary<(int One, int Other), PairState> known = [];
    private readonly Queue<(int One, int Other)> open = new();

    private CodeComparison(MethodDefinition one, MethodDefinition other)
    {
        this.one = new CodeReader(one);
        this.other = new CodeReader(other);
    }

    /// <summary>Null when both do the same, otherwise the first difference, for people.</summary>
    internal static string? Difference(MethodDefinition one, MethodDefinition other) => new CodeComparison(one, other).Compare();

    private string? Compare()
    {
        string? difference = Reach(0, 0, new PairState(one.Entry, other.Entry));
        for (int visits = 0; difference is null && open.TryDequeue(out (int One, int Other) at); visits++)
        {
            difference = visits < VisitsMax ? Visit(at) : "too many ways";
        }

        return difference;
    }

    private string? Visit((int One, int Other) at)
    {
        PairState state = known[at].Forget();
        CodeEvent first = one.Run(at.One, state.One);
        CodeEvent second = other.Run(at.Other, state.Other);
        if (!first.IsLike(second))
        {
            PairState before = known[at].Forget();
            return PassesBy(first, state.One) ? ReachAll(first.Next.Select(next => (next, at.Other)), new PairState(state.One, before.Other))
                : PassesBy(second, state.Other) ? ReachAll(second.Next.Select(next => (at.One, next)), new PairState(before.One, state.Other))
                : $"{Words(first)} | {Words(second)}";
        }

        string? difference = null;
        for (int index = 0; index < first.Handlers.Count && difference is null; index++)
        {
            if (first.Handlers[index].HasException != second.Handlers[index].HasException)
            {
                return "other handlers";
            }

            List<string> stack = first.Handlers[index].HasException ? ["#exception"] : [];
            difference = Reach(first.Handlers[index].Start, second.Handlers[index].Start, new PairState(
                new CodeState(state.One.Slots, stack), new CodeState(state.Other.Slots, [.. stack])));
        }

        for (int index = 0; index < first.ResultCount; index++)
        {
            state.One.Stack.Add($"#result {index}");
            state.Other.Stack.Add($"#result {index}");
        }

        if (first.What.StartsWith("leave", StringComparison.Ordinal))
        {
            one.ForgetFinally(state.One, "one ");
            other.ForgetFinally(state.Other, "other ");
        }

        return difference ?? ReachAll(first.Next.Zip(second.Next), state);
    }

    /// <summary>
    /// Whether one of the methods may do something alone: reads what it has no use for, or asks what makes no difference. The compiler drops that
    /// where the value is used no more.
    /// </summary>
    private static bool PassesBy(CodeEvent happens, CodeState state)
    {
        bool isRead = happens.ResultCount == 1 && Reads.Any(read => happens.What.StartsWith(read, StringComparison.Ordinal));
        if (isRead)
        {
            state.Stack.Add("#unused");
        }

        return happens.Handlers.Count == 0 && (isRead || happens.Next.Count > 1);
    }

    private string? ReachAll(IEnumerable<(int One, int Other)> places, PairState state) =>
        places.Select(place => Reach(place.One, place.Other, state)).FirstOrDefault(difference => difference is not null);

    private string? Reach(int first, int second, PairState state)
    {
        PairState now = state.Forget();
        if (!known.TryGetValue((first, second), out PairState? before))
        {
            known.Add((first, second), now);
            open.Enqueue((first, second));
            return null;
        }

        if (!before.HasShapeOf(now))
        {
            return "other stacks";
        }

        if (before.Meet(now) is { } met)
        {
            known[(first, second)] = met.Forget();
            open.Enqueue((first, second));
        }

        return null;
    }

    private static string Words(CodeEvent one) => $"{one.What}({string.Join(", ", one.Values)})";
}
