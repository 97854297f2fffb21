using Mono.Cecil;
using Mono.Cecil.Cil;

namespace RedLeafSharp.Rewriting;

/// <summary>Where in a method a site goes.</summary>
/// <param name="Index">Index of the statement's first instruction.</param>
/// <param name="ILOffset">Its offset in bytes.</param>
/// <param name="Point">Its sequence point; null without symbols.</param>
internal readonly record struct SitePosition(int Index, int ILOffset, SequencePoint? Point);

/// <summary>Chooses the statements of a method: its sequence points, or where the evaluation stack is empty.</summary>
internal static class SitePositions
{
    /// <summary>In ascending order; to be asked before the body is changed.</summary>
    internal static List<SitePosition> Of(MethodDefinition method)
    {
        MethodBody body = method.Body;
        bool[] isAllowed = FindAllowed(method);
        List<SitePosition> positions = FromSymbols(method, isAllowed);
        if (positions.Count == 0 && !method.DebugInformation.HasSequencePoints)
        {
            int[] depths = StackDepths.Of(body);
            for (int index = 0; index < isAllowed.Length; index++)
            {
                if (isAllowed[index] && depths[index] == 0 && !IsFiller(body.Instructions[index].OpCode))
                {
                    positions.Add(new SitePosition(index, body.Instructions[index].Offset, null));
                }
            }
        }

        return positions;
    }

    private static List<SitePosition> FromSymbols(MethodDefinition method, bool[] isAllowed)
    {
        var points = new Dictionary<int, SequencePoint>();
        foreach (SequencePoint point in method.DebugInformation.SequencePoints.Where(point => !point.IsHidden))
        {
            points.TryAdd(point.Offset, point);
        }

        var positions = new List<SitePosition>();
        for (int index = 0; index < isAllowed.Length; index++)
        {
            int offset = method.Body.Instructions[index].Offset;
            if (isAllowed[index] && points.TryGetValue(offset, out SequencePoint? point))
            {
                positions.Add(new SitePosition(index, offset, point));
            }
        }

        return positions;
    }

    private static bool[] FindAllowed(MethodDefinition method)
    {
        MethodBody body = method.Body;
        var isAllowed = new bool[body.Instructions.Count];
        for (int index = BodyStart(method); index < isAllowed.Length; index++)
        {
            isAllowed[index] = index == 0 || body.Instructions[index - 1].OpCode.OpCodeType != OpCodeType.Prefix;
        }

        // An exception in a filter is swallowed by the runtime and reads as "does not match": the domain would not crash.
        foreach (ExceptionHandler handler in body.ExceptionHandlers.Where(handler => handler.FilterStart is not null))
        {
            int end = body.Instructions.IndexOf(handler.HandlerStart);
            for (int index = body.Instructions.IndexOf(handler.FilterStart); index < end; index++)
            {
                isAllowed[index] = false;
            }
        }

        return isAllowed;
    }

    /// <summary>In a constructor of a class, the first instruction that may use the object: behind the call of another constructor.</summary>
    private static int BodyStart(MethodDefinition method)
    {
        if (!method.IsConstructor || method.IsStatic || method.DeclaringType.IsValueType)
        {
            return 0;
        }

        string own = method.DeclaringType.FullName;
        string? parent = method.DeclaringType.BaseType?.GetElementType().FullName;
        int index = 0;
        foreach (Instruction instruction in method.Body.Instructions)
        {
            index++;
            if (instruction.OpCode.Code == Code.Call
                && instruction.Operand is MethodReference { Name: ".ctor" } called
                && called.DeclaringType.GetElementType().FullName is string type && (type == own || type == parent))
            {
                return index;
            }
        }

        return index;
    }

    /// <summary>No statement of its own: the end of one, or padding.</summary>
    private static bool IsFiller(OpCode opCode) =>
        opCode.Code is Code.Nop or Code.Br or Code.Br_S or Code.Leave or Code.Leave_S or Code.Endfinally;
}
