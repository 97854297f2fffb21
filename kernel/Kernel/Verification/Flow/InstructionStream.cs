using System.Buffers.Binary;
using System.Reflection.Emit;

namespace RedLeafSharp.Verification.Flow;

/// <summary>
/// The instructions of a method. What cannot be read as instructions from the first byte to the last, or branches into the
/// middle of one, is malformed, also where nothing leads to it.
/// </summary>
internal sealed class InstructionStream
{
    private readonly byte[] code;
    private readonly bool admitsAll;
    private readonly int[] indexOf;
    private readonly List<Instruction> instructions = [];

    /// <exception cref="FlowException">The code is malformed, or holds an operation that domains may not use.</exception>
    internal InstructionStream(byte[] code, bool admitsAll = false)
    {
        if (code.Length is 0 or > FlowLimits.CodeBytesMax)
        {
            throw FlowException.Malformed(
                $"the method has {code.Length} bytes of code; at most {FlowLimits.CodeBytesMax} are admitted");
        }

        this.code = code;
        this.admitsAll = admitsAll;
        indexOf = new int[code.Length];
        Array.Fill(indexOf, -1);
        for (int offset = 0; offset < code.Length;)
        {
            indexOf[offset] = instructions.Count;
            Instruction instruction = Decode(offset);
            instructions.Add(instruction);
            offset = instruction.Next;
        }
    }

    /// <summary>Offset of the last instruction decoded, for reports of malformed code.</summary>
    internal int LastOffset => instructions.Count == 0 ? 0 : instructions[^1].Offset;

    internal IReadOnlyList<Instruction> Instructions => instructions;

    internal int Length => code.Length;

    internal bool IsBoundary(int offset) => offset >= 0 && offset < code.Length && indexOf[offset] >= 0;

    internal int IndexAt(int offset) => indexOf[offset];

    internal Instruction At(int offset) => instructions[indexOf[offset]];

    internal Instruction? Previous(Instruction instruction) =>
        indexOf[instruction.Offset] is int index && index > 0 ? instructions[index - 1] : null;

    internal Instruction? Following(Instruction instruction) =>
        instruction.Next < code.Length ? At(instruction.Next) : null;

    internal int SwitchTarget(Instruction instruction, int which) =>
        instruction.Next + Int32At(instruction.Next - (4 * ((int)instruction.Operand - which)));

    /// <exception cref="FlowException">A branch leads out of the code or into the middle of an instruction.</exception>
    internal void CheckTargets()
    {
        if (instructions is [.., { Opcode.OpCodeType: OpCodeType.Prefix } last])
        {
            throw FlowException.Malformed($"{last.Opcode.Name} at {last.Offset:x4} stands before nothing");
        }

        foreach (Instruction instruction in instructions)
        {
            if (instruction.Opcode.OperandType is OperandType.InlineBrTarget or OperandType.ShortInlineBrTarget)
            {
                CheckTarget(instruction, instruction.Operand);
            }
            else if (instruction.Opcode.OperandType == OperandType.InlineSwitch)
            {
                for (int i = 0; i < instruction.Operand; i++)
                {
                    CheckTarget(instruction, SwitchTarget(instruction, i));
                }
            }
        }
    }

    private void CheckTarget(Instruction instruction, long target)
    {
        if (target < 0 || target >= code.Length || indexOf[target] < 0)
        {
            throw FlowException.Malformed(
                $"{instruction.Opcode.Name} at {instruction.Offset:x4} leads to {target:x4}, where no instruction starts");
        }
    }

    private Instruction Decode(int offset)
    {
        int position = offset;
        OpCode? found = OpcodeTable.Find(code[position++]);
        if (code[offset] == OpcodeTable.Prefix)
        {
            found = position < code.Length ? OpcodeTable.FindPrefixed(code[position++]) : null;
        }

        if (found is not OpCode opcode)
        {
            throw FlowException.Malformed($"no operation is encoded at {offset:x4}");
        }

        if (!admitsAll && OpcodeTable.Objection(opcode) is (string rule, string reason))
        {
            throw new FlowException(rule, reason);
        }

        int operandBytes = OperandBytes(opcode.OperandType);
        if (position + operandBytes > code.Length)
        {
            throw FlowException.Malformed($"the operand of {opcode.Name} at {offset:x4} runs past the end of the code");
        }

        long operand = ReadOperand(opcode.OperandType, position, out long extraBytes);
        long next = position + operandBytes + extraBytes;
        if (next > code.Length)
        {
            throw FlowException.Malformed($"the table of {opcode.Name} at {offset:x4} runs past the end of the code");
        }

        return new Instruction(opcode, offset, (int)next, operand);
    }

    private static int OperandBytes(OperandType type) => type switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        _ => 4,
    };

    private long ReadOperand(OperandType type, int position, out long extraBytes)
    {
        extraBytes = 0;
        switch (type)
        {
            case OperandType.InlineNone:
                return 0;
            case OperandType.ShortInlineBrTarget:
                return position + 1 + (sbyte)code[position];
            case OperandType.InlineBrTarget:
                return position + 4L + Int32At(position);
            case OperandType.ShortInlineI:
                return (sbyte)code[position];
            case OperandType.ShortInlineVar:
                return code[position];
            case OperandType.InlineVar:
                return BinaryPrimitives.ReadUInt16LittleEndian(code.AsSpan(position));
            case OperandType.InlineI8 or OperandType.InlineR:
                return BinaryPrimitives.ReadInt64LittleEndian(code.AsSpan(position));
            case OperandType.InlineSwitch:
                uint count = BinaryPrimitives.ReadUInt32LittleEndian(code.AsSpan(position));
                extraBytes = 4L * count;
                return count;
            default:
                return Int32At(position);
        }
    }

    private int Int32At(int position) => BinaryPrimitives.ReadInt32LittleEndian(code.AsSpan(position));
}
