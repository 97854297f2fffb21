using System.Reflection.Emit;

namespace RedLeafSharp.Verification.Flow;

/// <summary>
/// Finds filters that answer no to whatever comes out of a certain handler: the filter looks at a local first, and the handler sets that
/// local first and never again. So no state of the handler reaches the filter's clause, although its try holds the handler.
/// </summary>
/// <remarks>
/// The rewriter plants this where several clauses shared a try (docs/safepoints.md). It is not taken for the rewriter's word: what is
/// looked for here proves it, whoever wrote it.
/// </remarks>
internal sealed class PassedFilters
{
    private const int None = -1;
    private const ushort Pop = 0x26;
    private const ushort LoadZero = 0x16;
    private const ushort LoadOne = 0x17;
    private const ushort EndFilter = 0xFE11;

    private readonly InstructionStream code;
    private readonly Dictionary<Region, int> setBy = [];
    /// <summary>By identity: a clause is a record whose properties change as the method is interpreted.</summary>
    private readonly Dictionary<Handler, int> askedBy = new(ReferenceEqualityComparer.Instance);

    internal PassedFilters(InstructionStream code, IReadOnlyList<Handler> handlers)
    {
        this.code = code;
        foreach (Handler handler in handlers.Where(one => one.Filter is not null))
        {
            if (LocalAskedBy(handler.Filter!) is int asked and not None)
            {
                askedBy.Add(handler, asked);
            }
        }

        foreach (Handler handler in handlers.Where(one => askedBy.Count > 0 && one.Body.Kind == RegionKind.Catch))
        {
            if (LocalSetBy(handler.Body) is int set and not None)
            {
                setBy.Add(handler.Body, set);
            }
        }
    }

    /// <summary>Whether a clause does not look at what comes out of any of these regions.</summary>
    internal bool Passes(Handler handler, IReadOnlyList<Region> left) =>
        askedBy.TryGetValue(handler, out int asked) && left.Any(region => setBy.TryGetValue(region, out int set) && set == asked);

    /// <summary>The local of a filter that starts with: if it is not zero, the answer is no.</summary>
    private int LocalAskedBy(Region filter)
    {
        Instruction load = code.At(filter.Start);
        int local = LocalOf(load, first: 0x06, inShort: 0x11, inLong: 0xFE0C);
        Instruction[] next = [.. Following(load, count: 4)];
        bool isFound = local != None && next is [{ Code: 0x2C or 0x39 }, { Code: Pop }, { Code: LoadZero }, { Code: 0x2B or 0x38 } toEnd]
            && code.IsBoundary(toEnd.Target)
            && code.At(toEnd.Target) is { Code: EndFilter } end && end.Next == filter.End;
        return isFound ? local : None;
    }

    /// <summary>The local that a handler sets to one first of all, and that nothing in it can change after that.</summary>
    private int LocalSetBy(Region body)
    {
        Instruction one = code.At(body.Start);
        if (one.Code != LoadOne || code.Following(one) is not { } store || LocalStoredBy(store) is not (int local and not None))
        {
            return None;
        }

        foreach (Instruction each in code.Instructions)
        {
            bool isAddressTaken = each.Code is 0x12 or 0xFE0D && each.Operand == local;
            bool isOtherStore = body.Contains(each.Offset) && each.Offset != store.Offset && LocalStoredBy(each) == local;
            if (isAddressTaken || isOtherStore || LeadsTo(each, store.Offset))
            {
                return None;
            }
        }

        return local;
    }

    private bool LeadsTo(Instruction instruction, int offset) => instruction.Opcode.OperandType switch
    {
        OperandType.InlineBrTarget or OperandType.ShortInlineBrTarget => instruction.Target == offset,
        OperandType.InlineSwitch =>
            Enumerable.Range(0, (int)instruction.Operand).Any(which => code.SwitchTarget(instruction, which) == offset),
        _ => false,
    };

    private static int LocalStoredBy(Instruction store) => LocalOf(store, first: 0x0A, inShort: 0x13, inLong: 0xFE0E);

    /// <summary>Locals are named in three ways (ECMA-335 III.3.43 and III.3.63): the first four in the operation, others behind it.</summary>
    private static int LocalOf(Instruction instruction, ushort first, ushort inShort, ushort inLong)
    {
        if (instruction.Code >= first && instruction.Code < first + 4)
        {
            return instruction.Code - first;
        }

        return instruction.Code == inShort || instruction.Code == inLong ? (int)instruction.Operand : None;
    }

    private IEnumerable<Instruction> Following(Instruction instruction, int count)
    {
        Instruction? next = code.Following(instruction);
        for (; next is not null && count > 0; count--)
        {
            yield return next.Value;
            next = code.Following(next.Value);
        }
    }
}
