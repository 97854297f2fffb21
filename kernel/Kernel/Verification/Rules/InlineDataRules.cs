using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Runtime.CompilerServices;
using RedLeafSharp.Verification.Image;

namespace RedLeafSharp.Verification.Rules;

/// <summary>
/// The three ways in which a compiler uses the constant data of a file, each exactly in its form and with no branch into it:
/// <c>ldtoken F; call InitializeArray</c>, <c>ldtoken F; call CreateSpan</c>, and
/// <c>ldsflda F; ldc n; newobj ReadOnlySpan(void*, int)</c>, or <c>call</c> of the same constructor on a local, with n bytes at most
/// as many as F has. Any other use is refused, and so is a token that is neither this nor <c>typeof</c>.
/// </summary>
internal static class InlineDataRules
{
    private const FieldAttributes Data = FieldAttributes.HasFieldRVA;

    /// <summary>Whether the instruction is part of one of the forms.</summary>
    internal static bool IsData(LoadedImage image, MethodIL body, int index, MemberInfo member)
    {
        List<ILInstruction> il = body.Instructions;
        if (member is FieldInfo field && (field.Attributes & Data) != 0)
        {
            return il[index].OpCode == OpCodes.Ldtoken
                ? IsCall(image, body, index + 1, IsInitializer)
                : il[index].OpCode == OpCodes.Ldsflda && IsSpan(image, body, index, field);
        }

        if (member is MethodBase called && index > 0 && IsInitializer(called))
        {
            return il[index - 1].OpCode == OpCodes.Ldtoken && !body.Targets.Contains(il[index].Offset)
                && Field(image, il[index - 1]) is { } data && (data.Attributes & Data) != 0;
        }

        return index > 1 && member is ConstructorInfo && il[index - 2].OpCode == OpCodes.Ldsflda
            && Field(image, il[index - 2]) is { } source && (source.Attributes & Data) != 0 && IsSpan(image, body, index - 2, source);
    }

    /// <summary>What is wrong with a use of tokens or data that is none of the forms.</summary>
    internal static (string Rule, string Message)? Objection(LoadedImage image, MethodIL body, int index, MemberInfo member)
    {
        if (member is FieldInfo field && (field.Attributes & Data) != 0)
        {
            return (RuleId.Malformed, "constant data of the file is used in another way than array and span literals do");
        }

        if (body.Instructions[index].OpCode == OpCodes.Ldtoken
            && !(member is Type && IsCall(image, body, index + 1, one => one.DeclaringType == typeof(Type) && one.Name == "GetTypeFromHandle")))
        {
            return (RuleId.Reflection, "a token that is not typeof");
        }

        return member is MethodBase { IsConstructor: true } constructor && constructor.GetParameters().Any(one => one.ParameterType.IsPointer)
            ? (RuleId.Unsafe, "a span of raw memory") : null;
    }

    private static bool IsInitializer(MethodBase method) => method.DeclaringType == typeof(RuntimeHelpers)
        && method.Name is nameof(RuntimeHelpers.InitializeArray) or nameof(RuntimeHelpers.CreateSpan);

    private static bool IsCall(LoadedImage image, MethodIL body, int index, Func<MethodBase, bool> isExpected) =>
        index < body.Instructions.Count && body.Instructions[index].OpCode == OpCodes.Call
        && !body.Targets.Contains(body.Instructions[index].Offset)
        && image.Assembly.ManifestModule.ResolveMethod(
            body.Instructions[index].Token, TypeArguments(image, body), MethodArguments(image, body)) is { } method && isExpected(method);

    private static Type[] TypeArguments(LoadedImage image, MethodIL body) =>
        image.Assembly.ManifestModule.ResolveMethod(body.Token)!.DeclaringType!.GetGenericArguments();

    private static Type[] MethodArguments(LoadedImage image, MethodIL body) =>
        image.Assembly.ManifestModule.ResolveMethod(body.Token) is MethodInfo { IsGenericMethod: true } method
            ? method.GetGenericArguments() : [];

    private static FieldInfo? Field(LoadedImage image, ILInstruction instruction)
    {
        // Data belongs to a definition of the image itself: another kind of token is never part of a form.
        EntityHandle handle = MetadataTokens.EntityHandle(instruction.Token);
        return handle.Kind == HandleKind.FieldDefinition ? image.Assembly.ManifestModule.ResolveField(instruction.Token) : null;
    }

    private static bool IsSpan(LoadedImage image, MethodIL body, int first, FieldInfo field)
    {
        List<ILInstruction> il = body.Instructions;
        if (first + 2 >= il.Count || !IsConstruction(il[first + 2].OpCode) || Field(image, il[first]) is null
            || body.Targets.Contains(il[first + 1].Offset) || body.Targets.Contains(il[first + 2].Offset)
            || Constant(il[first + 1]) is not { } length)
        {
            return false;
        }

        MethodBase made = image.Assembly.ManifestModule.ResolveMethod(
            il[first + 2].Token, TypeArguments(image, body), MethodArguments(image, body))!;
        bool isBytes = made.DeclaringType == typeof(ReadOnlySpan<byte>) || made.DeclaringType == typeof(ReadOnlySpan<sbyte>)
            || made.DeclaringType == typeof(ReadOnlySpan<bool>);
        return isBytes && made.GetParameters() is [{ ParameterType.IsPointer: true }, _] && length >= 0 && length <= Bytes(image, field);
    }

    private static bool IsConstruction(OpCode opCode) => opCode == OpCodes.Newobj || opCode == OpCodes.Call;

    private static int Bytes(LoadedImage image, FieldInfo field)
    {
        var handle = (FieldDefinitionHandle)MetadataTokens.EntityHandle(field.MetadataToken);
        SignatureType type = image.File.Signature(image.File.Metadata.GetFieldDefinition(handle).Signature, field.Name);
        return FieldRules.DataBytes(image.File, type.Arguments[0]);
    }

    private static long? Constant(ILInstruction instruction)
    {
        if (instruction.OpCode == OpCodes.Ldc_I4 || instruction.OpCode == OpCodes.Ldc_I4_S)
        {
            return instruction.Operand;
        }

        int value = instruction.OpCode.Value - OpCodes.Ldc_I4_0.Value;
        return value is >= 0 and <= 8 ? value : null;
    }
}
