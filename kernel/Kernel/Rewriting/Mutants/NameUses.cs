using Mono.Cecil;
using Mono.Cecil.Cil;

namespace RedLeafSharp.Rewriting;

/// <summary>
/// Which instructions of a statement the compiler makes of one name or constant in the source. Who writes another name there changes
/// all of them.
/// </summary>
internal static class NameUses
{
    /// <summary>The instructions that stand for what one stands for, in order; itself alone mostly.</summary>
    /// <param name="body">The method, with long branches.</param>
    /// <param name="one">The statement.</param>
    /// <param name="index">Where something is read.</param>
    internal static List<int> Of(MethodBody body, Statement one, int index)
    {
        List<int>? others = body.Instructions[index].OpCode.Code switch
        {
            Code.Ldloc => FindStore(body, one, index, Code.Stloc) ?? FindPattern(body, one, index),
            Code.Ldfld => FindStore(body, one, index, Code.Stfld),
            Code.Ldc_I4 => FindRange(body, one, index),
            _ => null,
        };
        return others is null ? [index] : others;
    }

    /// <summary>An increment or a compound assignment: what is read is written behind some arithmetic.</summary>
    private static List<int>? FindStore(MethodBody body, Statement one, int index, Code store)
    {
        for (int at = index + 1; at < one.End; at++)
        {
            if (body.Instructions[at].OpCode == body.Instructions[index].OpCode && IsSame(body, at, index))
            {
                return null;
            }

            if (body.Instructions[at].OpCode.Code == store && IsSame(body, at, index))
            {
                return IsComputed(body, index, at) ? [index, at] : null;
            }
        }

        return null;
    }

    /// <summary>Whether what is stored comes from arithmetic; copies of it are for the rest of the expression.</summary>
    private static bool IsComputed(MethodBody body, int read, int store)
    {
        int at = store - 1;
        while (at > read && body.Instructions[at].OpCode.Code is Code.Dup or Code.Stloc or Code.Ldloc)
        {
            at--;
        }

        return body.Instructions[at].OpCode.Code is Code.Add or Code.Sub or Code.Mul or Code.And or Code.Or or Code.Xor or Code.Shl or Code.Shr;
    }

    /// <summary>"x is A or B": every comparison with a constant reads the variable anew.</summary>
    private static List<int>? FindPattern(MethodBody body, Statement one, int index)
    {
        if (one.Kind != StatementKind.Condition || !IsCompared(body, index))
        {
            return null;
        }

        List<int> all = [.. Enumerable.Range(one.First, one.End - one.First).Where(at =>
            body.Instructions[at].OpCode.Code == Code.Ldloc && IsSame(body, at, index) && IsCompared(body, at))];
        return all.Count > 1 ? all : null;
    }

    private static bool IsCompared(MethodBody body, int index) =>
        body.Instructions[index + 1].OpCode.Code is Code.Ldc_I4 or Code.Ldc_I8 or Code.Ldstr;

    /// <summary>"bytes[520..]": where the slice begins is taken from its length, too.</summary>
    private static List<int>? FindRange(MethodBody body, Statement one, int index)
    {
        for (int at = index + 1; at + 2 < one.End; at++)
        {
            if (body.Instructions[at].OpCode.Code == Code.Ldc_I4 && IsSame(body, at, index)
                && body.Instructions[at + 1].OpCode.Code == Code.Sub
                && body.Instructions[at + 2].Operand is MethodReference { Name: "Slice" or "Substring" })
            {
                return [index, at];
            }
        }

        return null;
    }

    private static bool IsSame(MethodBody body, int index, int other) => (body.Instructions[index].Operand, body.Instructions[other].Operand) switch
    {
        (FieldReference field, FieldReference same) => field.FullName == same.FullName,
        (int value, int same) => value == same,
        (object operand, object same) => operand == same,
        _ => false,
    };
}
