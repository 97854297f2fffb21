using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace RedLeafSharp.Rewriting;

/// <summary>
/// Plants the polls, guards and checks of docs/safepoints.md into one module. What goes into handlers is in
/// <see cref="HandlerPlanter"/>, which methods get an entry poll or a guard in <see cref="PlantingPlan"/>.
/// </summary>
internal sealed class SafepointPlanter
{
    private readonly string file;
    private readonly PlantingPlan plan;
    private readonly SafepointHolder holder;

    /// <summary>Decides what goes where, by what the author has written.</summary>
    internal SafepointPlanter(CallGraph graph, SafepointHolder holder, string file)
    {
        this.file = file;
        this.holder = holder;
        plan = new PlantingPlan(graph);
    }

    /// <exception cref="ImageException">Handlers overlap.</exception>
    internal void Plant(BodyVersions versions)
    {
        foreach (MethodDefinition method in plan.Methods)
        {
            PlantMethod(method, plan[method]);
        }

        foreach ((MethodDefinition method, MethodDefinition copy) in versions.Pairs)
        {
            PlantMethod(copy, versions.IsEntry(method) ? BehindEntry(plan[method]) : plan[method]);
        }

        holder.AddToModule();
    }

    /// <summary>The entry polls already, and its frame is one that nobody has counted.</summary>
    private static Planting BehindEntry(Planting planting) => (planting & ~Planting.EntryPoll) | Planting.StackGuard;

    private void PlantMethod(MethodDefinition method, Planting planting)
    {
        // Branches are long while code moves; the optimizer makes them short again where they can be.
        MethodBody body = method.Body;
        body.SimplifyMacros();
        new HandlerPlanter(body, holder, file).Plant();
        new ClauseNester(body, file).Nest();
        PlantArrays(body);
        PlantLoops(body);
        PlantEntry(body, planting);
        body.OptimizeMacros();
        CompilationBound.Apply(method);
    }

    /// <remarks>
    /// The length is duplicated, not passed through the check, and converted, although ECMA-335 III.1.6 converts an int32
    /// argument by itself: the JIT of .NET 10.0.12 refuses a method in which a constant table is copied into an array whose
    /// length comes from a call, and one that passes a ushort for a native int.
    /// </remarks>
    private void PlantArrays(MethodBody body)
    {
        for (int index = body.Instructions.Count - 1; index >= 0; index--)
        {
            if (body.Instructions[index] is { OpCode.Code: Code.Newarr, Operand: TypeReference element })
            {
                CodeInsertion.Before(
                    body,
                    index,
                    Instruction.Create(OpCodes.Dup),
                    Instruction.Create(OpCodes.Conv_I),
                    Instruction.Create(OpCodes.Sizeof, element),
                    Instruction.Create(OpCodes.Call, holder.CheckArrayLength));
            }
        }
    }

    private void PlantLoops(MethodBody body)
    {
        foreach (int index in BackwardTargets(body))
        {
            CodeInsertion.Before(body, index, Instruction.Create(OpCodes.Call, holder.Poll));
        }
    }

    /// <summary>In descending order, so that planting at one does not move the others.</summary>
    private static SortedSet<int> BackwardTargets(MethodBody body)
    {
        var indexOf = new Dictionary<Instruction, int>(body.Instructions.Count);
        foreach (Instruction instruction in body.Instructions)
        {
            indexOf.Add(instruction, indexOf.Count);
        }

        var targets = new SortedSet<int>(Comparer<int>.Create((left, right) => right.CompareTo(left)));
        foreach (Instruction instruction in body.Instructions)
        {
            Instruction[] reached = instruction.Operand switch
            {
                Instruction target => [target],
                Instruction[] table => table,
                _ => [],
            };
            targets.UnionWith(reached.Select(target => indexOf[target]).Where(index => index <= indexOf[instruction]));
        }

        return targets;
    }

    private void PlantEntry(MethodBody body, Planting planting)
    {
        if (planting.HasFlag(Planting.EntryPoll))
        {
            body.Instructions.Insert(0, Instruction.Create(OpCodes.Call, holder.Poll));
        }

        if (planting.HasFlag(Planting.StackGuard))
        {
            body.Instructions.Insert(0, Instruction.Create(OpCodes.Call, holder.CheckStack));
        }
    }
}
