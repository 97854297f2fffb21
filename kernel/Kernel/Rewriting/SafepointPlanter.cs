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
    private readonly ModuleDefinition module;
    private readonly string file;

    internal SafepointPlanter(ModuleDefinition module, string file)
    {
        this.module = module;
        this.file = file;
    }

    /// <exception cref="ImageException">The image brings a class of the planted one's name, or handlers that overlap.</exception>
    internal void Plant()
    {
        if (module.GetType(SafepointSpec.HolderNamespace, SafepointSpec.HolderName) is not null)
        {
            throw new ImageException(file, $"it has a class {SafepointSpec.HolderName}, which only the kernel may add");
        }

        var plan = new PlantingPlan(new CallGraph(module));
        var holder = new SafepointHolder(module);
        foreach (MethodDefinition method in plan.Methods)
        {
            PlantMethod(method, plan[method], holder);
        }

        holder.AddToModule();
    }

    private void PlantMethod(MethodDefinition method, Planting planting, SafepointHolder holder)
    {
        // Branches are long while code moves; the optimizer makes them short again where they can be.
        MethodBody body = method.Body;
        body.SimplifyMacros();
        new HandlerPlanter(body, holder, file).Plant();
        new ClauseNester(body, file).Nest();
        PlantArrays(body, holder);
        PlantLoops(body, holder);
        PlantEntry(body, planting, holder);
        body.OptimizeMacros();
        CompilationBound.Apply(method);
    }

    /// <remarks>
    /// The length is duplicated, not passed through the check, and converted, although ECMA-335 III.1.6 converts an int32
    /// argument by itself: the JIT of .NET 10.0.12 refuses a method in which a constant table is copied into an array whose
    /// length comes from a call, and one that passes a ushort for a native int.
    /// </remarks>
    private static void PlantArrays(MethodBody body, SafepointHolder holder)
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

    private static void PlantLoops(MethodBody body, SafepointHolder holder)
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

    private static void PlantEntry(MethodBody body, Planting planting, SafepointHolder holder)
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
