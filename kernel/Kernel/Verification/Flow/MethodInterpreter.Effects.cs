using System.Reflection;

namespace RedLeafSharp.Verification.Flow;

/// <content>What a call does to exchange references and borrows, and what the borrow it returns may refer to.</content>
internal sealed partial class MethodInterpreter
{
    /// <summary>What a callee could make a borrow from.</summary>
    private record struct Sources(ValueFlags Flags, ulong Origins, ulong Targets, ValueFlags AddressFlags)
    {
        internal void Add(ValueFlags flags, ulong origins)
        {
            Flags &= flags | ~ValueFlags.Outlives;
            Origins |= origins;
        }
    }

    /// <param name="target">The callee.</param>
    /// <param name="arguments">Popped and checked.</param>
    /// <param name="self">Its <c>this</c>; null for static methods and for new objects.</param>
    /// <param name="isVirtualCall">Whether an override may be called.</param>
    private void Complete(CallTarget target, StackValue[] arguments, StackValue? self, bool isVirtualCall)
    {
        MethodBase callee = target.Method;
        (ulong emptied, bool byOthers) = image.Cells.EmptiedBy(callee, isVirtualCall);
        ulong handed = 0;
        var sources = new Sources(ValueFlags.Outlives, 0, 0, ValueFlags.Outlives);
        for (int i = 0; i < arguments.Length; i++)
        {
            AddSource(ref sources, arguments[i], target.Parameters[i]);
            handed |= HandedOver(arguments[i], target.Parameters[i]);
        }

        if (self is { Kind: StackKind.ByRef } reference)
        {
            AddThis(ref sources, reference, target);
            handed |= HandedOverThis(reference, target);
        }

        sources.Origins |= image.Cells.ReturnedBy(callee, isVirtualCall);
        ulong killed = emptied | handed;
        CheckArgumentsLive(arguments, self, killed, byOthers, target);
        Kill(killed, byOthers ? ValueFlags.Dead | ValueFlags.DeadByWait : ValueFlags.Dead);
        StoreToBorrows(target, arguments, self, sources);
        PushResult(target, self, sources);
    }

    /// <summary>A borrow that is passed must not end before the callee is done with it.</summary>
    private void CheckArgumentsLive(StackValue[] arguments, StackValue? self, ulong killed, bool byOthers, CallTarget target)
    {
        for (int i = 0; i < arguments.Length; i++)
        {
            CheckLive(arguments[i], isWritten: target.Parameters[i].IsOut, killed, byOthers, target);
        }

        if (self is { } own)
        {
            CheckLive(own, isWritten: target.Method is ConstructorInfo, killed, byOthers, target);
        }
    }

    private void CheckLive(StackValue value, bool isWritten, ulong killed, bool byOthers, CallTarget target)
    {
        bool isRead = !isWritten && value.Kind == StackKind.ByRef && types.Of(value.Type!).IsBorrow;
        ulong origins = value.Origins | (isRead ? ContentOf(value).Origins : 0);
        if ((origins & killed) != 0)
        {
            throw new FlowException(
                byOthers ? "RL0107" : "RL0106",
                $"a borrow is passed to {target.Method.Name}, which may empty the cell or free the reference it is from");
        }
    }

    private void AddSource(ref Sources sources, StackValue value, ParameterFacts parameter)
    {
        if (!TypeTable.IsBorrowType(parameter.Type))
        {
            return;
        }

        bool isReference = value.Kind == StackKind.ByRef;
        if (isReference && types.Of(value.Type!).IsBorrow)
        {
            if (!parameter.IsOut)
            {
                AddContent(ref sources, value);
            }

            sources.Targets |= value.Targets;
            sources.AddressFlags &= value.Flags | ~ValueFlags.Outlives;
            return;
        }

        if (parameter.IsScoped || parameter.IsOut)
        {
            return;
        }

        sources.Add(value.Flags, value.Origins | value.Targets);
        sources.Targets |= value.Targets;
    }

    private void AddContent(ref Sources sources, StackValue reference)
    {
        SlotState content = ContentOf(reference);
        if ((content.Flags & ValueFlags.Dead) != 0)
        {
            throw DeadBorrow(content.Flags);
        }

        sources.Add(content.Flags, content.Origins);
    }

    private void AddThis(ref Sources sources, StackValue reference, CallTarget target)
    {
        TypeFacts facts = types.Of(reference.Type!);
        if (facts.IsBorrow && target.Method is not ConstructorInfo)
        {
            AddContent(ref sources, reference);
        }

        if (facts.IsLinear)
        {
            sources.Origins |= reference.Targets;
        }

        sources.Origins |= reference.Origins;
        sources.Targets |= reference.Targets;
        if (target.MayReturnThis)
        {
            sources.Add(reference.Flags, reference.Origins);
            sources.AddressFlags &= reference.Flags | ~ValueFlags.Outlives;
        }
    }

    /// <summary>The places that a callee may empty since it gets a reference to them that it can write through.</summary>
    private ulong HandedOver(StackValue value, ParameterFacts parameter)
    {
        if (value.Kind != StackKind.ByRef || !types.Of(value.Type!).IsLinear)
        {
            return 0;
        }

        if (!parameter.IsOut)
        {
            CheckTargetsHeld(value);
        }

        if (parameter.IsReadOnly)
        {
            return 0;
        }

        StoreLinear(value, replaces: false);
        return value.Targets & (Places.Slots | Places.Caller);
    }

