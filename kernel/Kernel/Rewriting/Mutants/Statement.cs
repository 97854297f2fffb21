using Mono.Cecil;
using Mono.Cecil.Cil;

namespace RedLeafSharp.Rewriting;

/// <summary>
/// A statement of a method: instructions that begin and end with an empty stack, entered at their first one only, all in the
/// same handlers.
/// </summary>
/// <param name="First">Index of its first instruction.</param>
/// <param name="End">Index of the first one behind it, which belongs to the same method.</param>
/// <param name="Position">Its place in the source.</param>
/// <param name="Kind">What it does at its end.</param>
internal sealed record Statement(int First, int End, SitePosition Position, StatementKind Kind)
{
    /// <summary>Whether control goes on behind it, and nowhere else.</summary>
    internal bool IsPlain => Kind is StatementKind.Assignment or StatementKind.Call;
}

/// <summary>What a statement does at its end.</summary>
internal enum StatementKind
{
    /// <summary>Stores a value.</summary>
    Assignment,

    /// <summary>Calls something and has no use for its result.</summary>
    Call,

    /// <summary>Branches on a condition, or goes on.</summary>
    Condition,
}

/// <summary>Finds the statements of a method that can be mutated.</summary>
internal static class Statements
{
    /// <summary>In the order of the method; asked before the body is changed.</summary>
    internal static List<Statement> Of(MethodDefinition method)
    {
        List<SitePosition> positions = SitePositions.Of(method);
        MethodBody body = method.Body;
        int[] depths = StackDepths.Of(body);
        var targets = TargetsOf(body);
        var statements = new List<Statement>();
        for (int index = 0; index + 1 < positions.Count; index++)
        {
            (int first, int end) = (positions[index].Index, positions[index + 1].Index);
            if (depths[first] == 0 && depths[end] == 0 && KindOf(body, first, end) is { } kind
                && IsClosed(body, first, end, targets) && RegionOf(body, first) == RegionOf(body, end))
            {
                statements.Add(new Statement(first, end, positions[index], kind));
            }
        }

        return statements;
    }

    /// <summary>Whether an instruction leaves its place by a condition, with both ways possible.</summary>
    internal static bool IsConditional(Instruction instruction) =>
        instruction.OpCode.FlowControl == FlowControl.Cond_Branch && instruction.Operand is Instruction;

    private static StatementKind? KindOf(MethodBody body, int first, int end)
    {
        Instruction last = body.Instructions[end - 1];
        for (int index = first; index < end; index++)
        {
            Instruction one = body.Instructions[index];
            bool isOdd = one.OpCode.FlowControl is FlowControl.Return or FlowControl.Throw || one.Operand is Instruction[]
                || one.OpCode.Code is Code.Leave or Code.Leave_S or Code.Endfinally or Code.Endfilter or Code.Rethrow
                || (one.OpCode.FlowControl == FlowControl.Branch && index == end - 1);
            if (isOdd)
            {
                return null;
            }
        }

        return last.OpCode.Code switch
        {
            Code.Stloc or Code.Stloc_S or Code.Stloc_0 or Code.Stloc_1 or Code.Stloc_2 or Code.Stloc_3 or Code.Starg or Code.Starg_S
                or Code.Stfld or Code.Stobj or Code.Stelem_Any or Code.Stelem_I1 or Code.Stelem_I2 or Code.Stelem_I4 or Code.Stelem_I8
                or Code.Stelem_Ref or Code.Stind_I1 or Code.Stind_I2 or Code.Stind_I4 or Code.Stind_I8 or Code.Stind_Ref =>
                StatementKind.Assignment,
            Code.Call or Code.Callvirt => StatementKind.Call,
            Code.Pop when end - first > 1 && body.Instructions[end - 2].OpCode.Code is Code.Call or Code.Callvirt => StatementKind.Call,
            _ when IsConditional(last) => StatementKind.Condition,
            _ => null,
        };
    }

    /// <summary>Nothing outside jumps into its middle.</summary>
    private static bool IsClosed(MethodBody body, int first, int end, Dictionary<Instruction, List<int>> targets)
    {
        for (int index = first + 1; index < end; index++)
        {
            if (targets.TryGetValue(body.Instructions[index], out List<int>? sources)
                && sources.Exists(source => source < first || source >= end))
            {
                return false;
            }
        }

        return true;
    }

    private static Dictionary<Instruction, List<int>> TargetsOf(MethodBody body)
    {
        var targets = new Dictionary<Instruction, List<int>>();
        for (int index = 0; index < body.Instructions.Count; index++)
        {
            IEnumerable<Instruction> to = body.Instructions[index].Operand switch
            {
                Instruction one => [one],
                Instruction[] many => many,
                _ => [],
            };
            foreach (Instruction target in to)
            {
                if (!targets.TryGetValue(target, out List<int>? sources))
                {
                    targets.Add(target, sources = []);
                }

                sources.Add(index);
            }
        }

        return targets;
    }

    /// <summary>A number for the handlers that an instruction lies in.</summary>
    internal static int RegionOf(MethodBody body, int index)
    {
        int region = 0;
        for (int number = 0; number < body.ExceptionHandlers.Count; number++)
        {
            ExceptionHandler handler = body.ExceptionHandlers[number];
            bool isInTry = IsWithin(body, index, handler.TryStart, handler.TryEnd);
            bool isInHandler = IsWithin(body, index, handler.HandlerStart, handler.HandlerEnd);
            region = (region * 3) + (isInTry ? 1 : isInHandler ? 2 : 0);
        }

        return region;
    }

    private static bool IsWithin(MethodBody body, int index, Instruction start, Instruction? end) =>
        index >= body.Instructions.IndexOf(start) && (end is null || index < body.Instructions.IndexOf(end));
}
