using Mono.Cecil;

namespace RedLeafSharp.Rewriting;

/// <summary>What a call to another module may lead to.</summary>
internal static class OutsideCalls
{
    private const string OurAssemblies = "RedLeafSharp.";
    private const string CallContextName = "RedLeafSharp.CallContext";

    /// <summary>
    /// Whether the callee may come back into the calling module: not when all that it is given are values that have no code of
    /// the module, and its own object has none either.
    /// </summary>
    internal static bool MayCallBack(MethodReference called)
    {
        if (called.DeclaringType.GetElementType().Scope is ModuleDefinition)
        {
            // Ours but without a body: a delegate's Invoke, or an abstract method, of which the candidates are known by name.
            return called.Name is "Invoke" or "BeginInvoke" or "EndInvoke";
        }

        if (IsDelegateConstructor(called))
        {
            return false;
        }

        bool isInertObject = !called.HasThis || called.Name == ".ctor" || IsInert(called.DeclaringType);
        bool hasInertArguments = called is not GenericInstanceMethod generic || generic.GenericArguments.All(IsInert);
        return !isInertObject || !hasInertArguments || !called.Parameters.All(parameter => IsInertParameter(called, parameter));
    }

    /// <summary>Whether the call goes through a proxy, or to a capability: both take the caller's context.</summary>
    internal static bool IsContract(MethodReference called) =>
        called.Parameters.Any(parameter => parameter.ParameterType.FullName == CallContextName);

    /// <summary>A type parameter of the callee's own type or signature stands for arguments that are looked at by themselves.</summary>
    private static bool IsInertParameter(MethodReference called, ParameterDefinition parameter)
    {
        TypeReference type = parameter.ParameterType;
        while (type is TypeSpecification and not GenericInstanceType)
        {
            type = ((TypeSpecification)type).ElementType;
        }

        return type is GenericParameter own
            ? own.Type == GenericParameterType.Method || called.DeclaringType is not GenericInstanceType instance || instance.GenericArguments.All(IsInert)
            : IsInert(type);
    }

    private static bool IsInert(TypeReference type)
    {
        switch (type)
        {
            case GenericInstanceType generic:
                return (generic.ElementType.IsValueType || IsOurs(generic)) && generic.GenericArguments.All(IsInertOrOpen);
            case TypeSpecification wrapped:
                return IsInert(wrapped.ElementType);
            case GenericParameter:
                return false;
            default:
                return type.IsPrimitive
                    || type.MetadataType is MetadataType.String or MetadataType.Void
                    || IsOurs(type)
                    || (type.IsValueType && type.Scope is not ModuleDefinition);
        }
    }

    /// <summary>In a callee's signature, its own parameters stand for what its instance says.</summary>
    private static bool IsInertOrOpen(TypeReference type) => type is GenericParameter { Type: GenericParameterType.Method } || IsInert(type);

    private static bool IsOurs(TypeReference type) =>
        type.GetElementType().Scope is AssemblyNameReference scope && scope.Name.StartsWith(OurAssemblies, StringComparison.Ordinal);

    private static bool IsDelegateConstructor(MethodReference called) =>
        called is { Name: ".ctor", Parameters: [{ ParameterType.MetadataType: MetadataType.Object }, { ParameterType.MetadataType: MetadataType.IntPtr }] };
}
