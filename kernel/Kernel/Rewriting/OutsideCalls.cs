using Mono.Cecil;

namespace RedLeafSharp.Rewriting;

/// <summary>What a call to another module may lead to.</summary>
internal static class OutsideCalls
{
    private const string OurAssemblies = "RedLeafSharp.";
    private const string CallContextName = "RedLeafSharp.CallContext";

    /// <summary>Members of the framework's collections that move elements and never call them; none of them is virtual.</summary>
    private static readonly HashSet<string> Movers =
    [
        "get_Count", "get_Item", "set_Item", "Add", "Clear", "Insert", "RemoveAt", "RemoveRange", "GetRange", "ToArray", "GetEnumerator",
        "get_Current", "MoveNext", "Push", "Pop", "Peek", "Enqueue", "Dequeue", "get_HasValue", "get_Value", "GetValueOrDefault",
    ];

    private static readonly HashSet<string> Containers =
    [
        "System.Collections.Generic.List`1", "System.Collections.Generic.List`1/Enumerator", "System.Collections.Generic.Stack`1",
        "System.Collections.Generic.Queue`1", "System.Nullable`1",
    ];

    /// <summary>
    /// Whether the callee may come back into the calling module: not when all that it is given are values that have no code of
    /// the module, and its own object has none either.
    /// </summary>
    internal static bool MayCallBack(MethodReference called)
    {
        TypeReference type = called.DeclaringType.GetElementType();
        if (type.Scope is ModuleDefinition)
        {
            // Ours but without a body: a delegate's Invoke, or an abstract method, of which the candidates are known by name.
            return called.Name is "Invoke" or "BeginInvoke" or "EndInvoke";
        }

        // The kernel calls back through proxies only, and whoever calls into a proxy is guarded for that (IsContract).
        if (IsDelegateConstructor(called) || IsOurs(type) || (Containers.Contains(type.FullName) && Movers.Contains(called.Name)))
        {
            return false;
        }

        bool isInertObject = !called.HasThis || called.Name == ".ctor" || IsInert(called.DeclaringType);
        return !isInertObject
            || !HasInertArguments(called.DeclaringType)
            || (called is GenericInstanceMethod generic && !generic.GenericArguments.All(IsInert))
            || !called.Parameters.All(parameter => IsInertParameter(parameter.ParameterType));
    }

    /// <summary>Whether the call goes through a proxy, or to a capability: both take the caller's context.</summary>
    internal static bool IsContract(MethodReference called) =>
        called.Parameters.Any(parameter => parameter.ParameterType.FullName == CallContextName);

    /// <summary>A type parameter in a callee's signature is the callee's own: its arguments are looked at by themselves.</summary>
    private static bool IsInertParameter(TypeReference type) => type switch
    {
        GenericParameter => true,
        GenericInstanceType generic when IsSpan(generic) => true,
        GenericInstanceType generic => IsOurs(generic) || (generic.ElementType.IsValueType && generic.GenericArguments.All(IsInertParameter)),
        TypeSpecification wrapped => IsInertParameter(wrapped.ElementType),
        _ => IsInert(type),
    };

    private static bool IsInert(TypeReference type) => type switch
    {
        GenericParameter => false,
        GenericInstanceType generic => IsOurs(generic) || (generic.ElementType.IsValueType && HasInertArguments(generic)),
        TypeSpecification wrapped => IsInert(wrapped.ElementType),
        _ => type.IsPrimitive
            || type.MetadataType is MetadataType.String or MetadataType.Void
            || type.FullName == "System.Text.StringBuilder"
            || IsOurs(type)
            || (type.IsValueType && type.Scope is not ModuleDefinition),
    };

    private static bool HasInertArguments(TypeReference type) =>
        type is not GenericInstanceType generic || IsSpan(generic) || generic.GenericArguments.All(IsInert);

    /// <summary>A span of values does nothing with them; a generic method that does is given their type, too.</summary>
    private static bool IsSpan(GenericInstanceType type) =>
        type.ElementType is { Namespace: "System", Name: "Span`1" or "ReadOnlySpan`1" }
        && type.GenericArguments[0] is GenericParameter or { IsValueType: true };

    private static bool IsOurs(TypeReference type) =>
        type.GetElementType().Scope is AssemblyNameReference scope && scope.Name.StartsWith(OurAssemblies, StringComparison.Ordinal);

    private static bool IsDelegateConstructor(MethodReference called) =>
        called is { Name: ".ctor", Parameters: [{ ParameterType.MetadataType: MetadataType.Object }, { ParameterType.MetadataType: MetadataType.IntPtr }] };
}
