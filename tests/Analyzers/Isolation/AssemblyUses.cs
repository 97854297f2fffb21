extern alias Analyzers;

using Mono.Cecil;
using AllowList = Analyzers::RedLeafSharp.Isolation.AllowList;

namespace RedLeafSharp.Tests.Analyzers.Isolation;

/// <summary>What a built domain takes from other assemblies, by its tables of references.</summary>
internal static class AssemblyUses
{
    /// <summary>What a literal such as "text"u8 compiles to; the verifier checks where its pointer comes from.</summary>
    private const string LiteralSpan = "System.ReadOnlySpan`1..ctor(Void*,Int32)";

    internal static IEnumerable<string> FindDenied(ModuleDefinition module, AllowList list)
    {
        foreach (TypeReference type in module.GetTypeReferences())
        {
            string name = NameOf(type);
            if (!list.FindType(name).IsAllowed)
            {
                yield return $"{name}: {list.FindType(name).Reason}";
            }
        }

        HashSet<MetadataToken> implemented = OnlyImplemented(module);
        foreach (MemberReference member in module.GetMemberReferences())
        {
            TypeReference owner = member.DeclaringType.GetElementType();
            if (member.DeclaringType is ArrayType || owner.Scope == module || implemented.Contains(member.MetadataToken))
            {
                continue;
            }

            string[] parameters = member is MethodReference method ? [.. ParametersOf(method)] : [];
            string use = $"{NameOf(owner)}.{member.Name}({string.Join(',', parameters)})";
            if (use != LiteralSpan && !list.FindMember(NameOf(owner), member.Name, parameters).IsAllowed)
            {
                yield return $"{use}: {list.FindMember(NameOf(owner), member.Name, parameters).Reason}";
            }
        }
    }

    /// <summary>Members of interfaces that a type of the compiler's own implements, and that nothing calls.</summary>
    private static HashSet<MetadataToken> OnlyImplemented(ModuleDefinition module)
    {
        MethodDefinition[] methods = [.. module.GetTypes().SelectMany(type => type.Methods)];
        IEnumerable<MetadataToken> called = methods.Where(method => method.HasBody)
            .SelectMany(method => method.Body.Instructions)
            .Select(instruction => instruction.Operand).OfType<MemberReference>().Select(member => member.MetadataToken);
        return [.. methods.SelectMany(method => method.Overrides).Select(member => member.MetadataToken).Except(called)];
    }

    private static string NameOf(TypeReference type) => type.FullName.Replace('/', '+');

    private static IEnumerable<string> ParametersOf(MethodReference method) =>
        (method.Resolve() ?? method).Parameters.Select(parameter => SimpleName(parameter.ParameterType));

    private static string SimpleName(TypeReference type) => type switch
    {
        ByReferenceType reference => SimpleName(reference.ElementType) + "&",
        PointerType pointer => SimpleName(pointer.ElementType) + "*",
        ArrayType array => SimpleName(array.ElementType) + "[]",
        IModifierType modified => SimpleName(modified.ElementType),
        _ => type.Name.Split('`')[0],
    };
}
