
namespace RedLeafSharp.Verification.Flow;

/// <content>Branches, returns, and the ways in and out of protected regions.</content>
internal sealed partial class MethodInterpreter
{
    /// <returns>Whether control can go on with the next instruction.</returns>
    private bool ExecuteControl()
    {
        switch (current.Code)
        {
            case 0x2A:
                Return();
                return false;
            case 0x2B or 0x38:
                Branch(current.Target);
                return false;
            case 0x2C or 0x2D or 0x39 or 0x3A:
                PopCondition();
                Branch(current.Target);
                return true;
            case (>= 0x2E and <= 0x37) or (>= 0x3B and <= 0x44):
                Compare(isEquality: current.Code is 0x2E or 0x33 or 0x3B or 0x40);
                Branch(current.Target);
                return true;
            case 0x45:
                Switch();
                return true;
            case 0x7A:
                Throw();
                return false;
            case 0xDC:
                EndFinally();
                return false;
            case 0xDD or 0xDE:
                Leave();
                return false;
            case 0xFE11:
                EndFilter();
                return false;
            default:
                Rethrow();
                return false;
        }
    }

    private void PopCondition()
    {
        StackValue value = Pop();
        if (value.Kind is StackKind.Value or StackKind.Float or StackKind.Function)
        {
            throw FlowException.Type($"{current.Opcode.Name} on {value}");
        }
    }

    private void Switch()
    {
        if (Pop().Kind != StackKind.Int32)
        {
            throw FlowException.Type("switch on what is no Int32");
        }

        for (int i = 0; i < current.Operand; i++)
        {
            Branch(code.SwitchTarget(current, i));
        }
    }

    private void Return()
    {
        if (self.ReturnType != typeof(void))
        {
            StackValue value = Pop();
            CheckAssignable(value, self.ReturnType, "return");
            CheckMayReturn(value);
        }

        if (state.Depth != 0)
        {
            throw FlowException.Type("the stack is not empty at the return");
        }

        if ((frame.OutArguments & ~state.AssignedOuts) != 0)
        {
            throw FlowException.Type("an 'out' parameter is not assigned; what it held before may have ended");
        }

        if (regions.Innermost(current.Offset) is not null)
        {
            throw FlowException.Handler("return out of a protected region");
        }

        if (!state.IsThisInitialised && method.DeclaringType!.BaseType is not null)
        {
            throw FlowException.Type("the constructor returns without having called the one of its base class");
        }
    }

    private void CheckMayReturn(StackValue value)
    {
        if (!types.Of(self.ReturnType).IsBorrow)
        {
            return;
        }

        if (!value.Has(ValueFlags.Outlives))
        {
            throw FlowException.Type("a reference to a local is returned");
        }

        if (value.Kind == StackKind.ByRef && value.Has(ValueFlags.ReadOnly | ValueFlags.Controlled) && !self.IsReturnReadOnly)
        {
            throw FlowException.Access("a reference for reading only is returned as one for writing");
        }
    }

    private void Throw()
    {
        StackValue value = Pop();
        CheckAssignable(value, typeof(Exception), "throw");
    }

    private void Rethrow()
    {
        Region? region = regions.Innermost(current.Offset);
        while (region is { Kind: RegionKind.Try })
        {
            region = region.Parent;
        }

        if (region is not { Kind: RegionKind.Catch })
        {
            throw FlowException.Handler("rethrow outside of a catch handler");
        }
    }

    private void EndFilter()
    {
        Region? region = regions.Innermost(current.Offset);
        if (region is not { Kind: RegionKind.Filter } || region.End != current.Next)
        {
            throw FlowException.Handler("endfilter that is not the end of a filter");
        }

        if (Pop().Kind != StackKind.Int32 || state.Depth != 0)
        {
            throw FlowException.Handler("a filter ends with something else than one Int32 on the stack");
        }
    }

