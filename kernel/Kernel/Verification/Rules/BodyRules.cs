using System.Reflection;
using System.Reflection.Emit;
using RedLeafSharp.Verification.Flow;
using RedLeafSharp.Verification.Image;

namespace RedLeafSharp.Verification.Rules;

/// <summary>What the instructions of each method name, and how large its frame is.</summary>
internal sealed class BodyRules
{
    private readonly LoadedImage image;
    private readonly AllowRules allowed;
    private readonly MethodVerifier flow;

    internal BodyRules(LoadedImage image)
    {
        this.image = image;
        allowed = new AllowRules(image);
        flow = new MethodVerifier(image.Assembly, new FlowOptions(image.File.Options.IsRewritten));
    }

    internal void Check()
    {
        foreach (Type type in image.Types)
        {
            string name = type.FullName ?? type.Name;
            _ = LoadedImage.Attempt(image.Log, name, () => CheckDeclarations(type, name));
        }

        foreach (MethodIL body in image.File.Bodies)
        {
            _ = LoadedImage.Attempt(image.Log, body.Member, () => CheckBody(body), body.Token);
        }
    }

    private void CheckDeclarations(Type type, string name)
    {
        Report(type.BaseType, name);
        foreach (FieldInfo field in type.GetFields(LoadedImage.Declared))
        {
            Report(field.FieldType, $"{name}.{field.Name}");
        }

        foreach (Type constraint in type.GetGenericArguments().SelectMany(one => one.GetGenericParameterConstraints()))
        {
            Report(constraint, name);
        }

        foreach (MethodBase method in type.GetMethods(LoadedImage.Declared).Concat<MethodBase>(type.GetConstructors(LoadedImage.Declared)))
        {
            // Begin- and EndInvoke of a delegate are declared by every compiler, and can be called by none that the list lets through.
            if (!typeof(Delegate).IsAssignableFrom(type) || method.Name == "Invoke")
            {
                string member = $"{name}.{method.Name}";
                Report((method as MethodInfo)?.ReturnType, member, method.MetadataToken);
                Array.ForEach(method.GetParameters(), one => Report(one.ParameterType, member, method.MetadataToken));
            }
        }
    }

    private void Report(Type? type, string member, int method = 0)
    {
        if (type is not null && type != typeof(void) && type != typeof(object) && type != typeof(ValueType) && type != typeof(Enum)
            && type != typeof(MulticastDelegate) && type != typeof(Attribute) && allowed.Objection(type) is { } objection)
        {
            image.Log.Add(objection.Rule, member, objection.Message, method);
        }
    }

    private void CheckBody(MethodIL body)
    {
        MethodBase method = image.Assembly.ManifestModule.ResolveMethod(body.Token)!;
        MethodBody code = method.GetMethodBody()!;
        foreach (LocalVariableInfo local in code.LocalVariables)
        {
            Report(local.LocalType, body.Member, body.Token);
        }

        foreach (ExceptionHandlingClause clause in code.ExceptionHandlingClauses)
        {
            if (clause.Flags == ExceptionHandlingClauseOptions.Clause)
            {
                Report(clause.CatchType, body.Member, body.Token);
            }
        }

        long frame = FrameSizes.Declared(image.Sizes, method, code);
        var names = new MemberNames(image, method);
        for (int index = 0; index < body.Instructions.Count; index++)
        {
            ILInstruction instruction = body.Instructions[index];
            _ = LoadedImage.Attempt(
                image.Log,
                body.Member,
                () => frame += CheckInstruction(body, index, names),
                body.Token,
                instruction.Offset);
        }

        foreach (FlowFinding finding in flow.Verify(method))
        {
            image.Log.Add(finding.Rule, body.Member, finding.Message, body.Token, finding.ILOffset);
        }

        if (frame > VerificationLimits.FrameBytesMax)
        {
            image.Log.Add(
                RuleId.Size, body.Member, $"a frame of {frame} bytes; {VerificationLimits.FrameBytesMax} are allowed", body.Token, 0);
        }
    }

    private (string Rule, string Message)? BoxObjection(ILInstruction instruction, Type type) =>
        instruction.OpCode == OpCodes.Box ? allowed.Open.Objection(type) : null;

    /// <summary>Enumerators of arrays are classes. The compiler has its read-only lists enumerate one in a field.</summary>
    private (string Rule, string Message)? EnumeratorObjection(MethodIL body, int index, MemberInfo member, MemberNames names)
    {
        bool isOfArray = index > 0 && body.Instructions[index - 1] is var before && before.OpCode == OpCodes.Ldfld
            && !body.Targets.Contains(body.Instructions[index].Offset) && names.Resolve(before) is FieldInfo { FieldType.IsSZArray: true };
        return isOfArray ? null : allowed.Open.EnumeratorObjection(member);
    }

    /// <returns>Bytes of temporaries that the instruction may need.</returns>
    private int CheckInstruction(MethodIL body, int index, MemberNames names)
    {
        ILInstruction instruction = body.Instructions[index];
        MemberInfo? member = names.Resolve(instruction);
        if (member is null)
        {
            return 0;
        }

        (string Rule, string Message)? objection = InlineDataRules.IsData(image, body, index, member) ? null
            : InlineDataRules.Objection(image, body, index, member)
                ?? (member is Type type ? allowed.Objection(type) ?? BoxObjection(instruction, type)
                    : allowed.Objection(member) ?? EnumeratorObjection(body, index, member, names));
        if (objection is { } found)
        {
            image.Log.Add(found.Rule, body.Member, found.Message, body.Token, instruction.Offset);
        }

        return member is MethodBase called && instruction.OpCode.FlowControl == FlowControl.Call
            ? FrameSizes.Temporaries(image.Sizes, called) : 0;
    }
}
