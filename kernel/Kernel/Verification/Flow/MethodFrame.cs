using System.Reflection;

namespace RedLeafSharp.Verification.Flow;

/// <summary>
/// The slots of a method: its arguments, <c>this</c> first, then its locals. Those that may hold exchange references or
/// borrows are tracked; one more tracked slot stands for all borrows that the caller's references refer to.
/// </summary>
internal sealed class MethodFrame
{
    private readonly int[] ordinals;
    private readonly List<int> tracked = [];
    private readonly CallTarget self;

    internal MethodFrame(MethodBase method, MethodBody body, CallTarget self, TypeTable types)
    {
        this.self = self;
        var slotTypes = new List<Type>();
        if (!method.IsStatic)
        {
            Type declaring = method.DeclaringType!;
            slotTypes.Add(declaring.IsValueType ? declaring.MakeByRefType() : declaring);
        }

        slotTypes.AddRange(self.Parameters.Select(parameter => parameter.Type));
        ArgumentCount = slotTypes.Count;
        foreach (LocalVariableInfo local in body.LocalVariables)
        {
            if (local.IsPinned)
            {
                throw FlowException.Unsafe($"local {local.LocalIndex} is pinned");
            }

            slotTypes.Add(local.LocalType);
        }

        if (slotTypes.Count > FlowLimits.SlotsMax || body.MaxStackSize > FlowLimits.SlotsMax)
        {
            throw FlowException.Malformed($"more than {FlowLimits.SlotsMax} arguments and locals, or stack entries");
        }

        Types = [.. slotTypes];
        Facts = [.. slotTypes.Select(types.Of)];
        ordinals = new int[Types.Length];
        for (int i = 0; i < Types.Length; i++)
        {
            ordinals[i] = Facts[i].IsLinear || Facts[i].IsBorrow ? tracked.Count : -1;
            if (ordinals[i] >= 0)
            {
                tracked.Add(i);
            }
        }

        StackMax = body.MaxStackSize;
        for (int i = 0; i < ArgumentCount; i++)
        {
            if (IsOutArgument(i))
            {
                OutArguments |= i < 64 ? 1UL << i : throw FlowException.Malformed("an 'out' parameter behind 63 others");
            }
        }
    }

    internal Type[] Types { get; }

    internal TypeFacts[] Facts { get; }

    internal int ArgumentCount { get; }

    internal int StackMax { get; }

    /// <summary>The arguments, as bits, that the method has to assign borrows to before it returns.</summary>
    internal ulong OutArguments { get; }

    /// <summary>Tracked slots, with the caller's.</summary>
    internal int TrackedCount => tracked.Count + 1;

    internal int CallerOrdinal => tracked.Count;

    internal int Ordinal(int slot) => ordinals[slot];

    internal bool HoldsLinear(int ordinal) => ordinal < tracked.Count && Facts[tracked[ordinal]].IsLinear;

    internal bool HoldsBorrow(int ordinal) => ordinal == tracked.Count || Facts[tracked[ordinal]].IsBorrow;

    /// <summary>
    /// Whether an argument is an <c>out</c> for borrows. Callers take it for assigned, so that a borrow which has ended is
    /// not what they read from it.
    /// </summary>
    internal bool IsOutArgument(int slot)
    {
        int index = slot - (self.Method.IsStatic ? 0 : 1);
        return slot < ArgumentCount && index >= 0 && self.Parameters[index].IsOut
            && TypeTable.IsBorrowType(Types[slot].GetElementType()!);
    }

    /// <summary>What a message calls a tracked slot.</summary>
    internal string Name(int ordinal)
    {
        int slot = tracked[ordinal];
        return slot < ArgumentCount ? $"argument {slot}" : $"local {slot - ArgumentCount}";
    }

    /// <summary>Bit of a slot's place.</summary>
    internal static ulong PlaceOf(int ordinal) => Places.OfSlot(ordinal);

    /// <summary>The tracked slots that a mask of places names.</summary>
    internal IEnumerable<int> OrdinalsIn(ulong places)
    {
        if ((places & Places.Caller) != 0)
        {
            yield return CallerOrdinal;
        }

        for (ulong left = places & Places.Slots; left != 0; left &= left - 1)
        {
            int ordinal = System.Numerics.BitOperations.TrailingZeroCount(left);
            int end = ordinal == Places.SlotBits - 1 ? tracked.Count : ordinal + 1;
            for (; ordinal < end; ordinal++)
            {
                yield return ordinal;
            }
        }
    }

    /// <summary>The state in which the method starts.</summary>
    internal FrameState Start(TypeTable types)
    {
        var state = new FrameState(StackMax, TrackedCount);
        state.Slots[CallerOrdinal] = SlotState.Initial(Ownership.Empty);
        foreach (int slot in tracked)
        {
            state.Slots[ordinals[slot]] = slot < ArgumentCount
                ? StartOfArgument(slot, types)
                : SlotState.Initial(Facts[slot].Kind == StackKind.ByRef ? Ownership.Moved : Ownership.Empty);
        }

        state.IsThisInitialised = !IsObjectConstructor;
        return state;
    }

    internal bool IsObjectConstructor =>
        self.Method is ConstructorInfo { IsStatic: false } && !self.Method.DeclaringType!.IsValueType;

    private SlotState StartOfArgument(int slot, TypeTable types)
    {
        Type type = Types[slot];
        bool isThis = slot == 0 && !self.Method.IsStatic;
        ParameterFacts? parameter = isThis ? null : self.Parameters[slot - (self.Method.IsStatic ? 0 : 1)];
        ValueFlags flags = ValueFlags.None;
        if (isThis ? self.IsThisUnscoped : !parameter!.IsScoped && !parameter.IsOut)
        {
            flags |= ValueFlags.Outlives;
        }

        if (isThis ? self.IsThisReadOnly : parameter!.IsReadOnly)
        {
            flags |= ValueFlags.ReadOnly;
        }

        if (isThis)
        {
            flags |= ValueFlags.This;
        }

        TypeFacts? pointee = type.IsByRef ? types.Of(type.GetElementType()!) : null;
        ulong targets = pointee is { IsLinear: true } or { IsBorrow: true } ? TargetsOf(pointee) : Places.None;
        return new SlotState(Ownership.Owned, flags, Places.None, targets);
    }

    /// <summary>
    /// A caller's reference to a cell may refer to any cell, one to an exchange reference to a slot of the caller's.
    /// </summary>
    internal static ulong TargetsOf(TypeFacts pointee) =>
        pointee.IsLinear && !pointee.IsExchangeReference ? Places.UnknownCell | Places.Caller : Places.Caller;
}