    private void EndFinally()
    {
        Region? region = regions.Innermost(current.Offset);
        if (region is not { Kind: RegionKind.Finally or RegionKind.Fault })
        {
            throw FlowException.Handler("endfinally outside of a finally or fault handler");
        }

        Handler handler = region.Owner!;
        state.Clear();
        if (handler.Exit is null)
        {
            handler.Exit = state.Clone();
            EnqueueLeavers(handler);
        }
        else if (handler.Exit.Join(state, types, withStack: true))
        {
            EnqueueLeavers(handler);
        }
    }

    private void EnqueueLeavers(Handler handler)
    {
        foreach (int leaver in handler.Leavers)
        {
            Enqueue(leaver);
        }
    }

    /// <summary>
    /// Goes on at the target in the state that the finally handlers on the way leave behind. A handler has one state for all
    /// paths into it, so only what it touches is taken from there; all else goes around it.
    /// </summary>
    private void Leave()
    {
        state.Clear();
        foreach (Handler handler in regions.CheckLeave(current.Offset, current.Target))
        {
            handler.Leavers.Add(blockStart);
            if (handler.Exit is not { } exit)
            {
                return;
            }

            for (int i = 0; i < frame.TrackedCount; i++)
            {
                state.Slots[i] = handler.TouchedSlots[i]
                    ? exit.Slots[i] : state.Slots[i].Killed(handler.KilledPlaces, ValueFlags.Dead);
            }

            state.IsThisInitialised |= exit.IsThisInitialised;
            state.AssignedOuts |= exit.AssignedOuts;
        }

        Flow(current.Target, state);
    }

    /// <summary>Finds the slots that each finally mentions.</summary>
    private void MarkTouchedSlots()
    {
        foreach (Handler handler in regions.Handlers)
        {
            handler.TouchedSlots = new bool[frame.TrackedCount];
            int index = code.IndexAt(handler.Body.Start);
            for (; handler.IsFinally && index < states.Length && code.Instructions[index].Offset < handler.Body.End; index++)
            {
                Spend(1);
                if (SlotOf(code.Instructions[index]) is int slot && slot < frame.Types.Length && frame.Ordinal(slot) >= 0)
                {
                    handler.TouchedSlots[frame.Ordinal(slot)] = true;
                }
            }
        }
    }

    /// <summary>The slot that an instruction names; null if it names none.</summary>
    private int? SlotOf(Instruction instruction) => instruction.Code switch
    {
        >= 0x02 and <= 0x05 => instruction.Code - 0x02,
        >= 0x06 and <= 0x09 => frame.ArgumentCount + instruction.Code - 0x06,
        >= 0x0A and <= 0x0D => frame.ArgumentCount + instruction.Code - 0x0A,
        0x0E or 0x0F or 0x10 or 0xFE09 or 0xFE0A or 0xFE0B => (int)instruction.Operand,
        0x11 or 0x12 or 0x13 or 0xFE0C or 0xFE0D or 0xFE0E => frame.ArgumentCount + (int)instruction.Operand,
        _ => null,
    };

    /// <summary>The finally handlers whose code holds the current instruction.</summary>
    private IEnumerable<Handler> EnclosingFinallys()
    {
        for (Region? region = regions.Innermost(current.Offset); region is not null; region = region.Parent)
        {
            if (region.Kind == RegionKind.Finally)
            {
                yield return region.Owner!;
            }
        }
    }

    private void NoteKilled(ulong places)
    {
        foreach (Handler handler in EnclosingFinallys())
        {
            if ((handler.KilledPlaces | places) != handler.KilledPlaces)
            {
                handler.KilledPlaces |= places;
                EnqueueLeavers(handler);
            }
        }
    }

    private void NoteTouched(int ordinal)
    {
        foreach (Handler handler in EnclosingFinallys())
        {
            if (!handler.TouchedSlots[ordinal])
            {
                handler.TouchedSlots[ordinal] = true;
                EnqueueLeavers(handler);
            }
        }
    }
}
