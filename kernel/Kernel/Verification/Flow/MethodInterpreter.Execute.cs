namespace RedLeafSharp.Verification.Flow;

/// <content>One instruction. Numbers are the encodings of ECMA-335 III.1.2.1.</content>
internal sealed partial class MethodInterpreter
{
    /// <summary>What the prefix <c>constrained.</c> right before the instruction names.</summary>
    private Type? constrained;

    private bool hasReadOnlyPrefix;

    /// <summary>Applies the instruction to the state. Returns whether control can go on with the next one.</summary>
    private bool Execute()
    {
        if (IsPrefix())
        {
            return true;
        }

        bool goesOn = true;
        switch (current.Code)
        {
            case 0x00 or 0x01:
                break;
            case (>= 0x02 and <= 0x13) or (>= 0xFE09 and <= 0xFE0E):
                ExecuteSlot();
                break;
            case (>= 0x14 and <= 0x26) or 0x72 or 0xD0 or 0xFE1C:
                ExecuteConstant();
                break;
            case 0x28 or 0x6F or 0x73:
                ExecuteCall();
                break;
            case 0x2A or (>= 0x2B and <= 0x45) or 0x7A or 0xDC or 0xDD or 0xDE or 0xFE11 or 0xFE1A:
                goesOn = ExecuteControl();
                break;
            case (>= 0x46 and <= 0x57) or 0x70 or 0x71 or 0x81 or 0xDF or 0xFE15:
                ExecuteIndirect();
                break;
            case (>= 0x58 and <= 0x6E) or 0x76 or (>= 0x82 and <= 0x8B) or (>= 0xB3 and <= 0xBA) or 0xC3
                or (>= 0xD1 and <= 0xDB) or 0xE0 or (>= 0xFE01 and <= 0xFE05):
                ExecuteArithmetic();
                break;
            case 0x74 or 0x75 or 0x79 or 0x8C or 0xA5:
                ExecuteObject();
                break;
            case >= 0x7B and <= 0x80:
                ExecuteField();
                break;
            case >= 0x8D and <= 0xA4:
                ExecuteArray();
                break;
            case 0xFE06 or 0xFE07:
                ExecuteFunctionLoad();
                break;
            default:
                throw FlowException.Malformed($"the operation {current.Opcode.Name} is not admitted");
        }

        constrained = null;
        hasReadOnlyPrefix = false;
        return goesOn;
    }

    /// <summary>
    /// Prefixes are admitted where they mean something, and nothing may branch between them and their instruction.
    /// </summary>
    private bool IsPrefix()
    {
        bool isPrefix = true;
        switch (current.Code)
        {
            case 0xFE13:
                Require(IsMemoryAccess(Following()), "volatile.");
                break;
            case 0xFE16:
                Require(Following() is 0x6F or 0x28 or 0xFE06, "constrained.");
                constrained = tokens.Type(current.Token);
                break;
            case 0xFE1E:
                Require(Following() == 0x8F, "readonly.");
                hasReadOnlyPrefix = true;
                break;
            default:
                isPrefix = false;
                break;
        }

        return isPrefix;
    }

    private static bool IsMemoryAccess(ushort code) =>
        code is (>= 0x46 and <= 0x57) or 0x71 or 0x81 or 0xDF or 0x7B or 0x7D or 0x7E or 0x80;

    /// <summary>The operation behind the current one; 0 when there is none, or when a branch leads there.</summary>
    private ushort Following() =>
        code.Following(current) is { } next && !isJoin[code.IndexAt(next.Offset)] ? next.Code : (ushort)0;

    private static void Require(bool isFine, string prefix)
    {
        if (!isFine)
        {
            throw FlowException.Malformed($"the prefix {prefix} does not stand before an operation that takes it");
        }
    }
}
