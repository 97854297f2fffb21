namespace RedLeafSharp.Lab.Faults;

/// <summary>What is done at a place of a domain's code.</summary>
internal enum SiteAction
{
    /// <summary>Throws an exception of the lab's own.</summary>
    Throw,

    /// <summary>Throws what the runtime throws for a null reference.</summary>
    ThrowNull,

    /// <summary>Throws what the runtime throws when there is no memory.</summary>
    ThrowNoMemory,

    /// <summary>Computes without end.</summary>
    Spin,

    /// <summary>Waits for what nobody signals.</summary>
    Hang,

    /// <summary>Waits for some time, and goes on.</summary>
    Delay,

    /// <summary>Makes arrays, keeps them, and throws when there is no memory.</summary>
    Allocate,

    /// <summary>Allocates pages of the exchange heap, forgets them, and goes on.</summary>
    Leak,

    /// <summary>Calls itself until its stack is used up.</summary>
    Recurse,
}

/// <summary>Where a fault in code may stand.</summary>
internal enum SitePlace
{
    /// <summary>Before any statement.</summary>
    Anywhere,

    /// <summary>Before the first statement of a contract's method: the call has not done anything.</summary>
    Entry,

    /// <summary>Before another statement of such a method.</summary>
    Inside,

    /// <summary>Before its last statement: the call has done its work, and its reply gets lost.</summary>
    Exit,
}

/// <summary>A fault that strikes where the code of a domain is.</summary>
/// <param name="Kind">As plans name it.</param>
/// <param name="Action">What is done.</param>
/// <param name="Place">Where.</param>
/// <param name="Least">Of the argument, where the trial draws it.</param>
/// <param name="Most">Of the argument.</param>
/// <param name="Summary">For people.</param>
internal sealed record SiteFaultKind(string Kind, SiteAction Action, SitePlace Place, long Least, long Most, string Summary)
{
    /// <summary>A withheld reply that no time-out notices is 10 us to 100 ms late; drivers are given 5 s.</summary>
    private const int DelayMicrosMax = 100_000;

    internal static IReadOnlyList<SiteFaultKind> All { get; } =
    [
        new("boundary.throw-before", SiteAction.Throw, SitePlace.Entry, 0, 0, "a contract's method throws before it has done anything"),
        new("boundary.throw-during", SiteAction.Throw, SitePlace.Inside, 0, 0, "a contract's method throws in the middle"),
        new("boundary.throw-after", SiteAction.Throw, SitePlace.Exit, 0, 0, "a contract's method throws when it has done its work"),
        new("boundary.delay", SiteAction.Delay, SitePlace.Exit, 10, DelayMicrosMax, "a reply comes late"),
        new("boundary.withhold", SiteAction.Hang, SitePlace.Exit, 0, 0, "a reply never comes"),
        new("boundary.no-memory", SiteAction.ThrowNoMemory, SitePlace.Entry, 0, 0, "a contract's method finds no memory"),
        new("behaviour.throw", SiteAction.Throw, SitePlace.Anywhere, 0, 0, "a statement throws"),
        new("behaviour.null", SiteAction.ThrowNull, SitePlace.Anywhere, 0, 0, "a statement uses a null reference"),
        new("behaviour.spin", SiteAction.Spin, SitePlace.Anywhere, 0, 0, "a loop does not end"),
        new("behaviour.hang", SiteAction.Hang, SitePlace.Anywhere, 0, 0, "a wait does not end"),
        new("behaviour.delay", SiteAction.Delay, SitePlace.Anywhere, 10, DelayMicrosMax, "a statement takes long"),
        new("behaviour.allocate", SiteAction.Allocate, SitePlace.Anywhere, 0, 0, "allocation runs away"),
        new("behaviour.leak", SiteAction.Leak, SitePlace.Anywhere, 1, 64, "pages of the exchange heap are forgotten"),
        new("behaviour.recurse", SiteAction.Recurse, SitePlace.Anywhere, 0, 0, "a recursion does not end"),
    ];

    internal static SiteFaultKind? Find(string kind) => All.FirstOrDefault(one => one.Kind == kind);
}
