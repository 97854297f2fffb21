namespace RedLeafSharp.Verification.Flow;

/// <summary>A method in the call graph, or a set of methods of which any may be called.</summary>
internal sealed class CallNode
{
    /// <summary>The cells that the method may empty, itself or through what it calls.</summary>
    internal CellSet Emptied { get; } = new();

    /// <summary>The cells that a borrow may be from which the method returns.</summary>
    internal CellSet Returned { get; } = new();

    /// <summary>Those that call it.</summary>
    internal List<CallNode> Callers { get; } = [];

    /// <summary>Whether the method returns a reference or a ref struct.</summary>
    internal bool CanReturnBorrow { get; set; }

    /// <summary>Whether it is other domains, or other calls of this one, that may empty them, and not code that is called here.</summary>
    internal bool IsOfOthers { get; set; }

    internal bool IsQueued { get; set; }

    /// <summary>Takes it for a method that does anything: it cannot be judged.</summary>
    internal void Refuse()
    {
        Emptied.AddAny();
        Returned.AddAny();
    }

    /// <summary>Takes in what a callee may do; returns whether that was new.</summary>
    internal bool Add(CallNode callee)
    {
        bool grew = Emptied.Add(callee.Emptied);
        return (CanReturnBorrow && Returned.Add(callee.Returned)) || grew;
    }
}
