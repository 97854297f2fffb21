using Mono.Cecil.Cil;

namespace RedLeafSharp.Rewriting;

/// <summary>
/// Gives every handler of one method a try of its own. Where several clauses share a try, each one after the first comes to
/// protect the handlers before it as well, and a local tells its filter to pass over what they throw.
/// </summary>
/// <remarks>
/// The JIT of .NET 10.0.12 reads through a null pointer, and takes the process with it, when it finds late that a finally block
/// cannot be reached which lies in a handler, or was inlined into one, and the next clause of the same try has a filter. C# that is
/// not rewritten does it, too; but here every catch clause becomes a filter, so two clauses and a <c>using</c> would be enough.
/// The local is clear in the try and set in its handlers, so the filters look at the same exceptions as before.
/// </remarks>
internal sealed class ClauseNester(MethodBody body, string file)
{
    /// <summary>To be called when catch clauses have become filters.</summary>
    internal void Nest()
    {
        List<ExceptionHandler[]> groups = [.. body.ExceptionHandlers.GroupBy(clause => (clause.TryStart, clause.TryEnd))
            .Where(group => group.Count() > 1).Select(group => group.ToArray())];
        foreach (ExceptionHandler[] clauses in groups)
        {
            ThrowUnlessInARow(clauses);
            NestClauses(clauses);
        }
    }

    private void ThrowUnlessInARow(ExceptionHandler[] clauses)
    {
        Instruction? end = clauses[0].TryEnd;
        foreach (ExceptionHandler clause in clauses)
        {
            if (clause.HandlerType != ExceptionHandlerType.Filter || clause.FilterStart != end)
            {
                throw new ImageException(file, $"the clauses of a try in {body.Method.FullName} do not follow it in a row");
            }

            end = clause.HandlerEnd;
        }
    }

    private void NestClauses(ExceptionHandler[] clauses)
    {
        var isHandling = new VariableDefinition(body.Method.Module.TypeSystem.Int32);
        body.Variables.Add(isHandling);
        body.InitLocals = true;
        Plant(clauses[0].TryStart, Instruction.Create(OpCodes.Ldc_I4_0), Instruction.Create(OpCodes.Stloc, isHandling));
        foreach (ExceptionHandler clause in clauses[..^1])
        {
            Plant(clause.HandlerStart, Instruction.Create(OpCodes.Ldc_I4_1), Instruction.Create(OpCodes.Stloc, isHandling));
        }

        foreach (ExceptionHandler clause in clauses[1..])
        {
            PassOver(clause, isHandling);
            clause.TryEnd = clause.FilterStart;
        }
    }

    /// <summary>The filter answers no before it does anything else.</summary>
    private void PassOver(ExceptionHandler clause, VariableDefinition isHandling)
    {
        Instruction end = clause.HandlerStart.Previous;
        Instruction look = Instruction.Create(OpCodes.Brfalse, end);
        Instruction moved = Plant(
            clause.FilterStart,
            Instruction.Create(OpCodes.Ldloc, isHandling),
            look,
            Instruction.Create(OpCodes.Pop),
            Instruction.Create(OpCodes.Ldc_I4_0),
            Instruction.Create(OpCodes.Br, end));
        look.Operand = moved;

        // A loop of the filter goes back to its own first instruction.
        CodeInsertion.Retarget(body, clause.FilterStart, moved);
    }

    private Instruction Plant(Instruction before, params ReadOnlySpan<Instruction> planted) =>
        CodeInsertion.Before(body, body.Instructions.IndexOf(before), planted);
}
