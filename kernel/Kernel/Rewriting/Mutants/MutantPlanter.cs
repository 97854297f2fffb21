using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace RedLeafSharp.Rewriting;

/// <summary>
/// Plants mistakes into a module, each behind a question whether it is the one that is armed. Before a statement with mistakes
/// stands, for each of them: <c>ldc.i4 N</c>, <c>call bool &lt;FaultSites&gt;::IsMutated(int32)</c>, <c>brfalse</c> to the next
/// question or to the statement, the mistaken code, <c>br</c> to where the statement would have gone on.
/// </summary>
/// <param name="methods">Where mistakes are made.</param>
/// <param name="ask">What is asked.</param>
/// <param name="isWanted">Whether a mistake is planted, by its number among all that there could be.</param>
internal sealed class MutantPlanter(IReadOnlyList<MethodDefinition> methods, MethodDefinition ask, Func<int, bool> isWanted)
{
    private readonly List<Mutant> mutants = [];
    private int candidates;

    /// <summary>Candidates of each method, by its full name: first number and number behind the last.</summary>
    internal Dictionary<string, (int First, int End)> Methods { get; } = new(StringComparer.Ordinal);

    internal int CandidateCount => candidates;

    /// <returns>What was planted; its numbers are those of the candidates.</returns>
    internal List<Mutant> Plant()
    {
        foreach (MethodDefinition method in methods)
        {
            int first = candidates;
            PlantMethod(method);
            if (candidates > first)
            {
                Methods[method.FullName] = (first, candidates);
            }
        }

        return mutants;
    }

    private void PlantMethod(MethodDefinition method)
    {
        // What the compiler has written, the ToString of a record say, has no line in the source: nobody could have made a mistake there.
        List<Statement> statements = method.Module.HasSymbols && !method.DebugInformation.HasSequencePoints ? [] : Statements.Of(method);
        MethodBody body = method.Body;
        int[] depths = StackDepths.Of(body);
        if (statements.Count == 0)
        {
            return;
        }

        body.SimplifyMacros();
        List<(int Id, Mutation Mutation)> planted = [.. StatementOperators.Of(body, statements)
            .Concat(ConditionOperators.Of(body, statements, depths))
            .Concat(OperandOperators.Of(body, statements))
            .Select(mutation => (Id: candidates++, Mutation: mutation))
            .ToList()
            .Where(one => isWanted(one.Id))];
        Instruction[] original = [.. body.Instructions];
        foreach (IGrouping<Statement, (int Id, Mutation Mutation)> at in planted.GroupBy(one => one.Mutation.At).OrderByDescending(group => group.Key.First))
        {
            PlantBefore(body, original, at.Key, [.. at]);
        }

        body.OptimizeMacros();
        mutants.AddRange(planted.OrderBy(one => one.Id).Select(one => Describe(method, one.Id, one.Mutation)));
    }

    /// <remarks>
    /// The statement's first instruction object stays in front, so that whatever led to the statement leads to the questions, see
    /// <see cref="CodeInsertion.Before"/>.
    /// </remarks>
    private void PlantBefore(MethodBody body, Instruction[] original, Statement statement, (int Id, Mutation Mutation)[] at)
    {
        var code = new List<Instruction>();
        var open = new List<Instruction>();
        foreach ((int id, Mutation mutation) in at)
        {
            Instruction question = Instruction.Create(OpCodes.Ldc_I4, id);
            open.ForEach(branch => branch.Operand = question);
            open = [Instruction.Create(OpCodes.Brfalse, question)];
            code.AddRange([question, Instruction.Create(OpCodes.Call, ask), open[0]]);
            code.AddRange(mutation.Code);
            code.Add(Instruction.Create(OpCodes.Br, original[mutation.Next]));
        }

        Instruction moved = CodeInsertion.Before(body, statement.First, [.. code]);
        open.ForEach(branch => branch.Operand = moved);
    }

    private static Mutant Describe(MethodDefinition method, int id, Mutation mutation)
    {
        SitePosition position = mutation.At.Position;
        return new Mutant(
            id,
            mutation.Operator,
            $"{method.DeclaringType.FullName}.{BodyVersions.NameOf(method)}",
            position.Point?.Document.Url,
            position.Point?.StartLine ?? 0,
            position.ILOffset,
            mutation.Effect);
    }
}
