using System.Reflection;
using System.Reflection.Emit;
using RedLeafSharp.Verification.Image;

namespace RedLeafSharp.Verification.Rules;

/// <summary>Resolves the tokens of one method as the runtime does.</summary>
internal sealed class MemberNames
{
    private readonly Module module;
    private readonly Type[] typeArguments;
    private readonly Type[] methodArguments;

    internal MemberNames(LoadedImage image, MethodBase method)
    {
        module = image.Assembly.ManifestModule;
        typeArguments = method.DeclaringType!.GetGenericArguments();
        methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : [];
    }

    /// <summary>What an instruction names, or null when it names nothing.</summary>
    internal MemberInfo? Resolve(ILInstruction instruction)
    {
        switch (instruction.OpCode.OperandType)
        {
            case OperandType.InlineString:
                _ = module.ResolveString(instruction.Token);
                return null;
            case OperandType.InlineType:
                return module.ResolveType(instruction.Token, typeArguments, methodArguments);
            case OperandType.InlineField:
                return module.ResolveField(instruction.Token, typeArguments, methodArguments);
            case OperandType.InlineMethod:
                return module.ResolveMethod(instruction.Token, typeArguments, methodArguments);
            case OperandType.InlineTok:
                return module.ResolveMember(instruction.Token, typeArguments, methodArguments);
            default:
                return null;
        }
    }
}
