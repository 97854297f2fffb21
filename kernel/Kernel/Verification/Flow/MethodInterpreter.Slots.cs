
namespace RedLeafSharp.Verification.Flow;

/// <content>Arguments and locals: where exchange references move and borrows live.</content>
internal sealed partial class MethodInterpreter
{
    private void ExecuteSlot()
    {
        ushort operation = current.Code;
        switch (operation)
        {
            case >= 0x02 and <= 0x05:
                LoadSlot(Argument(operation - 0x02));
                break;
            case >= 0x06 and <= 0x09:
                LoadSlot(Local(operation - 0x06));
                break;
            case >= 0x0A and <= 0x0D:
                StoreSlot(Local(operation - 0x0A));
                break;
            case 0x0E or 0xFE09:
                LoadSlot(Argument(current.Operand));
                break;
            case 0x0F or 0xFE0A:
                LoadAddress(Argument(current.Operand));
                break;
            case 0x10 or 0xFE0B:
                StoreSlot(Argument(current.Operand));
                break;
            case 0x11 or 0xFE0C:
                LoadSlot(Local(current.Operand));
                break;
            case 0x12 or 0xFE0D:
                LoadAddress(Local(current.Operand));
                break;
            default:
                StoreSlot(Local(current.Operand));
                break;
        }
    }

    private int Argument(long index) =>
        index < frame.ArgumentCount ? (int)index : throw FlowException.Malformed($"there is no argument {index}");

    private int Local(long index) => index < frame.Types.Length - frame.ArgumentCount
        ? frame.ArgumentCount + (int)index : throw FlowException.Malformed($"there is no local {index}");

    private void LoadSlot(int slot)
    {
        TypeFacts facts = frame.Facts[slot];
        Type type = frame.Types[slot];
        CheckNotCopied(type);
        if (facts.IsLinear)
        {
            MoveOut(slot);
        }

        if (facts.Kind == StackKind.ByRef && state.Slots[frame.Ordinal(slot)].Ownership != Ownership.Owned)
        {
            throw FlowException.Type("a local reference is used that is not assigned on every path: it may refer to nothing");
        }

        if (facts.IsBorrow)
        {
            SlotState held = state.Slots[frame.Ordinal(slot)];
            Type seen = facts.Kind == StackKind.ByRef ? type.GetElementType()! : type;
            int outArgument = frame.IsOutArgument(slot) ? slot + 1 : 0;
            var value = new StackValue(facts.Kind, seen, held.Flags, held.Origins, held.Targets, OutArgument: outArgument);
            CheckUsable(value);
            state.Push(value);
        }
        else if (slot == 0 && !method.IsStatic && facts.Kind == StackKind.Object)
        {
            ValueFlags uninitialised = state.IsThisInitialised ? ValueFlags.None : ValueFlags.Uninitialised;
            state.Push(new StackValue(StackKind.Object, type, ValueFlags.This | ValueFlags.Outlives | uninitialised));
        }
        else
        {
            PushType(type);
        }
    }

    private static void CheckNotCopied(Type type)
    {
        if (TypeTable.IsInPlaceOnly(type))
        {
            throw FlowException.Copied($"{type.Name} is copied; it holds a buffer that is given back once");
        }
    }

    /// <summary>Reading an exchange reference moves it: the slot has it no more, and borrows from it end.</summary>
    private void MoveOut(int slot)
    {
        int ordinal = frame.Ordinal(slot);
        CheckNotMoved(ordinal);
        if (state.Slots[ordinal].Ownership == Ownership.Owned)
        {
            state.Slots[ordinal] = state.Slots[ordinal] with { Ownership = Ownership.Moved };
            Kill(MethodFrame.PlaceOf(ordinal), ValueFlags.Dead);
        }
    }

    private void CheckNotMoved(int ordinal)
    {
        switch (state.Slots[ordinal].Ownership)
        {
            case Ownership.Moved:
                throw new FlowException("RL0101", $"{frame.Name(ordinal)} is used after its exchange reference has been moved");
            case Ownership.Maybe:
                throw new FlowException(
                    "RL0103", $"{frame.Name(ordinal)} is used although its exchange reference has been moved on some path");
        }
    }

