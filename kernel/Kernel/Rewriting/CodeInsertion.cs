using Mono.Cecil.Cil;

namespace RedLeafSharp.Rewriting;

/// <summary>Inserts instructions so that no path leads around them.</summary>
internal static class CodeInsertion
{
    /// <summary>Inserts before an instruction.</summary>
    /// <returns>The object that holds the instruction now.</returns>
    /// <remarks>
    /// The instruction's object becomes the first planted one, and what it was moves to a new object behind. So everything
    /// that pointed at the instruction - branches, switch tables, bounds of exception handlers, sequence points, scopes -
    /// points at what was planted.
    /// </remarks>
    internal static Instruction Before(MethodBody body, int index, params ReadOnlySpan<Instruction> planted)
    {
        Instruction first = body.Instructions[index];
        Instruction moved = Instruction.Create(OpCodes.Nop);
        (moved.OpCode, moved.Operand) = (first.OpCode, first.Operand);
        (first.OpCode, first.Operand) = (planted[0].OpCode, planted[0].Operand);
        foreach (Instruction each in planted[1..])
        {
            body.Instructions.Insert(++index, each);
        }

        body.Instructions.Insert(index + 1, moved);
        return moved;
    }

    /// <summary>Points all branches at another instruction.</summary>
    internal static void Retarget(MethodBody body, Instruction from, Instruction to)
    {
        foreach (Instruction each in body.Instructions)
        {
            if (each.Operand == from)
            {
                each.Operand = to;
            }
            else if (each.Operand is Instruction[] targets)
            {
                for (int i = 0; i < targets.Length; i++)
                {
                    targets[i] = targets[i] == from ? to : targets[i];
                }
            }
        }
    }
}
