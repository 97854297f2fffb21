using System.Globalization;

namespace RedLeafSharp.Tests.Lab.Fidelity;

/// <summary>What a method that is executed with symbols knows: the value of each parameter and local, and of the stack.</summary>
/// <remarks>
/// A value is a text: a constant (with '='), a name for something unknown (with '@', or '#' while it is new), or an operation on others.
/// Two values with the same text are the same.
/// </remarks>
internal sealed class CodeState(string[] slots, List<string> stack)
{
    /// <summary>Parameters, then locals.</summary>
    internal string[] Slots { get; } = slots;

    internal List<string> Stack { get; } = stack;

    internal string Pop()
    {
        string top = Stack[^1];
        Stack.RemoveAt(Stack.Count - 1);
        return top;
    }

    internal static bool IsConstant(string value) => value[0] == '=';
}

/// <summary>What two methods know at the same point of the same execution.</summary>
/// <param name="One">Of the first.</param>
/// <param name="Other">Of the second.</param>
internal sealed record PairState(CodeState One, CodeState Other)
{
    /// <summary>Both states, with everything that is not constant named anew: only what equals what is left.</summary>
    internal PairState Forget()
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        return Map(value => NameOf(names, value));
    }

    /// <summary>What is known whichever of two ways led here; null if it is no less than this.</summary>
    internal PairState? Meet(PairState other)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        using IEnumerator<string> others = other.Values().GetEnumerator();
        PairState met = Map(value =>
        {
            _ = others.MoveNext();
            return value == others.Current && CodeState.IsConstant(value) ? value : NameOf(names, $"@{value}/{others.Current}");
        });
        return met.Values().SequenceEqual(Values()) ? null : met;
    }

    internal bool HasShapeOf(PairState other) => One.Stack.Count == other.One.Stack.Count && Other.Stack.Count == other.Other.Stack.Count;

    private static string NameOf(Dictionary<string, string> names, string value)
    {
        if (CodeState.IsConstant(value))
        {
            return value;
        }

        if (!names.TryGetValue(value, out string? name))
        {
            name = string.Create(CultureInfo.InvariantCulture, $"@{names.Count}");
            names.Add(value, name);
        }

        return name;
    }

    private IEnumerable<string> Values() => One.Slots.Concat(One.Stack).Concat(Other.Slots).Concat(Other.Stack);

    private PairState Map(Func<string, string> map) => new(MapOne(One, map), MapOne(Other, map));

    private static CodeState MapOne(CodeState state, Func<string, string> map) =>
        new([.. state.Slots.Select(map)], [.. state.Stack.Select(map)]);
}
