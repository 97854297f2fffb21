using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;

namespace RedLeafSharp.Verification.Image;

/// <summary>Takes a method body apart (ECMA-335 III.1.7).</summary>
internal static class ILDecoder
{
    private const int TwoBytePrefix = 0xFE;

    private static readonly OpCode?[] OneByte = new OpCode?[256];
    private static readonly OpCode?[] TwoByte = new OpCode?[256];

    static ILDecoder()
    {
        foreach (FieldInfo field in typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            var code = (OpCode)field.GetValue(null)!;
            if (code.OpCodeType != OpCodeType.Nternal)
            {
                (code.Size == 1 ? OneByte : TwoByte)[code.Value & 0xFF] = code;
            }
        }
    }

    /// <summary>All instructions, in order, and the offsets that branches lead to.</summary>
    /// <exception cref="BadImageFormatException">An opcode is unknown, an instruction cut off, or a target none.</exception>
    internal static List<ILInstruction> Decode(BlobReader body, HashSet<int> targets)
    {
        var instructions = new List<ILInstruction>();
        var starts = new HashSet<int>();
        while (body.RemainingBytes > 0)
        {
            starts.Add(body.Offset);
            instructions.Add(Next(ref body, targets));
        }

        return targets.IsSubsetOf(starts) ? instructions : throw new BadImageFormatException("a branch leads to no instruction");
    }

    private static ILInstruction Next(ref BlobReader body, HashSet<int> targets)
    {
        int start = body.Offset;
        int value = body.ReadByte();
        OpCode code = (value == TwoBytePrefix ? TwoByte[body.ReadByte()] : OneByte[value])
            ?? throw new BadImageFormatException($"an unknown opcode at IL_{start:x4}");
        return new ILInstruction(start, code, Operand(ref body, code, targets));
    }

    private static long Operand(ref BlobReader body, OpCode code, HashSet<int> targets)
    {
        switch (code.OperandType)
        {
            case OperandType.InlineNone:
                return 0;
            case OperandType.ShortInlineVar:
                return body.ReadByte();
            case OperandType.ShortInlineI:
                return body.ReadSByte();
            case OperandType.InlineVar:
                return body.ReadUInt16();
            case OperandType.InlineI8 or OperandType.InlineR:
                return body.ReadInt64();
            case OperandType.ShortInlineBrTarget:
                return Target(body.ReadSByte(), body.Offset, targets);
            case OperandType.InlineBrTarget:
                return Target(body.ReadInt32(), body.Offset, targets);
            case OperandType.InlineSwitch:
                return Switch(ref body, targets);
            default:
                return body.ReadInt32();
        }
    }

    private static long Target(int distance, int end, HashSet<int> targets)
    {
        int target = unchecked(end + distance);
        targets.Add(target);
        return target;
    }

    private static long Switch(ref BlobReader body, HashSet<int> targets)
    {
        uint count = body.ReadUInt32();
        if (count > body.RemainingBytes / sizeof(int))
        {
            throw new BadImageFormatException("a switch is cut off");
        }

        int end = body.Offset + ((int)count * sizeof(int));
        for (uint index = 0; index < count; index++)
        {
            _ = Target(body.ReadInt32(), end, targets);
        }

        return count;
    }
}
