namespace RedLeafSharp.Verification.Flow;

/// <content>Boxes and casts.</content>
internal sealed partial class MethodInterpreter
{
    private void ExecuteObject()
    {
        Type type = tokens.Type(current.Token);
        TypeFacts facts = types.Of(type);
        if (facts.IsBorrow)
        {
            throw FlowException.Type($"{type.Name} cannot be an object");
        }

        if (facts.IsLinear)
        {
            throw FlowException.Stored($"{type.Name} is put into an object or taken out of one; keep it in a cell");
        }

        StackValue value = Pop();
        switch (current.Code)
        {
            case 0x8C:
                CheckAssignable(value, type, "box");
                Push(StackKind.Object, Nullable.GetUnderlyingType(type) ?? type);
                return;
            case 0x74 when type.IsValueType:
                throw FlowException.Type($"castclass to {type.Name}, which is no class");
        }

        bool isObject = value.Kind is StackKind.Null or StackKind.Object;
        if (!isObject || (value.Type is not null && types.HoldsLinear(value.Type) && value.Type != type))
        {
            throw FlowException.Type($"{current.Opcode.Name} on {value}");
        }

        switch (current.Code)
        {
            case 0x74 or 0x75:
                Push(StackKind.Object, Nullable.GetUnderlyingType(type) ?? type);
                break;
            case 0x79:
                Unbox(type);
                break;
            default:
                PushType(type);
                break;
        }
    }

    private void Unbox(Type type)
    {
        if (!type.IsValueType)
        {
            throw FlowException.Type($"unbox of {type.Name}, which is no value type");
        }

        state.Push(new StackValue(StackKind.ByRef, type, ValueFlags.Outlives | ValueFlags.Controlled));
    }
}
