using Mono.Cecil;

namespace RedLeafSharp.Rewriting;

/// <summary>What is planted at a method's entry.</summary>
[Flags]
internal enum Planting
{
    None = 0,
    EntryPoll = 1,
    StackGuard = 2,
}

/// <summary>
/// Decides which methods are polled and guarded at their entry. Cycles of the call graph are found by Tarjan's algorithm
/// (SIAM Journal on Computing 1(2), 1972), which yields callees before callers: so the rest of the rules, which add up along
/// calls, need one pass.
/// </summary>
internal sealed class PlantingPlan
{
    /// <summary>
    /// Calls in a row without a guard. A frame is bounded by the verifier, at 16 KiB, so that a domain goes at most a step of
    /// stack (256 KiB) beyond its limit.
    /// </summary>
    internal const int UnguardedDepthMax = 16;

    /// <summary>
    /// Instructions that a call may execute without a poll, loops not counted. With calls of the length of a large method in
    /// between it is still milliseconds.
    /// </summary>
    internal const int UnpolledInstructionsMax = 10_000;

    private readonly CallGraph graph;
    private readonly Dictionary<MethodDefinition, Planting> plantings = [];
    private readonly int[] depths;
    private readonly long[] costs;

    internal PlantingPlan(CallGraph graph)
    {
        this.graph = graph;
        depths = new int[graph.Methods.Count + 1];
        costs = new long[graph.Methods.Count + 1];
        foreach (IReadOnlyList<int> component in StrongComponents.Of(graph.Methods.Count + 1, graph.CalleesOf))
        {
            bool isCycle = component.Count > 1 || graph.CalleesOf(component[0]).Contains(component[0]);
            foreach (int node in component.Where(node => node != graph.Outside))
            {
                plantings.Add(graph.Methods[node], Decide(node, isCycle));
            }
        }
    }

    internal IEnumerable<MethodDefinition> Methods => graph.Methods;

    internal Planting this[MethodDefinition method] => plantings[method];

    private Planting Decide(int node, bool isInCycle)
    {
        // A static constructor runs wherever the runtime finds its type used first: in the middle of another one, say.
        MethodDefinition method = graph.Methods[node];
        bool isPlacedAnywhere = isInCycle || method is { IsConstructor: true, IsStatic: true };
        costs[node] = method.Body.Instructions.Count + graph.CalleesOf(node).Sum(callee => costs[callee]);
        depths[node] = 1 + graph.CalleesOf(node).Select(callee => depths[callee]).DefaultIfEmpty().Max();
        Planting planting = Planting.None;
        if (isPlacedAnywhere || graph.IsCallback(node) || costs[node] > UnpolledInstructionsMax)
        {
            planting |= Planting.EntryPoll;
            costs[node] = 0;
        }

        if (isPlacedAnywhere || graph.CallsContract(node) || depths[node] >= UnguardedDepthMax)
        {
            planting |= Planting.StackGuard;
            depths[node] = 0;
        }

        return planting;
    }
}
