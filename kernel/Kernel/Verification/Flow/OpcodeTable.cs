using System.Reflection;
using System.Reflection.Emit;

namespace RedLeafSharp.Verification.Flow;

/// <summary>Finds the operation of an encoding (ECMA-335 III.1.2). The runtime's own list is the source.</summary>
internal static class OpcodeTable
{
    /// <summary>First byte of the encodings that take two.</summary>
    internal const byte Prefix = 0xFE;

    private static readonly OpCode?[] OneByte = new OpCode?[256];
    private static readonly OpCode?[] TwoBytes = new OpCode?[256];

    static OpcodeTable()
    {
        foreach (FieldInfo field in typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            var opcode = (OpCode)field.GetValue(null)!;
            OpCode?[] table = opcode.Size == 1 ? OneByte : TwoBytes;
            table[opcode.Value & 0xFF] = opcode.OpCodeType == OpCodeType.Nternal ? null : opcode;
        }
    }

    internal static OpCode? Find(byte first) => OneByte[first];

    internal static OpCode? FindPrefixed(byte second) => TwoBytes[second];

    /// <summary>Why domain code may not hold an operation; null when it may.</summary>
    internal static (string Rule, string Reason)? Objection(OpCode opcode) => (ushort)opcode.Value switch
    {
        0xFE0F => ("RL0004", "localloc takes stack that no limit covers; use an array or the exchange heap"),
        0xFE17 or 0xFE18 => ("RL0003", $"{opcode.Name} works on raw addresses"),
        0x29 => ("RL0003", "calli calls an address"),
        0x27 => ("RL0003", "jmp leaves the method with its arguments"),
        0xFE00 or 0xC6 or 0xC2 or 0xFE1D => ("RL0003", $"{opcode.Name} is for variable arguments"),
        0xFE12 or 0xFE19 => ("RL0003", $"the prefix {opcode.Name} switches checks off"),
        0xFE14 => ("RL0003", "tail calls drop the frame that borrows may point to"),
        _ => null,
    };
}
