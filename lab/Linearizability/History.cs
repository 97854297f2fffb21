namespace RedLeafSharp.Lab.Linearizability;

/// <summary>What several clients saw of a store.</summary>
/// <param name="Initial">What a register holds before the first operation.</param>
/// <param name="Operations">In the order in which they were invoked.</param>
internal sealed record History(string? Initial, IReadOnlyList<Operation> Operations);
