using System.Reflection.Emit;

namespace RedLeafSharp.Verification.Image;

/// <summary>One instruction of a method body.</summary>
/// <param name="Offset">Where it starts.</param>
/// <param name="OpCode">What it does.</param>
/// <param name="Operand">Token, number or variable; for a branch the target's offset; for a switch the number of targets.</param>
internal readonly record struct ILInstruction(int Offset, OpCode OpCode, long Operand)
{
    /// <summary>The operand of an instruction that names a type, member, signature or string.</summary>
    internal int Token => (int)Operand;
}
