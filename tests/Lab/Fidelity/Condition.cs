using Mono.Cecil.Cil;

namespace RedLeafSharp.Tests.Lab.Fidelity;

/// <summary>What a branch asks, in one of few forms, whichever the compiler has chosen.</summary>
/// <param name="What">The question.</param>
/// <param name="Values">What it is about.</param>
/// <param name="IsNegated">Whether the branch is taken when the answer is no.</param>
/// <param name="Known">Whether the branch is taken, where that is certain.</param>
internal sealed record Condition(string What, IReadOnlyList<string> Values, bool IsNegated, bool? Known)
{
    /// <summary>Takes the operands of a branch from the stack.</summary>
    internal static Condition Of(Code branch, CodeState state)
    {
        string last = state.Pop();
        if (branch is Code.Brtrue or Code.Brfalse)
        {
            return OfTruth(last, isNegated: branch == Code.Brfalse);
        }

        string first = state.Pop();
        return branch switch
        {
            Code.Beq => OfEquality(first, last, isNegated: false),
            Code.Bne_Un => OfEquality(first, last, isNegated: true),
            Code.Blt => new Condition("less", [first, last], false, null),
            Code.Bge => new Condition("less", [first, last], true, null),
            Code.Bgt => new Condition("less", [last, first], false, null),
            Code.Ble => new Condition("less", [last, first], true, null),
            Code.Blt_Un => new Condition("less, unsigned", [first, last], false, null),
            Code.Bge_Un => new Condition("less, unsigned", [first, last], true, null),
            Code.Bgt_Un => new Condition("less, unsigned", [last, first], false, null),
            Code.Ble_Un => new Condition("less, unsigned", [last, first], true, null),
            _ => throw new ArgumentException($"{branch} is no branch", nameof(branch)),
        };
    }

    private static Condition OfTruth(string value, bool isNegated)
    {
        if (value is "=null" || Operations.Number(value) is not null)
        {
            bool isTrue = value != "=null" && Operations.Number(value) != 0;
            return new Condition(string.Empty, [], false, isTrue != isNegated);
        }

        // What a comparison has left on the stack.
        if (TrySplit(value, "#ceq(", out string one, out string other))
        {
            return OfEquality(one, other, isNegated);
        }

        if (TrySplit(value, "#cgt.un(", out one, out other) && other is "=0" or "=null")
        {
            return OfTruth(one, isNegated);
        }

        return TrySplit(value, "#clt(", out one, out other) ? new Condition("less", [one, other], isNegated, null)
            : TrySplit(value, "#cgt(", out one, out other) ? new Condition("less", [other, one], isNegated, null)
            : TrySplit(value, "#clt.un(", out one, out other) ? new Condition("less, unsigned", [one, other], isNegated, null)
            : TrySplit(value, "#cgt.un(", out one, out other) ? new Condition("less, unsigned", [other, one], isNegated, null)
            : new Condition("true", [value], isNegated, null);
    }

    private static Condition OfEquality(string one, string other, bool isNegated)
    {
        if (Operations.Number(one) is { } a && Operations.Number(other) is { } b)
        {
            return new Condition(string.Empty, [], false, (a == b) != isNegated);
        }

        return other is "=0" or "=null" or "=0L" ? OfTruth(one, !isNegated) : new Condition("equal", [one, other], isNegated, null);
    }

    private static bool TrySplit(string value, string operation, out string one, out string other)
    {
        (one, other) = (string.Empty, string.Empty);
        if (!value.StartsWith(operation, StringComparison.Ordinal))
        {
            return false;
        }

        int depth = 0;
        for (int index = operation.Length; index < value.Length - 1; index++)
        {
            depth += value[index] == '(' ? 1 : value[index] == ')' ? -1 : 0;
            if (value[index] == ',' && depth == 0)
            {
                (one, other) = (value[operation.Length..index], value[(index + 1)..^1]);
                return true;
            }
        }

        return false;
    }
}
