namespace RedLeafSharp.Lab.Linearizability;

/// <summary>
/// Looks for an order in which the operations of a history, one at a time, could have given the results that were seen, each
/// between its invocation and its return (Herlihy and Wing 1990).
/// </summary>
/// <remarks>
/// The search of Wing and Gong (1993) with Lowe's memory (2017) of which sets of operations led to which values. Registers are
/// independent, so each is searched by itself: linearizability is a local property. The problem is NP-complete; the search is
/// bounded and says so when it gives up.
/// </remarks>
internal static class LinearizabilityChecker
{
    /// <summary>Memory of about a gigabyte with a thousand operations of one register.</summary>
    internal const long ConfigurationCountMax = 5_000_000;

    /// <param name="history">What was seen.</param>
    /// <param name="configurationCountMax">Where the search of one register ends undecided.</param>
    internal static Verdict Check(History history, long configurationCountMax = ConfigurationCountMax)
    {
        long configurations = 0;
        Verdict? undecided = null;
        foreach (IGrouping<string, Operation> register in history.Operations.GroupBy(operation => operation.Key))
        {
            var search = new RegisterSearch(history.Initial, [.. register], configurationCountMax);
            VerdictKind kind = search.Run();
            configurations += search.Configurations;
            var verdict = new Verdict(kind, register.Key, search.Longest, search.Blocked, configurations);
            if (kind == VerdictKind.Violated)
            {
                return verdict;
            }

            undecided = kind == VerdictKind.Undecided ? verdict : undecided;
        }

        return undecided ?? new Verdict(VerdictKind.Linearizable, null, [], null, configurations);
    }
}
