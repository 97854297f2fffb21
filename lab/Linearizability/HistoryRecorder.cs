namespace RedLeafSharp.Lab.Linearizability;

/// <summary>Writes down what several clients do, in the order in which it happens. All of them are on one thread.</summary>
/// <param name="initial">What a register holds before the first operation.</param>
internal sealed class HistoryRecorder(string? initial)
{
    private readonly List<Operation> operations = [];
    private int events;

    /// <summary>What has been written down so far; operations that have not returned may have happened.</summary>
    internal History History => new(initial, [.. operations.Where(operation => operation is not { Kind: OperationKind.Read, Completion: Completion.Unknown })]);

    /// <summary>A client begins.</summary>
    /// <returns>The operation's number.</returns>
    internal int Invoke(string process, OperationKind kind, string key, string? expected, string? value)
    {
        operations.Add(new Operation(process, kind, key, expected, value, Completion.Unknown, ++events, Operation.Never));
        return operations.Count - 1;
    }

    /// <summary>A client is answered.</summary>
    /// <param name="number">Which operation.</param>
    /// <param name="completion">What is known of it.</param>
    /// <param name="value">What was read; of other operations it stays what it was.</param>
    internal void Return(int number, Completion completion, string? value)
    {
        Operation begun = operations[number];
        operations[number] = begun with
        {
            Completion = completion,
            Value = begun.Kind == OperationKind.Read ? value : begun.Value,
            ReturnedAt = ++events,
        };
    }
}
