using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace RedLeafSharp.Analyzers.Ownership;

/// <summary>What a variable may hold where paths meet: one bit for each possibility. No bit: not assigned yet.</summary>
[Flags]
internal enum Holding
{
    Nothing = 0,

    /// <summary>The empty reference.</summary>
    Empty = 1,

    Owned = 2,

    /// <summary>Passed on by value: the variable still holds the words of the reference, but they are stale.</summary>
    Moved = 4,

    /// <summary>Freed by reference, which empties the variable.</summary>
    Freed = 8,

    /// <summary>Put into a cell by reference, which empties the variable.</summary>
    Given = 16,

    /// <summary>Whatever other code left there; may be used, and nobody asks where it ends.</summary>
    Unknown = 32,

    Gone = Moved | Freed | Given,
    IsNull = Empty | Freed | Given,
}

/// <summary>A variable, or a value that the compiler keeps while an expression branches.</summary>
internal readonly record struct Place(object Key)
{
    internal ISymbol? Symbol => Key as ISymbol;
}

/// <summary>What a variable may hold, and the places in the source where it lost a reference.</summary>
internal sealed record Ownership(Holding Holding, ImmutableHashSet<SyntaxNode> Sites)
{
    internal static Ownership Of(Holding holding) => new(holding, ImmutableHashSet<SyntaxNode>.Empty);

    internal static Ownership GoneAt(Holding holding, SyntaxNode site) => new(holding, ImmutableHashSet.Create(site));

    internal Ownership Join(Ownership other) => new(Holding | other.Holding, Sites.Union(other.Sites));

    public bool Equals(Ownership? other) => other is not null && Holding == other.Holding && Sites.SetEquals(other.Sites);

    public override int GetHashCode() => (int)Holding;
}

/// <summary>Why a borrow ended.</summary>
internal enum Ending
{
    None,
    Moved,
    Freed,
    Emptied,
    Waited,
}

/// <summary>Where borrowed memory comes from: a variable, or a cell by the field or variable that holds it.</summary>
/// <param name="Key">The variable or the field.</param>
/// <param name="Index">Its element, if that is constant.</param>
/// <param name="Name">How messages call it.</param>
/// <param name="Ending">How the borrow ended, if it has.</param>
/// <param name="Site">Where.</param>
internal sealed record Origin(object Key, int? Index, string Name, Ending Ending, SyntaxNode? Site)
{
    internal bool MayBe(object key, int? index) => Key.Equals(key) && (Index is null || index is null || Index == index);
}

/// <summary>What a condition says of a variable: whether it is empty if the condition is true, and if it is false.</summary>
internal sealed record Implication(Place Place, bool? IsEmptyWhenTrue, bool? IsEmptyWhenFalse)
{
    internal Implication Negated => new(Place, IsEmptyWhenFalse, IsEmptyWhenTrue);
}
