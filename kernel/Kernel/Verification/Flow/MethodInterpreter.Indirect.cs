namespace RedLeafSharp.Verification.Flow;

/// <content>Loads and stores through references.</content>
internal sealed partial class MethodInterpreter
{
    private void ExecuteIndirect()
    {
        switch (current.Code)
        {
            case 0x50:
                LoadObjectReference();
                break;
            case >= 0x46 and <= 0x4F:
                LoadNumber(AccessType(current.Code - 0x46));
                break;
            case 0x51:
                StoreObjectReference();
                break;
            case (>= 0x52 and <= 0x57) or 0xDF:
                StoreNumber(current.Code switch
                {
                    0x52 => typeof(sbyte),
                    0x53 => typeof(short),
                    0x54 => typeof(int),
                    0x55 => typeof(long),
                    0x56 => typeof(float),
                    0x57 => typeof(double),
                    _ => typeof(nint),
                });
                break;
            case 0x71:
                LoadThrough(tokens.Type(current.Token));
                break;
            case 0x81:
                StoreThrough(tokens.Type(current.Token));
                break;
            case 0xFE15:
                ClearThrough(tokens.Type(current.Token));
                break;
            default:
                throw FlowException.Malformed($"the operation {current.Opcode.Name} is not admitted");
        }
    }

    /// <summary>The type behind the suffixes i1, u1, i2, u2, i4, u4, i8, i, r4, r8 in the order of their encodings.</summary>
    private static Type AccessType(int suffix) => suffix switch
    {
        0 or 1 => typeof(sbyte),
        2 or 3 => typeof(short),
        4 or 5 => typeof(int),
        6 => typeof(long),
        7 => typeof(nint),
        8 => typeof(float),
        _ => typeof(double),
    };

    private StackValue PopReference(Type to)
    {
        StackValue reference = Pop();
        return reference.Kind == StackKind.ByRef && types.IsSame(reference.Type, to)
            ? reference : throw FlowException.Type($"{current.Opcode.Name} of {to.Name} through {reference}");
    }

    private void LoadNumber(Type type)
    {
        PopReference(type);
        PushType(type);
    }

    private void LoadObjectReference()
    {
        StackValue reference = Pop();
        if (reference.Kind != StackKind.ByRef || reference.Type!.IsValueType || reference.Type.IsGenericParameter)
        {
            throw FlowException.Type($"ldind.ref through {reference}");
        }

        PushType(reference.Type);
    }

    private void StoreNumber(Type type)
    {
        StackValue value = Pop();
        StackValue reference = PopReference(type);
        CheckWritable(reference);
        CheckAssignable(value, type, current.Opcode.Name!);
    }

    private void StoreObjectReference()
    {
        StackValue value = Pop();
        StackValue reference = Pop();
        if (reference.Kind != StackKind.ByRef || reference.Type!.IsValueType || reference.Type.IsGenericParameter)
        {
            throw FlowException.Type($"stind.ref through {reference}");
        }

        CheckWritable(reference);
        CheckAssignable(value, reference.Type, "stind.ref");
    }

    private void LoadThrough(Type type)
    {
        TypeFacts facts = types.Of(type);
        StackValue reference = PopReference(type);
        CheckNotCopied(type);
        if (facts.IsLinear)
        {
            throw FlowException.Copied(
                $"{type.Name} is copied through a reference; take it from its cell, or pass it on by reference");
        }

        if (facts.IsBorrow)
        {
            PushBorrow(type, ContentOf(reference));
        }
        else
        {
            PushType(type);
        }
    }

    private void StoreThrough(Type type)
    {
        TypeFacts facts = types.Of(type);
        StackValue value = Pop();
        StackValue reference = PopReference(type);
        CheckWritable(reference);
        CheckAssignable(value, type, "stobj");
        StoredThrough(reference, facts, value);
    }

    private void ClearThrough(Type type)
    {
        TypeFacts facts = types.Of(type);
        StackValue reference = PopReference(type);
        CheckWritable(reference);
        StoredThrough(reference, facts, new StackValue(StackKind.Value, type, ValueFlags.Outlives));
    }

    private void StoredThrough(StackValue reference, TypeFacts facts, StackValue value)
    {
        if (facts.IsLinear)
        {
            StoreLinear(reference, replaces: true);
        }
        else if (facts.IsBorrow)
        {
            StoreContent(reference, value.Flags, value.Origins | value.Targets, replaces: true);
        }
    }

    private static void CheckWritable(StackValue reference)
    {
        if (reference.Has(ValueFlags.ReadOnly | ValueFlags.Controlled))
        {
            throw FlowException.Access("a write through a reference that is for reading only");
        }
    }

    /// <summary>Pushes a ref struct, or a reference out of one, that was read from a slot or another ref struct.</summary>
    private void PushBorrow(Type type, SlotState content, bool isReadOnly = false)
    {
        TypeFacts facts = types.Of(type);
        ValueFlags flags = content.Flags & (ValueFlags.Outlives | ValueFlags.Dead | ValueFlags.DeadByWait);
        if (isReadOnly)
        {
            flags |= ValueFlags.ReadOnly;
        }

        Type seen = facts.Kind == StackKind.ByRef ? type.GetElementType()! : type;
        var value = new StackValue(facts.Kind, seen, flags, content.Origins);
        CheckUsable(value);
        state.Push(value);
    }
}
