using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace RedLeafSharp.Analyzers.Ownership;

/// <summary>All that is known at one point of a method. Immutable, so that a state can be kept for each block.</summary>
internal sealed record FlowState(
    ImmutableDictionary<Place, Ownership> Owners,
    ImmutableDictionary<Place, ImmutableHashSet<Origin>> Borrows,
    ImmutableDictionary<Place, ImmutableArray<Implication>> Conditions)
{
    internal static readonly FlowState Start = new(
        ImmutableDictionary<Place, Ownership>.Empty,
        ImmutableDictionary<Place, ImmutableHashSet<Origin>>.Empty,
        ImmutableDictionary<Place, ImmutableArray<Implication>>.Empty);

    internal Ownership OwnershipOf(Place place) =>
        Owners.TryGetValue(place, out Ownership? found) ? found : Ownership.Of(Holding.Nothing);

    internal ImmutableHashSet<Origin> OriginsOf(Place place) =>
        Borrows.TryGetValue(place, out ImmutableHashSet<Origin>? found) ? found : [];

    internal FlowState With(Place place, Ownership ownership) => this with
    {
        Owners = Owners.SetItem(place, ownership),
        Conditions = Conditions.RemoveRange(Conditions
            .Where(condition => condition.Value.Any(implication => implication.Place.Equals(place)))
            .Select(condition => condition.Key)),
    };

    internal FlowState With(Place place, ImmutableHashSet<Origin> origins) =>
        this with { Borrows = origins.IsEmpty ? Borrows.Remove(place) : Borrows.SetItem(place, origins) };

    internal FlowState With(Place place, ImmutableArray<Implication> implications) =>
        this with { Conditions = implications.IsEmpty ? Conditions.Remove(place) : Conditions.SetItem(place, implications) };

    /// <summary>Ends the borrows that come from a place; one that has ended before keeps its first end.</summary>
    internal FlowState End(Func<Origin, bool> isHit, Ending ending, SyntaxNode site)
    {
        ImmutableDictionary<Place, ImmutableHashSet<Origin>> borrows = Borrows;
        foreach (KeyValuePair<Place, ImmutableHashSet<Origin>> borrow in Borrows)
        {
            if (borrow.Value.Any(origin => origin.Ending == Ending.None && isHit(origin)))
            {
                borrows = borrows.SetItem(borrow.Key, [.. borrow.Value.Select(origin =>
                    origin.Ending == Ending.None && isHit(origin) ? origin with { Ending = ending, Site = site } : origin)]);
            }
        }

        return ReferenceEquals(borrows, Borrows) ? this : this with { Borrows = borrows };
    }

    /// <summary>Forgets a variable whose scope ends.</summary>
    internal FlowState Without(Place place) =>
        this with { Owners = Owners.Remove(place), Borrows = Borrows.Remove(place), Conditions = Conditions.Remove(place) };

    /// <summary>What is known where a condition has turned out; null when it cannot turn out so.</summary>
    internal FlowState? Assume(ImmutableArray<Implication> implications, bool outcome)
    {
        FlowState state = this;
        foreach (Implication implication in implications)
        {
            Ownership ownership = state.OwnershipOf(implication.Place);
            Holding holding = ownership.Holding;
            switch (outcome ? implication.IsEmptyWhenTrue : implication.IsEmptyWhenFalse)
            {
                case true:
                    holding &= Holding.IsNull;
                    holding = holding == Holding.Nothing ? Holding.Empty : holding;
                    break;
                case false:
                    holding &= ~Holding.IsNull;
                    if (holding == Holding.Nothing && ownership.Holding != Holding.Nothing)
                    {
                        return null;
                    }

                    break;
            }

            state = state with { Owners = state.Owners.SetItem(implication.Place, ownership with { Holding = holding }) };
        }

        return state;
    }

    internal FlowState Join(FlowState other)
    {
        ImmutableDictionary<Place, Ownership> owners = Owners;
        foreach (KeyValuePair<Place, Ownership> entry in other.Owners)
        {
            bool isKnown = Owners.TryGetValue(entry.Key, out Ownership? mine);
            owners = owners.SetItem(entry.Key, isKnown ? mine!.Join(entry.Value) : entry.Value);
        }

        ImmutableDictionary<Place, ImmutableHashSet<Origin>> borrows = Borrows;
        foreach (KeyValuePair<Place, ImmutableHashSet<Origin>> entry in other.Borrows)
        {
            borrows = borrows.SetItem(entry.Key, OriginsOf(entry.Key).Union(entry.Value));
        }

        // A condition holds only where it holds on both paths.
        ImmutableDictionary<Place, ImmutableArray<Implication>> conditions = Conditions.RemoveRange(Conditions
            .Where(entry => !other.Conditions.TryGetValue(entry.Key, out ImmutableArray<Implication> theirs)
                || !theirs.SequenceEqual(entry.Value))
            .Select(entry => entry.Key));
        return new FlowState(owners, borrows, conditions);
    }

    public bool Equals(FlowState? other) => other is not null
        && IsSame(Owners, other.Owners, (mine, theirs) => mine.Equals(theirs))
        && IsSame(Borrows, other.Borrows, (mine, theirs) => mine.SetEquals(theirs))
        && IsSame(Conditions, other.Conditions, (mine, theirs) => mine.SequenceEqual(theirs));

    public override int GetHashCode() => Owners.Count;

    private static bool IsSame<T>(
        ImmutableDictionary<Place, T> mine, ImmutableDictionary<Place, T> theirs, Func<T, T, bool> isEqual) =>
        ReferenceEquals(mine, theirs)
        || (mine.Count == theirs.Count
            && mine.All(entry => theirs.TryGetValue(entry.Key, out T? value) && isEqual(entry.Value, value!)));
}
