using System.Globalization;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace RedLeafSharp.Tests.Lab.Fidelity;

/// <summary>What instructions do with values (ECMA-335 part III).</summary>
internal static class Operations
{
    private static readonly HashSet<Code> UnaryCodes =
    [
        Code.Neg, Code.Not, Code.Conv_I, Code.Conv_I1, Code.Conv_I2, Code.Conv_I4, Code.Conv_I8, Code.Conv_U, Code.Conv_U1, Code.Conv_U2,
        Code.Conv_U4, Code.Conv_U8, Code.Conv_R4, Code.Conv_R8, Code.Conv_R_Un,
    ];

    private static readonly HashSet<Code> BinaryCodes =
    [
        Code.Add, Code.Sub, Code.Mul, Code.And, Code.Or, Code.Xor, Code.Shl, Code.Shr, Code.Shr_Un, Code.Ceq, Code.Cgt, Code.Cgt_Un, Code.Clt,
        Code.Clt_Un,
    ];

    /// <summary>Whether it has no effect but its result, and always has one.</summary>
    internal static bool IsPure(Code code) => UnaryCodes.Contains(code) || BinaryCodes.Contains(code);

    internal static bool IsUnary(Code code) => UnaryCodes.Contains(code);

    internal static string Unary(OpCode operation, string value) => operation.Code switch
    {
        Code.Conv_I8 or Code.Conv_U8 when Number(value) is >= 0 and { } number && !value.EndsWith('L') => Text(number, isLong: true),
        Code.Conv_I8 when Number(value) is { } number => Text(number, isLong: true),
        Code.Neg when Number(value) is { } number => Text(-number, value.EndsWith('L')),
        _ => $"#{operation.Name}({value})",
    };

    /// <summary>The compiler computes with constants, so this does.</summary>
    internal static string Binary(OpCode operation, string one, string other)
    {
        if (operation.Code is Code.Add or Code.Sub && Number(other) == 0)
        {
            return one;
        }

        if (Number(one) is not { } a || Number(other) is not { } b)
        {
            return $"#{operation.Name}({one},{other})";
        }

        bool isLong = one.EndsWith('L');
        return operation.Code switch
        {
            Code.Add => Text(a + b, isLong),
            Code.Sub => Text(a - b, isLong),
            Code.Mul => Text(a * b, isLong),
            Code.And => Text(a & b, isLong),
            Code.Or => Text(a | b, isLong),
            Code.Xor => Text(a ^ b, isLong),
            Code.Shl => Text(a << (int)b, isLong),
            Code.Ceq => Text(a == b ? 1 : 0, isLong: false),
            Code.Cgt => Text(a > b ? 1 : 0, isLong: false),
            Code.Clt => Text(a < b ? 1 : 0, isLong: false),
            _ => $"#{operation.Name}({one},{other})",
        };
    }

    internal static long? Number(string value) =>
        value[0] == '=' && long.TryParse(value.AsSpan(1).TrimEnd('L'), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
            ? number : null;

    internal static int PopCount(Instruction one, MethodDefinition method, int stackCount) => one.OpCode.Code switch
    {
        Code.Ret => method.ReturnType.MetadataType == MetadataType.Void ? 0 : 1,
        Code.Leave or Code.Endfinally => stackCount,
        Code.Stloc or Code.Starg => 1,
        Code.Newobj => ((MethodReference)one.Operand).Parameters.Count,
        _ when one.Operand is MethodReference called && one.OpCode.FlowControl == FlowControl.Call =>
            called.Parameters.Count + (called.HasThis ? 1 : 0),
        _ => one.OpCode.StackBehaviourPop switch
        {
            StackBehaviour.Pop0 => 0,
            StackBehaviour.Pop1 or StackBehaviour.Popi or StackBehaviour.Popref => 1,
            StackBehaviour.Pop1_pop1 or StackBehaviour.Popi_pop1 or StackBehaviour.Popi_popi or StackBehaviour.Popi_popi8
                or StackBehaviour.Popi_popr4 or StackBehaviour.Popi_popr8 or StackBehaviour.Popref_pop1 or StackBehaviour.Popref_popi => 2,
            _ => 3,
        },
    };

    internal static int PushCount(Instruction one) => one.OpCode.Code switch
    {
        Code.Newobj => 1,
        _ when one.Operand is MethodReference called && one.OpCode.FlowControl == FlowControl.Call =>
            called.ReturnType.MetadataType == MetadataType.Void ? 0 : 1,
        _ => one.OpCode.StackBehaviourPush switch
        {
            StackBehaviour.Push0 => 0,
            StackBehaviour.Push1_push1 => 2,
            _ => 1,
        },
    };

    private static string Text(long number, bool isLong) => isLong
        ? string.Create(CultureInfo.InvariantCulture, $"={number}L")
        : string.Create(CultureInfo.InvariantCulture, $"={unchecked((int)number)}");
}
