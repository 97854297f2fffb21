using Mono.Cecil.Cil;

namespace RedLeafSharp.Rewriting;

/// <summary>Copies of instructions, whose branches among themselves lead to the copies.</summary>
internal static class CodeClone
{
    /// <summary>Copies a range of a body.</summary>
    /// <param name="body">The body.</param>
    /// <param name="first">Index of the first instruction.</param>
    /// <param name="end">Index behind the last.</param>
    internal static List<Instruction> Of(MethodBody body, int first, int end)
    {
        var copies = new Dictionary<Instruction, Instruction>();
        var clone = new List<Instruction>(end - first);
        for (int index = first; index < end; index++)
        {
            Instruction copy = Copy(body.Instructions[index]);
            copies.Add(body.Instructions[index], copy);
            clone.Add(copy);
        }

        foreach (Instruction copy in clone)
        {
            // A loop of one statement goes back to the original: there the mutant is asked for again.
            if (copy.Operand is Instruction target && copies.TryGetValue(target, out Instruction? inside)
                && target != body.Instructions[first])
            {
                copy.Operand = inside;
            }
        }

        return clone;
    }

    private static Instruction Copy(Instruction original)
    {
        Instruction copy = Instruction.Create(OpCodes.Nop);
        (copy.OpCode, copy.Operand) = (original.OpCode, original.Operand);
        return copy;
    }
}
