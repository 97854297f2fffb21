namespace RedLeafSharp.Verification.Flow;

/// <summary>The evaluation stack and the tracked slots at one point of the code.</summary>
internal sealed class FrameState
{
    /// <summary>Known of both only if known of each.</summary>
    private const ValueFlags Certain = ValueFlags.Outlives | ValueFlags.This | ValueFlags.WholeSlot;

    /// <summary>Possible for the one or the other.</summary>
    private const ValueFlags Possible =
        ValueFlags.ReadOnly | ValueFlags.Controlled | ValueFlags.Dead | ValueFlags.DeadByWait | ValueFlags.Uninitialised;

    private readonly StackValue[] stack;
    private readonly SlotState[] slots;

    internal FrameState(int stackMax, int slotCount)
    {
        stack = new StackValue[stackMax];
        slots = new SlotState[slotCount];
    }

    private FrameState(FrameState other)
    {
        stack = new StackValue[other.stack.Length];
        Array.Copy(other.stack, stack, other.Depth);
        slots = (SlotState[])other.slots.Clone();
        Depth = other.Depth;
        IsThisInitialised = other.IsThisInitialised;
        AssignedOuts = other.AssignedOuts;
    }

    internal int Depth { get; private set; }

    /// <summary>Whether a constructor has called another one, as it must before it uses its object.</summary>
    internal bool IsThisInitialised { get; set; }

    /// <summary>The arguments, as bits, through which something has been assigned on all paths.</summary>
    internal ulong AssignedOuts { get; set; }

    internal Span<SlotState> Slots => slots;

    internal Span<StackValue> Stack => stack.AsSpan(0, Depth);

    /// <summary>What a copy or a join costs.</summary>
    internal int Steps => 1 + Depth + slots.Length;

    internal static ValueFlags JoinFlags(ValueFlags one, ValueFlags other) =>
        (one & other & Certain) | ((one | other) & Possible);

    internal FrameState Clone() => new(this);

    internal void Push(StackValue value)
    {
        if (Depth == stack.Length)
        {
            throw FlowException.Type($"the stack grows beyond the {stack.Length} entries that the method declares");
        }

        stack[Depth++] = value;
    }

    internal StackValue Pop() =>
        Depth > 0 ? stack[--Depth] : throw FlowException.Type("the stack is empty");

    internal void Clear() => Depth = 0;

    /// <summary>Ends all borrows from the places.</summary>
    internal void Kill(ulong places, ValueFlags reason)
    {
        for (int i = 0; i < slots.Length; i++)
        {
            slots[i] = slots[i].Killed(places, reason);
        }

        for (int i = 0; i < Depth; i++)
        {
            if ((stack[i].Origins & places) != 0)
            {
                stack[i] = stack[i] with { Flags = stack[i].Flags | reason };
            }
        }
    }

    /// <summary>Takes in what is known on another path to the same point. Returns whether anything changed.</summary>
    internal bool Join(FrameState other, TypeTable types, bool withStack)
    {
        bool changed = false;
        if (withStack)
        {
            if (Depth != other.Depth)
            {
                throw FlowException.Type($"paths meet with {Depth} and with {other.Depth} values on the stack");
            }

            for (int i = 0; i < Depth; i++)
            {
                StackValue joined = StackJoin.Join(stack[i], other.stack[i], types);
                changed |= joined != stack[i];
                stack[i] = joined;
            }
        }

        for (int i = 0; i < slots.Length; i++)
        {
            SlotState joined = SlotState.Join(slots[i], other.slots[i]);
            changed |= joined != slots[i];
            slots[i] = joined;
        }

        if ((AssignedOuts & ~other.AssignedOuts) != 0)
        {
            AssignedOuts &= other.AssignedOuts;
            changed = true;
        }

        if (IsThisInitialised && !other.IsThisInitialised)
        {
            IsThisInitialised = false;
            changed = true;
        }

        return changed;
    }
}
