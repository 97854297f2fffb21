namespace RedLeafSharp.Verification.Flow;

internal enum RegionKind : byte
{
    Try,
    Filter,
    Catch,
    Finally,
    Fault,
}

/// <summary>A part of the code that is entered and left by rules of its own (ECMA-335 III.1.7.5 and I.12.4.2.8.1).</summary>
internal sealed class Region(RegionKind kind, int start, int end)
{
    internal RegionKind Kind { get; } = kind;

    internal int Start { get; } = start;

    internal int End { get; } = end;

    /// <summary>The smallest region around this one.</summary>
    internal Region? Parent { get; set; }

    /// <summary>Of a handler: the clause.</summary>
    internal Handler? Owner { get; set; }

    /// <summary>Of a try: the handlers that its exceptions reach. Of a filter: those that run after it.</summary>
    internal List<Handler> Handlers { get; } = [];

    internal bool Contains(int offset) => offset >= Start && offset < End;

    internal bool Contains(Region other) => other.Start >= Start && other.End <= End;

    internal bool IsDisjoint(Region other) => other.End <= Start || other.Start >= End;
}

/// <summary>An exception clause.</summary>
/// <param name="Try">What it protects.</param>
/// <param name="Body">The handler.</param>
/// <param name="Filter">The filter; null if it has none.</param>
/// <param name="CatchType">What the stack holds when the handler starts; null for nothing.</param>
internal sealed record Handler(Region Try, Region Body, Region? Filter, Type? CatchType)
{
    internal bool IsFinally => Body.Kind == RegionKind.Finally;

    /// <summary>Whether it runs in the second pass: after the filters of all callers have run.</summary>
    internal bool IsSecondPass => Body.Kind is RegionKind.Finally or RegionKind.Fault;

    /// <summary>State in which a finally ends; null as long as no path to its end is known.</summary>
    internal FrameState? Exit { get; set; }

    /// <summary>Borrows that end in a finally.</summary>
    internal ulong KilledPlaces { get; set; }

    /// <summary>Tracked slots that a finally mentions; the state of the others goes around it.</summary>
    internal bool[] TouchedSlots { get; set; } = [];

    /// <summary>Starts of blocks whose leave passes through this finally.</summary>
    internal HashSet<int> Leavers { get; } = [];
}