    private ulong HandedOverThis(StackValue self, CallTarget target)
    {
        TypeFacts facts = types.Of(self.Type!);
        MethodBase callee = target.Method;
        if (!facts.IsLinear)
        {
            return 0;
        }

        if (callee is ConstructorInfo)
        {
            StoreLinear(self, replaces: true);
            return self.Targets & (Places.Slots | Places.Caller);
        }

        if (IsReplyValue(callee))
        {
            MoveOutThrough(self);
            return 0;
        }

        if (callee.Name is "get_IsNull" or "get_IsEmpty" || IsReply(callee.DeclaringType!))
        {
            return 0;
        }

        CheckTargetsHeld(self);
        if (TypeTable.IsCell(callee.DeclaringType!))
        {
            return callee.Name == "Take" ? WidenCells(self.Targets) : 0;
        }

        return target.IsThisReadOnly || facts.IsExchangeReference ? 0 : self.Targets & (Places.Slots | Places.Caller);
    }

    /// <summary>
    /// Emptying a cell that may be any ends the borrows from all; emptying a known one also ends those from cells unknown.
    /// </summary>
    private static ulong WidenCells(ulong targets)
    {
        ulong cells = targets & ~Places.Slots;
        ulong widened = (cells & (Places.UnknownCell | Places.Caller)) != 0 ? Places.Cells | Places.Caller : cells;
        return widened == 0 ? targets : widened | Places.UnknownCell | Places.Caller | (targets & Places.Slots);
    }

    private void CheckTargetsHeld(StackValue reference)
    {
        foreach (int ordinal in frame.OrdinalsIn(reference.Targets))
        {
            if (ordinal != frame.CallerOrdinal && frame.HoldsLinear(ordinal))
            {
                CheckNotMoved(ordinal);
            }
        }
    }

    private static bool IsReply(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Reply<,>);

    private static bool IsReplyValue(MethodBase callee) => callee.Name == "get_Value" && IsReply(callee.DeclaringType!);

    /// <summary>The value of a reply is moved out of it: a second reading would be a second reference.</summary>
    private void MoveOutThrough(StackValue reference)
    {
        CheckTargetsHeld(reference);
        foreach (int ordinal in frame.OrdinalsIn(reference.Targets))
        {
            if (ordinal == frame.CallerOrdinal || !frame.HoldsLinear(ordinal))
            {
                throw FlowException.Copied("the exchange reference of a reply is read through a reference; read it from a local");
            }

            NoteTouched(ordinal);
            state.Slots[ordinal] = state.Slots[ordinal] with { Ownership = Ownership.Moved };
            slotsChanged = true;
        }
    }

    /// <summary>A callee may store each borrow that it gets into each ref struct that it gets by reference.</summary>
    private void StoreToBorrows(CallTarget target, StackValue[] arguments, StackValue? self, Sources sources)
    {
        for (int i = 0; i < arguments.Length; i++)
        {
            ParameterFacts parameter = target.Parameters[i];
            if (arguments[i].Kind == StackKind.ByRef && !parameter.IsReadOnly && types.Of(arguments[i].Type!).IsBorrow)
            {
                StoreContent(arguments[i], sources.Flags, sources.Origins, parameter.IsOut);
            }
        }

        bool isConstructor = target.Method is ConstructorInfo;
        if (self is { Kind: StackKind.ByRef } own && types.Of(own.Type!).IsBorrow && (isConstructor || !target.IsThisReadOnly))
        {
            StoreContent(own, sources.Flags, sources.Origins, isConstructor);
        }
    }

    private void PushResult(CallTarget target, StackValue? self, Sources sources)
    {
        bool isNew = target.Method is ConstructorInfo && self is null;
        Type type = isNew ? target.Method.DeclaringType! : target.ReturnType;
        if (type == typeof(void))
        {
            return;
        }

        TypeFacts facts = types.Of(type);
        if (!facts.IsBorrow)
        {
            PushType(type);
            return;
        }

        if (facts.Kind != StackKind.ByRef)
        {
            state.Push(new StackValue(facts.Kind, type, sources.Flags & ValueFlags.Outlives, sources.Origins));
            return;
        }

        TypeFacts pointee = types.Of(type.GetElementType()!);
        ValueFlags flags = sources.Flags & ValueFlags.Outlives;
        ulong targets = Places.None;
        if (pointee.IsBorrow)
        {
            flags &= sources.AddressFlags;
            targets = sources.Targets | Places.Caller;
        }
        else if (pointee.IsLinear)
        {
            bool isContent = TypeTable.IsCell(target.Method.DeclaringType!);
            targets = isContent ? sources.Targets : sources.Targets | MethodFrame.TargetsOf(pointee) | Places.UnknownCell;
        }

        flags |= target.IsReturnReadOnly ? ValueFlags.ReadOnly : ValueFlags.None;
        ulong origins = pointee.IsLinear ? Places.None : sources.Origins;
        state.Push(new StackValue(StackKind.ByRef, type.GetElementType(), flags, origins, targets));
    }
}
