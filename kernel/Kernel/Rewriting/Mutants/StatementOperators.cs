using Mono.Cecil;
using Mono.Cecil.Cil;

namespace RedLeafSharp.Rewriting;

/// <summary>Mistakes that leave statements out, repeat them, or change their order.</summary>
internal static class StatementOperators
{
    /// <summary>G-SWFIT takes a small part to be two to five statements.</summary>
    private const int SmallPartMax = 3;

    /// <summary>Bodies of an if that is forgotten: up to five statements.</summary>
    private const int BodyStatementsMax = 5;

    /// <param name="body">The method, with long branches.</param>
    /// <param name="statements">Its statements.</param>
    internal static IEnumerable<Mutation> Of(MethodBody body, IReadOnlyList<Statement> statements)
    {
        for (int index = 0; index < statements.Count; index++)
        {
            Statement one = statements[index];
            foreach (Mutation mutation in one.Kind switch
            {
                StatementKind.Assignment => OfAssignment(body, one),
                StatementKind.Call => OfCall(body, one),
                _ => OfCondition(body, one, statements),
            })
            {
                yield return mutation;
            }

            foreach (Mutation mutation in OfRow(body, statements, index))
            {
                yield return mutation;
            }
        }
    }

    private static IEnumerable<Mutation> OfAssignment(MethodBody body, Statement one)
    {
        Instruction store = body.Instructions[one.End - 1];
        bool isConstant = one.End - one.First <= 3 && Range(body, one).Any(IsConstant)
            && Range(body, one).SkipLast(1).All(each => IsConstant(each) || each.OpCode.Code is Code.Ldarg or Code.Ldloc or Code.Ldloca);
        bool isFirst = store.Operand is VariableDefinition variable
            && !body.Instructions.Take(one.First).Any(each => each.OpCode.Code is Code.Stloc or Code.Ldloca && each.Operand == variable);
        MutationOperator kind = isFirst ? MutationOperator.Mviv : isConstant ? MutationOperator.Mvav : MutationOperator.Mvae;
        yield return Skip(one, kind, $"{TargetOf(body, store)} is not assigned", one.End);
    }

    private static IEnumerable<Mutation> OfCall(MethodBody body, Statement one)
    {
        Instruction call = Range(body, one).Last(each => each.Operand is MethodReference);
        string name = ((MethodReference)call.Operand).Name;
        yield return Skip(one, MutationOperator.Mfc, $"{name} is not called", one.End);
        List<Instruction> twice = CodeClone.InSequence(body, [(one.First, one.End), (one.First, one.End)], one.End);
        yield return new Mutation(one, MutationOperator.Efc, $"{name} is called twice", twice, one.End);
    }

    private static IEnumerable<Mutation> OfCondition(MethodBody body, Statement one, IReadOnlyList<Statement> statements)
    {
        int target = body.Instructions.IndexOf((Instruction)body.Instructions[one.End - 1].Operand);
        if (target <= one.End || Statements.RegionOf(body, target) != Statements.RegionOf(body, one.First))
        {
            yield break;
        }

        int inside = statements.Count(each => each.First >= one.End && each.First < target);
        Instruction last = body.Instructions[target - 1];
        bool hasElse = last.OpCode.FlowControl == FlowControl.Branch && last.Operand is Instruction end
            && body.Instructions.IndexOf(end) > target;
        if (inside <= BodyStatementsMax)
        {
            yield return Skip(
                one,
                hasElse ? MutationOperator.Mieb : MutationOperator.Mifs,
                hasElse ? "the condition does not hold, the else is executed" : "the if and its statements are not executed",
                target);
            yield return Skip(one, MutationOperator.Mia, "the statements are executed whether the condition holds or not", one.End);
        }
    }

    private static IEnumerable<Mutation> OfRow(MethodBody body, IReadOnlyList<Statement> statements, int index)
    {
        Statement first = statements[index];
        int length = 1;
        while (length < SmallPartMax && index + length < statements.Count && Follows(body, statements, index, length))
        {
            length++;
            Statement last = statements[index + length - 1];
            yield return Skip(first, MutationOperator.Mlpa, $"{length} statements are not executed", last.End);
            if (length == 2)
            {
                List<Instruction> swapped = CodeClone.InSequence(body, [(last.First, last.End), (first.First, first.End)], last.End);
                yield return new Mutation(first, MutationOperator.Walr, "the next statement is executed first", swapped, last.End);
            }
        }
    }

    /// <summary>Whether a statement is executed behind those of a row, and never else: not what stands behind the braces that they are in.</summary>
    private static bool Follows(MethodBody body, IReadOnlyList<Statement> statements, int index, int length)
    {
        (Statement before, Statement after) = (statements[index + length - 1], statements[index + length]);
        return statements[index].IsPlain && after.IsPlain && before.End == after.First
            && !IsEntered(body, body.Instructions[after.First], statements[index].First, after.First);
    }

    private static bool IsEntered(MethodBody body, Instruction target, int first, int end) => body.Instructions.Where((one, at) =>
        (at < first || at >= end) && (one.Operand == target || (one.Operand is Instruction[] many && many.Contains(target)))).Any();

    private static Mutation Skip(Statement one, MutationOperator kind, string effect, int next) => new(one, kind, effect, [], next);

    private static IEnumerable<Instruction> Range(MethodBody body, Statement one) =>
        body.Instructions.Skip(one.First).Take(one.End - one.First);

    private static bool IsConstant(Instruction one) =>
        one.OpCode.Code is Code.Ldc_I4 or Code.Ldc_I8 or Code.Ldc_R4 or Code.Ldc_R8 or Code.Ldnull or Code.Ldstr;

    private static string TargetOf(MethodBody body, Instruction store) => store.Operand switch
    {
        FieldReference field => field.Name,
        VariableDefinition variable when body.Method.DebugInformation.TryGetName(variable, out string name) => name,
        ParameterDefinition parameter => parameter.Name,
        _ => "a variable",
    };
}
