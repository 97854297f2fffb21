namespace RedLeafSharp.Lab.Linearizability;

/// <summary>What a client asked a key-value store for.</summary>
internal enum OperationKind
{
    /// <summary>The value of a key.</summary>
    Read,

    /// <summary>Another value, whatever the present one.</summary>
    Write,

    /// <summary>Another value if the present one is as expected.</summary>
    CompareAndSet,

    /// <summary>The present value with more at its end.</summary>
    Append,
}

/// <summary>What the client learned of the outcome.</summary>
internal enum Completion
{
    /// <summary>It was done.</summary>
    Done,

    /// <summary>It was looked at and refused: the value was not as expected.</summary>
    Refused,

    /// <summary>Nothing: it may have been done at any time since, or never.</summary>
    Unknown,
}

/// <summary>An operation of a history: what was asked, what came back, and between which events.</summary>
/// <param name="Process">The client.</param>
/// <param name="Kind">What was asked.</param>
/// <param name="Key">Of which register; empty in a history of one.</param>
/// <param name="Expected">Of a compare-and-set; null is a register without a value.</param>
/// <param name="Value">What was written, appended, or read; null is a register without a value.</param>
/// <param name="Completion">What is known of its outcome.</param>
/// <param name="InvokedAt">The position in the history at which it began.</param>
/// <param name="ReturnedAt">The position at which it was over; the end of time when that is unknown.</param>
internal sealed record Operation(
    string Process,
    OperationKind Kind,
    string Key,
    string? Expected,
    string? Value,
    Completion Completion,
    int InvokedAt,
    int ReturnedAt)
{
    /// <summary>A return that was never seen.</summary>
    internal const int Never = int.MaxValue;

    /// <summary>Where a file has it; of an operation with two lines that of its end.</summary>
    internal int Line { get; init; }

    /// <summary>What a register holds after this operation, if it may happen to one that holds <paramref name="state"/>.</summary>
    internal bool TryApply(string? state, out string? next)
    {
        next = state;
        switch (Kind)
        {
            case OperationKind.Read:
                return Completion == Completion.Unknown || state == Value;
            case OperationKind.Write:
                next = Value;
                return true;
            case OperationKind.Append:
                next = state + Value;
                return true;
            default:
                bool isExpected = state == Expected;
                next = isExpected && Completion != Completion.Refused ? Value : state;
                return Completion == Completion.Unknown || isExpected == (Completion == Completion.Done);
        }
    }

    public override string ToString()
    {
        string name = Key.Length == 0 ? string.Empty : $" {Key}";
        string change = Kind == OperationKind.CompareAndSet ? $"{Expected ?? "nil"} -> {Value ?? "nil"}" : Value ?? "nil";
        string outcome = Completion == Completion.Done ? string.Empty : $" ({Completion})";
        return $"client {Process}: {Kind}{name} {change}{outcome}";
    }
}
