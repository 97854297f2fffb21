namespace RedLeafSharp.Lab.Faults;

/// <summary>A way in which a device fails.</summary>
/// <typeparam name="TCounter">What the device's occurrences are counted by.</typeparam>
internal interface IFaultKind<TCounter>
{
    /// <summary>At which occurrences it may strike.</summary>
    TCounter Counter { get; }
}

/// <summary>The armed faults of one device, and how often each kind of thing has happened at which they may strike.</summary>
/// <param name="faults">Those of the trial that are the device's.</param>
/// <param name="find">The kind of a name without its class.</param>
internal sealed class CountedFaults<TCounter, TKind>(IEnumerable<ArmedFault> faults, Func<string, TKind> find)
    where TCounter : struct, Enum
    where TKind : IFaultKind<TCounter>
{
    private readonly Dictionary<TCounter, long> counts = Enum.GetValues<TCounter>().ToDictionary(counter => counter, _ => 0L);

    /// <summary>All of them, in the order of the plan.</summary>
    internal (ArmedFault Fault, TKind Kind)[] All { get; } =
        [.. faults.Select(fault => (fault, find(FaultNames.NameOf(fault.Plan.Kind))))];

    internal long CountOf(TCounter counter) => counts[counter];

    internal void Count(TCounter counter) => counts[counter]++;

    /// <summary>Counts from now on.</summary>
    internal void Begin()
    {
        foreach (TCounter counter in Enum.GetValues<TCounter>())
        {
            counts[counter] = 0;
        }
    }

    /// <summary>Something happens: counts it, and tells whether any fault of such occurrences strikes.</summary>
    /// <param name="counter">What happens.</param>
    /// <param name="place">Where, for people.</param>
    internal bool StrikesAny(TCounter counter, Func<string> place)
    {
        Count(counter);
        bool strikes = false;
        foreach ((ArmedFault fault, TKind kind) in All)
        {
            strikes |= EqualityComparer<TCounter>.Default.Equals(kind.Counter, counter) && fault.Strikes(place);
        }

        return strikes;
    }
}
