using Mono.Cecil.Cil;

namespace RedLeafSharp.Rewriting;

/// <summary>Mistakes in conditions: negated, shifted by one, or a leg of an "and" or "or" forgotten.</summary>
internal static class ConditionOperators
{
    /// <summary>Each branch with the one that goes the other way.</summary>
    private static readonly Dictionary<Code, OpCode> Negations = new()
    {
        [Code.Brtrue] = OpCodes.Brfalse,
        [Code.Brfalse] = OpCodes.Brtrue,
        [Code.Beq] = OpCodes.Bne_Un,
        [Code.Bne_Un] = OpCodes.Beq,
        [Code.Blt] = OpCodes.Bge,
        [Code.Bge] = OpCodes.Blt,
        [Code.Bgt] = OpCodes.Ble,
        [Code.Ble] = OpCodes.Bgt,
        [Code.Blt_Un] = OpCodes.Bge_Un,
        [Code.Bge_Un] = OpCodes.Blt_Un,
        [Code.Bgt_Un] = OpCodes.Ble_Un,
        [Code.Ble_Un] = OpCodes.Bgt_Un,
    };

    /// <summary>Each comparison with the one that differs for equal values.</summary>
    private static readonly Dictionary<Code, OpCode> Shifts = new()
    {
        [Code.Blt] = OpCodes.Ble,
        [Code.Ble] = OpCodes.Blt,
        [Code.Bgt] = OpCodes.Bge,
        [Code.Bge] = OpCodes.Bgt,
        [Code.Blt_Un] = OpCodes.Ble_Un,
        [Code.Ble_Un] = OpCodes.Blt_Un,
        [Code.Bgt_Un] = OpCodes.Bge_Un,
        [Code.Bge_Un] = OpCodes.Bgt_Un,
    };

    /// <param name="body">The method, with long branches.</param>
    /// <param name="statements">Its statements.</param>
    /// <param name="depths">Values on the stack before each of its instructions.</param>
    internal static IEnumerable<Mutation> Of(MethodBody body, IReadOnlyList<Statement> statements, int[] depths) =>
        statements.Where(one => one.Kind == StatementKind.Condition)
            .SelectMany(one => OfBranch(body, one).Concat(OfLegs(body, one, depths)));

    private static IEnumerable<Mutation> OfBranch(MethodBody body, Statement one)
    {
        Instruction branch = body.Instructions[one.End - 1];
        bool isLoop = body.Instructions.IndexOf((Instruction)branch.Operand) <= one.First;
        if (Negations.TryGetValue(branch.OpCode.Code, out OpCode negated))
        {
            yield return With(
                body, one, isLoop ? MutationOperator.Branch : MutationOperator.Wlec, "the condition is negated", negated);
        }

        if (Shifts.TryGetValue(branch.OpCode.Code, out OpCode shifted))
        {
            yield return With(
                body, one, isLoop ? MutationOperator.Loop : MutationOperator.Wlec, "equal values are taken for the other case", shifted);
        }
    }

    private static Mutation With(MethodBody body, Statement one, MutationOperator kind, string effect, OpCode branch)
    {
        List<Instruction> clone = CodeClone.Of(body, one.First, one.End);
        clone[^1].OpCode = branch;
        return new Mutation(one, kind, effect, clone, one.End);
    }

    /// <summary>A condition of several legs has a branch behind each of them.</summary>
    private static IEnumerable<Mutation> OfLegs(MethodBody body, Statement one, int[] depths)
    {
        var last = (Instruction)body.Instructions[one.End - 1].Operand;
        for (int index = one.First; index < one.End - 1; index++)
        {
            Instruction branch = body.Instructions[index];
            if (!Statements.IsConditional(branch) || depths[index + 1] != 0)
            {
                continue;
            }

            bool isAnd = branch.Operand == last;
            bool isOr = body.Instructions.IndexOf((Instruction)branch.Operand) == one.End;
            if (isAnd || isOr)
            {
                MutationOperator kind = isAnd ? MutationOperator.Mlac : MutationOperator.Mloc;
                yield return new Mutation(
                    one, kind, "the first part of the condition is not looked at", CodeClone.Of(body, index + 1, one.End), one.End);
                int next = isAnd ? one.End : body.Instructions.IndexOf(last);
                if (Statements.RegionOf(body, next) == Statements.RegionOf(body, one.First))
                {
                    yield return new Mutation(
                        one, kind, "the last part of the condition is not looked at", WithoutLast(body, one, index + 1, next), next);
                }
            }
        }
    }

    /// <summary>Parts in parentheses may lead to the last one, too.</summary>
    private static List<Instruction> WithoutLast(MethodBody body, Statement one, int last, int next)
    {
        List<Instruction> clone = CodeClone.Of(body, one.First, last);
        foreach (Instruction copy in clone.Where(copy => copy.Operand == body.Instructions[last]))
        {
            copy.Operand = body.Instructions[next];
        }

        return clone;
    }
}
