namespace RedLeafSharp.Verification.Flow;

/// <content>Arrays with one dimension that start at 0; the others are used through methods.</content>
internal sealed partial class MethodInterpreter
{
    private void ExecuteArray()
    {
        switch (current.Code)
        {
            case 0x8D:
                NewArray();
                break;
            case 0x8E:
                PopArray();
                Push(StackKind.Native);
                break;
            case 0x8F:
                LoadElementAddress(tokens.Type(current.Token));
                break;
            case >= 0x90 and <= 0x99:
                LoadElement(AccessType(current.Code - 0x90));
                break;
            case 0x9A:
                LoadElement(null);
                break;
            case >= 0x9B and <= 0xA1:
                StoreElement(current.Code switch
                {
                    0x9B => typeof(nint),
                    0x9C => typeof(sbyte),
                    0x9D => typeof(short),
                    0x9E => typeof(int),
                    0x9F => typeof(long),
                    0xA0 => typeof(float),
                    _ => typeof(double),
                });
                break;
            case 0xA2:
                StoreElement(null);
                break;
            case 0xA3:
                LoadElement(tokens.Type(current.Token));
                break;
            default:
                StoreElement(tokens.Type(current.Token));
                break;
        }
    }

    private void NewArray()
    {
        Type element = tokens.Type(current.Token);
        if (element == typeof(void) || element.IsByRef)
        {
            throw FlowException.Type($"an array of {element.Name}");
        }

        PopIndex();
        Type array = element.MakeArrayType();
        types.Of(array);
        Push(StackKind.Object, array);
    }

    private void PopIndex()
    {
        if (PopNumber(admitsFloat: false) == StackKind.Int64)
        {
            throw FlowException.Type("an Int64 as index or length");
        }
    }

    /// <summary>Type of the elements; null when the array is null.</summary>
    private Type? PopArray()
    {
        StackValue array = Pop();
        return array.Kind switch
        {
            StackKind.Null => null,
            StackKind.Object when array.Type!.IsSZArray => array.Type.GetElementType()!,
            _ => throw FlowException.Type($"{current.Opcode.Name} on {array}"),
        };
    }

    /// <param name="type">As the operation names it; null for any class.</param>
    private void LoadElement(Type? type)
    {
        PopIndex();
        Type? element = PopArray();
        if (element is null)
        {
            if (type is null)
            {
                Push(StackKind.Null);
            }
            else
            {
                PushType(type);
            }

            return;
        }

        CheckElement(element, type);
        if (types.Of(element).IsLinear)
        {
            throw FlowException.Copied($"{element.Name} is copied out of an array; take from the cell in place");
        }

        PushType(element);
    }

    private void StoreElement(Type? type)
    {
        StackValue value = Pop();
        PopIndex();
        Type? element = PopArray();
        if (element is null)
        {
            return;
        }

        CheckElement(element, type);
        CheckAssignable(value, type ?? element, "store into an array");
    }

    private static bool IsClass(Type type) => !type.IsValueType && !type.IsGenericParameter;

    private void CheckElement(Type element, Type? type)
    {
        bool isFine = type is null ? IsClass(element)
            : types.IsSame(element, type) || (IsClass(element) && IsClass(type) && types.IsAssignable(element, type));
        if (!isFine)
        {
            throw FlowException.Type($"{current.Opcode.Name} on an array of {element.Name}");
        }
    }

    private void LoadElementAddress(Type type)
    {
        PopIndex();
        Type element = PopArray() ?? type;
        TypeFacts facts = types.Of(type);
        if (!types.IsSame(element, type)
            && !(hasReadOnlyPrefix && IsClass(element) && IsClass(type) && types.IsAssignable(element, type)))
        {
            throw FlowException.Type($"ldelema {type.Name} on an array of {element.Name}");
        }

        ValueFlags flags = ValueFlags.Outlives | (hasReadOnlyPrefix ? ValueFlags.Controlled : ValueFlags.None);
        ulong targets = facts.IsLinear ? Places.Elements : Places.None;
        state.Push(new StackValue(StackKind.ByRef, type, flags, Places.None, targets));
    }
}
