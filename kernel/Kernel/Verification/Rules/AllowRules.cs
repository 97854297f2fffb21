using System.Reflection;
using RedLeafSharp.Isolation;

namespace RedLeafSharp.Verification.Rules;

/// <summary>Matches what an image names against the list of what domain code may use.</summary>
internal sealed class AllowRules
{
    private readonly LoadedImage image;
    private readonly AllowList list;
    private readonly ExchangeTypes exchange = new();
    private readonly Dictionary<Type, (string Rule, string Message)?> types = [];
    private readonly Dictionary<MemberInfo, (string Rule, string Message)?> members = [];

    internal AllowRules(LoadedImage image)
    {
        this.image = image;
        Open = new OpenValues(image);
        list = image.File.Options.Allowed;
    }

    /// <summary>Values of which no box may be made.</summary>
    internal OpenValues Open { get; }

    /// <summary>What is wrong with using a type, or null.</summary>
    internal (string Rule, string Message)? Objection(Type type)
    {
        if (!types.TryGetValue(type, out (string Rule, string Message)? objection))
        {
            objection = Judge(type);
            types.Add(type, objection);
        }

        return objection;
    }

    /// <summary>What is wrong with using a member, or null.</summary>
    internal (string Rule, string Message)? Objection(MemberInfo member)
    {
        if (!members.TryGetValue(member, out (string Rule, string Message)? objection))
        {
            objection = member.DeclaringType is { } type ? Objection(type) ?? Judge(member, type) : null;
            members.Add(member, objection);
        }

        return objection;
    }

    private (string Rule, string Message)? Judge(Type type)
    {
        if (type.IsPointer || type.IsFunctionPointer)
        {
            return (RuleId.Unsafe, "a pointer");
        }

        if (type.HasElementType)
        {
            return type.IsArray && exchange.Holds(type.GetElementType()!)
                ? (RuleId.StoredReference, "an exchange reference in an array: keep it in a Cell") : Objection(type.GetElementType()!);
        }

        if (type.IsGenericParameter)
        {
            return null;
        }

        Type definition = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        string name = definition.FullName ?? definition.Name;
        if (image.IsOwn(type))
        {
            return Arguments(type, definition);
        }

        if (PlantedCode.IsRuntime(name))
        {
            return image.File.Options.IsRewritten ? null : (RuleId.Type, $"{name} is for planted code only");
        }

        AllowDecision decision = list.FindType(name);
        return decision.IsAllowed ? Arguments(type, definition) : (RuleOf(decision, RuleId.Type), Text(name, decision));
    }

    private (string Rule, string Message)? Arguments(Type type, Type definition)
    {
        if (type == definition)
        {
            return null;
        }

        bool isKernels = definition.Assembly == typeof(CallContext).Assembly || definition.Assembly == typeof(Contracts.IDomain).Assembly;
        bool isView = isKernels || definition == typeof(Span<>) || definition == typeof(ReadOnlySpan<>);
        foreach (Type argument in type.GetGenericArguments())
        {
            if (Objection(argument) is { } objection)
            {
                return objection;
            }

            if (image.IsOwn(type) && Open.Objection(argument) is { } box)
            {
                return box;
            }

            if (!isView && exchange.Holds(argument))
            {
                return (RuleId.CopiedReference, $"an exchange reference as type argument of {definition.Name}");
            }

            if (!isView && image.Sizes.Of(argument) > VerificationLimits.TypeArgumentBytesMax)
            {
                return (RuleId.Size, $"{argument.Name} has more than {VerificationLimits.TypeArgumentBytesMax} bytes and is a type argument");
            }
        }

        return null;
    }

    private (string Rule, string Message)? Judge(MemberInfo member, Type type)
    {
        if (member is MethodInfo { IsGenericMethod: true } generic
            && generic.GetGenericArguments().Select(Objection).FirstOrDefault(one => one is not null) is { } argument)
        {
            return argument;
        }

        if (member is MethodInfo { IsGenericMethod: true } own && image.IsOwn(type)
            && own.GetGenericArguments().Select(Open.Objection).FirstOrDefault(one => one is not null) is { } box)
        {
            return box;
        }

        // Only the length of newarr is checked by planted code.
        if (type.IsArray && member is ConstructorInfo)
        {
            return (RuleId.Cost, "the size of an array with dimensions is not checked: write new T[rows * columns], or an array of arrays");
        }

        if (image.IsOwn(type) || type.IsArray || type.IsGenericParameter)
        {
            return null;
        }

        MemberInfo definition = DefinitionOf(member);
        string typeName = definition.DeclaringType!.FullName!;
        if (PlantedCode.IsRuntime(typeName))
        {
            return null;
        }

        AllowDecision decision = list.FindMember(typeName, member.Name, ParametersOf(definition));
        return decision.IsAllowed ? null
            : (RuleOf(decision, RuleId.Member), Text($"{typeName}.{Signature(definition)}", decision));
    }

    /// <summary>The member with its type parameters open, as the list names it.</summary>
    private static MemberInfo DefinitionOf(MemberInfo member) =>
        member.DeclaringType!.IsGenericType || member is MethodInfo { IsGenericMethod: true }
            ? member.Module.ResolveMember(member.MetadataToken)! : member;

    private static string[] ParametersOf(MemberInfo member) =>
        member is MethodBase method ? [.. method.GetParameters().Select(one => SimpleName(one.ParameterType))] : [];

    private static string Signature(MemberInfo member) =>
        member is MethodBase ? $"{member.Name}({string.Join(",", ParametersOf(member))})" : member.Name;

    private static string SimpleName(Type type)
    {
        if (type.HasElementType)
        {
            string suffix = type.IsByRef ? "&" : type.IsPointer ? "*" : $"[{new string(',', type.GetArrayRank() - 1)}]";
            return SimpleName(type.GetElementType()!) + suffix;
        }

        int arity = type.Name.IndexOf('`', StringComparison.Ordinal);
        return arity < 0 ? type.Name : type.Name[..arity];
    }

    private static string RuleOf(AllowDecision decision, string plain) => decision.Rule.Length > 0 ? decision.Rule : plain;

    private static string Text(string name, AllowDecision decision) =>
        decision.Reason.Length > 0 ? $"{name}: {decision.Reason}" : $"{name} is not on the list of what a domain may use";
}
