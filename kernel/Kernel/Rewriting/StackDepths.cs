using Mono.Cecil;
using Mono.Cecil.Cil;

namespace RedLeafSharp.Rewriting;

/// <summary>
/// The number of values on the evaluation stack before each instruction (ECMA-335 III.1.7.5), by following every path.
/// </summary>
internal static class StackDepths
{
    internal const int Unreachable = -1;

    internal static int[] Of(MethodBody body)
    {
        var indexOf = new Dictionary<Instruction, int>();
        foreach (Instruction instruction in body.Instructions)
        {
            indexOf.Add(instruction, indexOf.Count);
        }

        int[] depths = new int[indexOf.Count];
        Array.Fill(depths, Unreachable);
        var work = new Stack<(Instruction? At, int Depth)>();
        PushEntries(body, work);
        while (work.TryPop(out (Instruction? At, int Depth) next))
        {
            if (next.At is not null && depths[indexOf[next.At]] == Unreachable)
            {
                depths[indexOf[next.At]] = next.Depth;
                PushSuccessors(body, next.At, next.Depth, work);
            }
        }

        return depths;
    }

    private static void PushEntries(MethodBody body, Stack<(Instruction? At, int Depth)> work)
    {
        // A handler and a filter start with the exception on the stack, finally and fault with nothing (ECMA-335 III.1.7.5).
        foreach (ExceptionHandler handler in body.ExceptionHandlers)
        {
            bool hasException = handler.HandlerType is ExceptionHandlerType.Catch or ExceptionHandlerType.Filter;
            work.Push((handler.HandlerStart, hasException ? 1 : 0));
            work.Push((handler.FilterStart, 1));
        }

        work.Push((body.Instructions.FirstOrDefault(), 0));
    }

    private static void PushSuccessors(MethodBody body, Instruction at, int depth, Stack<(Instruction? At, int Depth)> work)
    {
        FlowControl flow = at.OpCode.FlowControl;
        bool isLeave = at.OpCode.Code is Code.Leave or Code.Leave_S;
        int after = isLeave ? 0 : depth - Pops(body, at) + Pushes(at);
        if (at.Operand is Instruction target)
        {
            work.Push((target, after));
        }
        else if (at.Operand is Instruction[] targets)
        {
            foreach (Instruction each in targets)
            {
                work.Push((each, after));
            }
        }

        bool isLast = flow is FlowControl.Branch or FlowControl.Return or FlowControl.Throw || at.OpCode.Code == Code.Jmp;
        work.Push((isLast ? null : at.Next, after));
    }

    private static int Pops(MethodBody body, Instruction at) => at.OpCode.StackBehaviourPop switch
    {
        StackBehaviour.Pop0 => 0,
        StackBehaviour.Pop1 or StackBehaviour.Popi or StackBehaviour.Popref => 1,
        StackBehaviour.Pop1_pop1 or StackBehaviour.Popi_pop1 or StackBehaviour.Popi_popi or StackBehaviour.Popi_popi8
            or StackBehaviour.Popi_popr4 or StackBehaviour.Popi_popr8 or StackBehaviour.Popref_pop1
            or StackBehaviour.Popref_popi => 2,
        StackBehaviour.Popi_popi_popi or StackBehaviour.Popref_popi_popi or StackBehaviour.Popref_popi_popi8
            or StackBehaviour.Popref_popi_popr4 or StackBehaviour.Popref_popi_popr8 or StackBehaviour.Popref_popi_popref => 3,
        StackBehaviour.Varpop when at.Operand is IMethodSignature called => PopsOfCall(at, called),
        StackBehaviour.Varpop => body.Method.ReturnType.MetadataType == MetadataType.Void ? 0 : 1,
        _ => 0,
    };

    private static int PopsOfCall(Instruction at, IMethodSignature called)
    {
        bool hasThis = called.HasThis && !called.ExplicitThis && at.OpCode.Code != Code.Newobj;
        return called.Parameters.Count + (hasThis ? 1 : 0) + (at.OpCode.Code == Code.Calli ? 1 : 0);
    }

    private static int Pushes(Instruction at) => at.OpCode.StackBehaviourPush switch
    {
        StackBehaviour.Push0 => 0,
        StackBehaviour.Push1_push1 => 2,
        StackBehaviour.Varpush when at.Operand is IMethodSignature called => IsVoid(called.ReturnType) ? 0 : 1,
        _ => 1,
    };

    private static bool IsVoid(TypeReference type) => type switch
    {
        IModifierType modified => IsVoid(modified.ElementType),
        _ => type.MetadataType == MetadataType.Void,
    };
}
