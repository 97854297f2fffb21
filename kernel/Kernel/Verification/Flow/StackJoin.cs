namespace RedLeafSharp.Verification.Flow;

/// <summary>What a value is known to be where two paths meet (ECMA-335 III.1.8.1.3).</summary>
internal static class StackJoin
{
    internal static StackValue Join(StackValue one, StackValue other, TypeTable types)
    {
        if (one == other)
        {
            return one;
        }

        if ((one.Flags ^ other.Flags).HasFlag(ValueFlags.Uninitialised))
        {
            throw FlowException.Type("'this' is initialised on one path only");
        }

        ValueFlags flags = FrameState.JoinFlags(one.Flags, other.Flags);
        (StackKind kind, Type? type) = JoinTypes(one, other, types);
        if (one.OutArgument != other.OutArgument)
        {
            throw FlowException.Type("paths meet with different 'out' parameters on the stack");
        }

        return new StackValue(
            kind, type, flags, one.Origins | other.Origins, one.Targets | other.Targets, OutArgument: one.OutArgument);
    }

    private static (StackKind Kind, Type? Type) JoinTypes(StackValue one, StackValue other, TypeTable types)
    {
        switch (one.Kind, other.Kind)
        {
            case (StackKind.Null, StackKind.Object):
                return (StackKind.Object, other.Type);
            case (StackKind.Object, StackKind.Null):
                return (StackKind.Object, one.Type);
            case (StackKind.Object, StackKind.Object):
                return (StackKind.Object, CommonBase(one.Type!, other.Type!, types));
            case (StackKind.Native, StackKind.Int32) or (StackKind.Int32, StackKind.Native):
                return (StackKind.Native, null);
            case (StackKind.ByRef, StackKind.ByRef) or (StackKind.Value, StackKind.Value)
                when types.IsSame(one.Type, other.Type):
                return (one.Kind, one.Type);
        }

        bool isNumber = one.Kind is StackKind.Int32 or StackKind.Int64 or StackKind.Native or StackKind.Float or StackKind.Null;
        return isNumber && one.Kind == other.Kind
            ? (one.Kind, null) : throw FlowException.Type($"paths meet with {one} and {other} in the same place of the stack");
    }

    private static Type CommonBase(Type one, Type other, TypeTable types)
    {
        if (types.HoldsLinear(one) || types.HoldsLinear(other))
        {
            return one == other ? one : throw FlowException.Copied($"{one.Name} seen as {other.Name}");
        }

        if (types.IsAssignable(other, one))
        {
            return one;
        }

        if (types.IsAssignable(one, other))
        {
            return other;
        }

        for (Type? up = one.IsInterface ? null : one.BaseType; up is not null; up = up.BaseType)
        {
            if (types.IsAssignable(other, up))
            {
                return up;
            }
        }

        return typeof(object);
    }
}
