namespace RedLeafSharp.Verification.Flow;

/// <content>Numbers: ECMA-335 III.1.5, tables 2 to 8. There is no arithmetic on references.</content>
internal sealed partial class MethodInterpreter
{
    private void ExecuteArithmetic()
    {
        switch (current.Code)
        {
            case (>= 0x58 and <= 0x5B) or 0x5D:
                Binary(admitsFloat: true);
                break;
            case 0x5C or 0x5E or (>= 0x5F and <= 0x61) or (>= 0xD6 and <= 0xDB):
                Binary(admitsFloat: false);
                break;
            case >= 0x62 and <= 0x64:
                Shift();
                break;
            case 0x65 or 0x66:
                Push(PopNumber(admitsFloat: current.Code == 0x65));
                break;
            case 0xC3:
                StackKind kind = PopNumber(admitsFloat: true);
                Push(kind == StackKind.Float ? kind : throw FlowException.Type("ckfinite on an integer"));
                break;
            case >= 0xFE01 and <= 0xFE05:
                Compare(isEquality: current.Code is 0xFE01 or 0xFE03);
                Push(StackKind.Int32);
                break;
            default:
                Convert();
                break;
        }
    }

    private void Convert()
    {
        PopNumber(admitsFloat: true);
        Push(current.Code switch
        {
            0x6A or 0x6E or 0x85 or 0x89 or 0xB9 or 0xBA => StackKind.Int64,
            0x6B or 0x6C or 0x76 => StackKind.Float,
            0x8A or 0x8B or 0xD3 or 0xD4 or 0xD5 or 0xE0 => StackKind.Native,
            _ => StackKind.Int32,
        });
    }

    private StackKind PopNumber(bool admitsFloat)
    {
        StackValue value = Pop();
        bool isNumber = value.Kind is StackKind.Int32 or StackKind.Int64 or StackKind.Native
            || (admitsFloat && value.Kind == StackKind.Float);
        return isNumber ? value.Kind : throw FlowException.Type($"{current.Opcode.Name} on {value}");
    }

    private void Binary(bool admitsFloat)
    {
        StackKind right = PopNumber(admitsFloat);
        StackKind left = PopNumber(admitsFloat);
        Push(Common(left, right));
    }

    private StackKind Common(StackKind left, StackKind right)
    {
        if (left == right)
        {
            return left;
        }

        bool isNative = left is StackKind.Native or StackKind.Int32 && right is StackKind.Native or StackKind.Int32;
        return isNative ? StackKind.Native : throw FlowException.Type($"{current.Opcode.Name} on {left} and {right}");
    }

    private void Shift()
    {
        StackKind count = PopNumber(admitsFloat: false);
        StackKind value = PopNumber(admitsFloat: false);
        if (count == StackKind.Int64)
        {
            throw FlowException.Type("a shift by an Int64");
        }

        Push(value);
    }

    private void Compare(bool isEquality)
    {
        StackValue right = Pop();
        StackValue left = Pop();
        bool areObjects = left.Kind is StackKind.Object or StackKind.Null && right.Kind is StackKind.Object or StackKind.Null;
        bool areReferences = left.Kind == StackKind.ByRef && right.Kind == StackKind.ByRef;
        if ((areObjects && isEquality) || areReferences)
        {
            return;
        }

        if (!IsNumber(left.Kind) || !IsNumber(right.Kind))
        {
            throw FlowException.Type($"{current.Opcode.Name} on {left} and {right}");
        }

        Common(left.Kind, right.Kind);
    }

    private static bool IsNumber(StackKind kind) =>
        kind is StackKind.Int32 or StackKind.Int64 or StackKind.Native or StackKind.Float;
}
