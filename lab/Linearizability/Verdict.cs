namespace RedLeafSharp.Lab.Linearizability;

/// <summary>What the search for a sequential order came to.</summary>
internal enum VerdictKind
{
    /// <summary>There is an order.</summary>
    Linearizable,

    /// <summary>There is none.</summary>
    Violated,

    /// <summary>The bound of the search was reached before.</summary>
    Undecided,
}

/// <summary>A verdict about a history.</summary>
/// <param name="Kind">Whether it is linearizable.</param>
/// <param name="Key">The register that decided; null when all are linearizable.</param>
/// <param name="Longest">The longest order found for that register: operations that agree with each other.</param>
/// <param name="Blocked">An operation that fits nowhere after it; null when there is none.</param>
/// <param name="Configurations">How many pairs of a set of operations and a value were looked at.</param>
internal sealed record Verdict(
    VerdictKind Kind, string? Key, IReadOnlyList<Operation> Longest, Operation? Blocked, long Configurations);
