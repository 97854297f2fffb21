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

    /// <summary>Copies parts of a body to be executed one after the other: where one part ends, however it ends, the next begins.</summary>
    /// <param name="body">The body.</param>
    /// <param name="parts">Of each part the index of its first instruction and that behind its last.</param>
    /// <param name="next">Index of the instruction at which it goes on behind the last part.</param>
    internal static List<Instruction> InSequence(MethodBody body, (int First, int End)[] parts, int next)
    {
        List<Instruction>[] clones = [.. parts.Select(part => Of(body, part.First, part.End))];
        for (int number = 0; number < parts.Length; number++)
        {
            Instruction ended = body.Instructions[parts[number].End];
            Instruction following = number + 1 < parts.Length ? clones[number + 1][0] : body.Instructions[next];
            foreach (Instruction copy in clones[number].Where(copy => copy.Operand == ended))
            {
                copy.Operand = following;
            }
        }

        return [.. clones.SelectMany(clone => clone)];
    }

    private static Instruction Copy(Instruction original)
    {
        Instruction copy = Instruction.Create(OpCodes.Nop);
        (copy.OpCode, copy.Operand) = (original.OpCode, original.Operand);
        return copy;
    }
}