    private void StoreSlot(int slot)
    {
        if ((slot == 0 && !method.IsStatic) || frame.IsOutArgument(slot))
        {
            throw FlowException.Type("'this', or the reference of an 'out' parameter, is replaced");
        }

        TypeFacts facts = frame.Facts[slot];
        StackValue value = Pop();
        CheckAssignable(value, frame.Types[slot], "assignment");
        CheckAssigned(value);
        int ordinal = frame.Ordinal(slot);
        if (ordinal < 0)
        {
            return;
        }

        if (facts.IsLinear)
        {
            state.Slots[ordinal] = SlotState.Initial(Ownership.Owned);
            Kill(MethodFrame.PlaceOf(ordinal), ValueFlags.Dead);
        }
        else
        {
            ValueFlags kept = value.Flags & ~ValueFlags.This;
            state.Slots[ordinal] = new SlotState(Ownership.Owned, kept, value.Origins, value.Targets);
            slotsChanged = true;
        }
    }

    private void LoadAddress(int slot)
    {
        Type type = frame.Types[slot];
        if (type.IsByRef || (slot == 0 && !method.IsStatic))
        {
            throw FlowException.Type("the address of a reference, or of 'this'");
        }

        int ordinal = frame.Ordinal(slot);
        ulong targets = ordinal >= 0 ? MethodFrame.PlaceOf(ordinal) : Places.None;
        state.Push(new StackValue(StackKind.ByRef, type, ValueFlags.WholeSlot, Places.None, targets));
    }

    private void Kill(ulong places, ValueFlags reason)
    {
        if (places != 0)
        {
            state.Kill(places, reason);
            slotsChanged = true;
            NoteKilled(places);
        }
    }

    /// <summary>
    /// The borrow behind a reference to a ref struct: all that the slots it may refer to can hold.
    /// </summary>
    private SlotState ContentOf(StackValue reference)
    {
        CheckAssigned(reference);
        SlotState? content = null;
        foreach (int ordinal in frame.OrdinalsIn(reference.Targets))
        {
            SlotState held = state.Slots[ordinal];
            if (frame.HoldsBorrow(ordinal))
            {
                content = content is { } other ? SlotState.Join(other, held) : held;
            }
        }

        return content ?? state.Slots[frame.CallerOrdinal];
    }

    /// <summary>What an 'out' parameter held before the call may have ended: it is written before it is read.</summary>
    private void CheckAssigned(StackValue reference)
    {
        if (reference.OutArgument > 0 && (state.AssignedOuts & (1UL << (reference.OutArgument - 1))) == 0)
        {
            throw FlowException.Type("an 'out' parameter is read before it is assigned");
        }
    }

    /// <summary>Notes that a borrow has been stored through a reference to a ref struct.</summary>
    private void StoreContent(StackValue reference, ValueFlags flags, ulong origins, bool replaces)
    {
        List<int> ordinals = [.. frame.OrdinalsIn(reference.Targets)];
        bool isWhole = replaces && ordinals.Count == 1 && reference.Has(ValueFlags.WholeSlot);
        if (replaces && reference.OutArgument > 0)
        {
            state.AssignedOuts |= 1UL << (reference.OutArgument - 1);
        }

        if (ordinals.Count == 0)
        {
            ordinals.Add(frame.CallerOrdinal);
        }

        foreach (int ordinal in ordinals)
        {
            if (!frame.HoldsBorrow(ordinal))
            {
                continue;
            }

            if (ordinal == frame.CallerOrdinal && (flags & ValueFlags.Outlives) == 0)
            {
                throw FlowException.Type("a reference to a local is stored where it outlives the local");
            }

            var stored = new SlotState(Ownership.Owned, flags & ~(ValueFlags.This | ValueFlags.WholeSlot), origins, Places.None);
            NoteTouched(ordinal);
            state.Slots[ordinal] = isWhole ? stored : SlotState.Join(state.Slots[ordinal], stored);
        }

        slotsChanged = true;
    }

    /// <summary>Notes that an exchange reference, or a struct with cells, has been written through a reference.</summary>
    private void StoreLinear(StackValue reference, bool replaces)
    {
        List<int> ordinals = [.. frame.OrdinalsIn(reference.Targets)];
        bool isWhole = replaces && ordinals.Count == 1 && reference.Has(ValueFlags.WholeSlot);
        foreach (int ordinal in ordinals)
        {
            NoteTouched(ordinal);
            if (frame.HoldsLinear(ordinal) && (isWhole || state.Slots[ordinal].Ownership == Ownership.Empty))
            {
                state.Slots[ordinal] = SlotState.Initial(Ownership.Owned);
            }
        }

        Kill(reference.Targets & (Places.Slots | Places.Caller), ValueFlags.Dead);
    }
}
