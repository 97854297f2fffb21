using System.Globalization;
using System.Reflection;
using System.Reflection.Emit;

namespace RedLeafSharp.Verification.Flow;

/// <summary>
/// The class that the rewriter adds to an image. Its code reads an address that is a number in it, which no rule of types
/// admits, so it is compared with what docs/safepoints.md says, instruction by instruction.
/// </summary>
internal static class PlantedHolder
{
    private const string Name = "RedLeafSharp.<Safepoints>";
    private const string Runtime = "RedLeafSharp.Safepoints.Safepoint";

    /// <summary>The methods; a branch names the number of the instruction that it leads to.</summary>
    private static readonly Dictionary<string, string> Methods = new(StringComparer.Ordinal)
    {
        ["Void Poll()"] =
            "ldc.i8 5245444c45414621; conv.u; volatile.; ldind.i4; brfalse.s 6; call Poll; ret",
        ["Void CheckStack()"] =
            "ldloca.s 0; conv.u; conv.u4; ldc.i4 3ffffff; and; ldc.i4 52444c46; bge.un.s 8; call StackLow; ret",
        ["Int32 MayCatch(Int32)"] =
            "ldarg.0; brfalse.s 11; ldc.i8 5245444c45414621; conv.u; volatile.; ldind.i4; brfalse.s 9; call MayCatch; ret; "
            + "ldc.i4.1; ret; ldc.i4.0; ret",
        ["Boolean EnterFinally()"] =
            "ldc.i8 5245444c45414621; conv.u; volatile.; ldind.i4; brfalse.s 7; call EnterFinally; ret; ldc.i4.1; ret",
        ["Boolean IsArmed()"] = "ldc.i8 44454d5241414621; conv.u; volatile.; ldind.i4; ret",
    };

    internal static bool Is(Type? type) => type?.FullName == Name;

    /// <exception cref="FlowException">The method is not the rewriter's.</exception>
    internal static void Check(MethodBase method, MethodBody body, InstructionStream code)
    {
        bool isStack = method.Name == "CheckStack";
        bool isPlain = body.ExceptionHandlingClauses.Count == 0 && body.LocalVariables.Count == (isStack ? 1 : 0)
            && body.LocalVariables.All(local => local.LocalType == typeof(int));
        if (!method.IsStatic || !isPlain || !Methods.TryGetValue(method.ToString()!, out string? expected)
            || expected != string.Join("; ", code.Instructions.Select(one => Describe(method, code, one))))
        {
            throw new FlowException("RL0409", $"{method} is not what the rewriter plants");
        }
    }

    private static string Describe(MethodBase method, InstructionStream code, Instruction instruction)
    {
        string operand = instruction.Opcode.OperandType switch
        {
            OperandType.InlineNone => string.Empty,
            OperandType.InlineMethod => DescribeCall(method.Module.ResolveMethod(instruction.Token)!),
            OperandType.ShortInlineBrTarget when code.IsBoundary(instruction.Target) =>
                code.IndexAt(instruction.Target).ToString(CultureInfo.InvariantCulture),
            OperandType.InlineI8 or OperandType.InlineI or OperandType.ShortInlineVar =>
                instruction.Operand.ToString("x", CultureInfo.InvariantCulture),
            _ => "?",
        };
        return operand.Length == 0 ? instruction.Opcode.Name! : $"{instruction.Opcode.Name} {operand}";
    }

    private static string DescribeCall(MethodBase callee) =>
        callee.DeclaringType?.FullName == Runtime && callee.Module.Assembly == typeof(CallContext).Assembly
            ? callee.Name : "?";
}
