using Microsoft.CodeAnalysis;

namespace RedLeafSharp.Analyzers.Ownership;

/// <summary>The rules for exchange references, RL0101 to RL0109. Each has a page of its name in docs/rules.</summary>
/// <remarks>RL0104 is the analyzer's alone; the others are the verifier's as well, for the same offences in IL.</remarks>
internal static class OwnershipDiagnostics
{
    /// <summary>The reference belongs to whoever it was passed to.</summary>
    internal static readonly DiagnosticDescriptor UseAfterMove = Rule(
        "RL0101", "An exchange reference is used after it was moved",
        "'{0}' was moved in line {1} and is no longer this method's; use it before, or take it back from the callee");

    /// <summary>The block is gone.</summary>
    internal static readonly DiagnosticDescriptor UseAfterFree = Rule(
        "RL0102", "An exchange reference is used after it was freed",
        "'{0}' was freed in line {1}; use it before, or assign a new reference first");

    /// <summary>Only one of the paths that lead here still owns the reference.</summary>
    internal static readonly DiagnosticDescriptor UseAfterMaybeMove = Rule(
        "RL0103", "An exchange reference is used that was moved or freed on some path",
        "'{0}' is gone on a path that leads here (line {1}); leave that path before, or test IsNull if it is empty there");

    /// <summary>A path ends with the reference still owned.</summary>
    internal static readonly DiagnosticDescriptor Leak = Rule(
        "RL0104", "An exchange reference is lost on some path",
        "{0}; free it, move it or put it into a cell on every path");

    /// <summary>The second round moves what the first one moved.</summary>
    internal static readonly DiagnosticDescriptor MoveInLoop = Rule(
        "RL0105", "An exchange reference is moved in a loop",
        "'{0}' is moved here in each round of a loop, but there is only one; make one in each round, or move it after the loop");

    /// <summary>The borrow may show another's data.</summary>
    internal static readonly DiagnosticDescriptor BorrowAfterMove = Rule(
        "RL0106", "A borrow is used after its origin was moved or freed",
        "'{0}' borrows from '{1}', which was {2} in line {3}; use the borrow before, or borrow again from what is owned then");

    /// <summary>Other code runs while the method waits.</summary>
    internal static readonly DiagnosticDescriptor BorrowAcrossWait = Rule(
        "RL0107", "A borrow is alive while others may take its origin",
        "'{0}' borrows from '{1}', and '{2}' in line {3} may empty that; borrow again after it");

    /// <summary>Only a cell is emptied by taking.</summary>
    internal static readonly DiagnosticDescriptor KeptElsewhere = Rule(
        "RL0108", "An exchange reference is kept elsewhere than in a local or a cell",
        "{0}: a copy there outlives a move of the original; {1}");

    /// <summary>There would be two references to one block.</summary>
    internal static readonly DiagnosticDescriptor Copied = Rule(
        "RL0109", "An exchange reference is copied",
        "{0}; {1}");

    private static DiagnosticDescriptor Rule(string id, string title, string message) => new(
        id, title, message, "Ownership", DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: $"docs/rules/{id}.md", customTags: [WellKnownDiagnosticTags.NotConfigurable]);
}
