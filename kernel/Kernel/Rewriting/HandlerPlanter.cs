using Mono.Cecil;
using Mono.Cecil.Cil;

namespace RedLeafSharp.Rewriting;

/// <summary>
/// Makes the exception handlers of one method pass over the death of their domain: catch clauses become filters, filters are
/// and-ed, finally and fault blocks are entered on a condition.
/// </summary>
/// <remarks>
/// A catch clause that looked and threw again would not do: the runtime keeps some 15 KiB of stack for each exception that is
/// thrown out of a handler until the first one is done, so nested handlers would use up any stack.
/// </remarks>
internal sealed class HandlerPlanter(MethodBody body, SafepointHolder holder, string file)
{
    internal void Plant()
    {
        if (body.ExceptionHandlers.Select(handler => handler.HandlerStart).Distinct().Count() != body.ExceptionHandlers.Count)
        {
            throw new ImageException(file, $"handlers of {body.Method.FullName} overlap");
        }

        foreach (ExceptionHandler handler in body.ExceptionHandlers)
        {
            switch (handler.HandlerType)
            {
                case ExceptionHandlerType.Catch:
                    MakeFilter(handler);
                    break;
                case ExceptionHandlerType.Filter:
                    AndFilter(handler);
                    break;
                default:
                    GuardFinally(handler);
                    break;
            }
        }
    }

    private void MakeFilter(ExceptionHandler handler)
    {
        TypeReference caught = handler.CatchType;
        Instruction filter = handler.HandlerStart;
        Instruction cast = Instruction.Create(OpCodes.Castclass, caught);
        Instruction moved = CodeInsertion.Before(
            body,
            body.Instructions.IndexOf(filter),
            Instruction.Create(OpCodes.Isinst, caught),
            Instruction.Create(OpCodes.Ldnull),
            Instruction.Create(OpCodes.Cgt_Un),
            Instruction.Create(OpCodes.Call, holder.MayCatch),
            Instruction.Create(OpCodes.Endfilter),
            cast);

        // A loop inside the handler may go back to its first instruction, but not into the filter.
        CodeInsertion.Retarget(body, filter, moved);
        handler.HandlerType = ExceptionHandlerType.Filter;
        handler.CatchType = null;
        handler.FilterStart = filter;
        handler.HandlerStart = cast;
    }

    private void AndFilter(ExceptionHandler handler)
    {
        int start = body.Instructions.IndexOf(handler.FilterStart);
        for (int index = body.Instructions.IndexOf(handler.HandlerStart) - 1; index >= start; index--)
        {
            if (body.Instructions[index].OpCode.Code == Code.Endfilter)
            {
                CodeInsertion.Before(body, index, Instruction.Create(OpCodes.Call, holder.MayCatch));
            }
        }
    }

    private void GuardFinally(ExceptionHandler handler)
    {
        Instruction enter = handler.HandlerStart;
        Instruction end = LastOf(handler);
        Instruction skip = Instruction.Create(OpCodes.Brfalse, end);
        Instruction moved = CodeInsertion.Before(
            body, body.Instructions.IndexOf(enter), Instruction.Create(OpCodes.Call, holder.EnterFinally), skip);
        if (end == enter)
        {
            skip.Operand = moved;
        }

        CodeInsertion.Retarget(body, enter, moved);
        foreach (ExceptionHandler inner in body.ExceptionHandlers.Where(inner => inner.TryStart == enter))
        {
            inner.TryStart = moved;
        }
    }

    /// <summary>The endfinally at the end of a block. One that never ends, or throws, has none, and gets one.</summary>
    private Instruction LastOf(ExceptionHandler handler)
    {
        Instruction? behind = handler.HandlerEnd;
        Instruction last = behind is null ? body.Instructions[^1] : behind.Previous;
        if (last.OpCode.Code == Code.Endfinally)
        {
            return last;
        }

        Instruction end = Instruction.Create(OpCodes.Endfinally);
        int start = body.Instructions.IndexOf(handler.HandlerStart);
        body.Instructions.Insert(behind is null ? body.Instructions.Count : body.Instructions.IndexOf(behind), end);
        foreach (ExceptionHandler inner in body.ExceptionHandlers.Where(inner => inner != handler))
        {
            // What is nested and ended together with this block ends before the new instruction.
            if (inner.HandlerEnd == behind && body.Instructions.IndexOf(inner.HandlerStart) > start)
            {
                inner.HandlerEnd = end;
            }
        }

        return end;
    }
}
