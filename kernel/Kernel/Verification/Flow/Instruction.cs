using System.Reflection.Emit;

namespace RedLeafSharp.Verification.Flow;

/// <summary>A decoded instruction.</summary>
/// <param name="Opcode">The operation.</param>
/// <param name="Offset">Of its first byte.</param>
/// <param name="Next">Offset of the instruction behind it.</param>
/// <param name="Operand">Token, number, slot or branch target; for a switch the number of its targets.</param>
internal readonly record struct Instruction(OpCode Opcode, int Offset, int Next, long Operand)
{
    internal ushort Code => (ushort)Opcode.Value;

    internal int Token => (int)Operand;

    internal int Target => (int)Operand;
}
