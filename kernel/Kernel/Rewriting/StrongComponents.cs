namespace RedLeafSharp.Rewriting;

/// <summary>
/// The strongly connected components of a directed graph, callees before callers: Tarjan's algorithm, without recursion, for an
/// image may hold chains of calls longer than a stack.
/// </summary>
internal sealed class StrongComponents
{
    private readonly Func<int, IReadOnlyList<int>> successorsOf;
    private readonly int[] numbers;
    private readonly int[] lows;
    private readonly bool[] isOpen;
    private readonly Stack<int> open = new();
    private readonly Stack<(int Node, int NextSuccessor)> path = new();
    private readonly List<IReadOnlyList<int>> components = [];
    private int visited;

    private StrongComponents(int nodeCount, Func<int, IReadOnlyList<int>> successorsOf)
    {
        this.successorsOf = successorsOf;
        numbers = new int[nodeCount];
        lows = new int[nodeCount];
        isOpen = new bool[nodeCount];
    }

    internal static IReadOnlyList<IReadOnlyList<int>> Of(int nodeCount, Func<int, IReadOnlyList<int>> successorsOf)
    {
        var search = new StrongComponents(nodeCount, successorsOf);
        for (int node = 0; node < nodeCount; node++)
        {
            if (search.numbers[node] == 0)
            {
                search.VisitFrom(node);
            }
        }

        return search.components;
    }

    private void VisitFrom(int root)
    {
        Open(root);
        while (path.TryPop(out (int Node, int NextSuccessor) at))
        {
            IReadOnlyList<int> successors = successorsOf(at.Node);
            if (at.NextSuccessor < successors.Count)
            {
                path.Push((at.Node, at.NextSuccessor + 1));
                Follow(at.Node, successors[at.NextSuccessor]);
            }
            else
            {
                Close(at.Node);
            }
        }
    }

    private void Follow(int node, int successor)
    {
        if (numbers[successor] == 0)
        {
            Open(successor);
        }
        else if (isOpen[successor])
        {
            lows[node] = Math.Min(lows[node], lows[successor]);
        }
    }

    private void Open(int node)
    {
        numbers[node] = lows[node] = ++visited;
        isOpen[node] = true;
        open.Push(node);
        path.Push((node, 0));
    }

    private void Close(int node)
    {
        if (path.TryPeek(out (int Node, int NextSuccessor) parent))
        {
            lows[parent.Node] = Math.Min(lows[parent.Node], lows[node]);
        }

        if (lows[node] != numbers[node])
        {
            return;
        }

        var component = new List<int>();
        int member;
        do
        {
            member = open.Pop();
            isOpen[member] = false;
            component.Add(member);
        }
        while (member != node);
        components.Add(component);
    }
}
