using Mono.Cecil;

namespace RedLeafSharp.Rewriting;

/// <summary>What a call to another module may lead to.</summary>
/// <remarks>
/// A type is known by its name and its assembly, never by its name alone: a domain may call a class of its own System.Int32. Whether
/// one of the framework is a value is asked of the framework: the library believes the first signature that says so.
/// </remarks>
internal sealed class OutsideCalls
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

    /// <summary>Types of the framework that are no values, and have no code of a domain.</summary>
    private static readonly HashSet<string> InertClasses = ["System.String", "System.Text.StringBuilder", "System.Void"];

    private readonly Dictionary<TypeReference, bool> values = [];

    /// <summary>
    /// Whether the callee may come back into the calling module: not when all that it is given are values that have no code of
    /// the module, and its own object has none either.
    /// </summary>
    internal bool MayCallBack(MethodReference called)
    {
        TypeReference type = called.DeclaringType.GetElementType();
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
    private bool IsInertParameter(TypeReference type) => type switch
    {
        GenericParameter => true,
        GenericInstanceType generic when IsSpan(generic) => true,
        GenericInstanceType generic =>
            IsOurs(generic) || (IsValueOfFramework(generic.ElementType) && generic.GenericArguments.All(IsInertParameter)),
        TypeSpecification wrapped => IsInertParameter(wrapped.ElementType),
        _ => IsInert(type),
    };

    private bool IsInert(TypeReference type) => type switch
    {
        GenericParameter => false,
        GenericInstanceType generic => IsOurs(generic) || (IsValueOfFramework(generic.ElementType) && HasInertArguments(generic)),
        TypeSpecification wrapped => IsInert(wrapped.ElementType),
        _ => IsOurs(type) || (type.Scope is not ModuleDefinition && (InertClasses.Contains(type.FullName) || IsValueOfFramework(type))),
    };

    private bool IsValueOfFramework(TypeReference type)
    {
        if (type.Scope is not AssemblyNameReference assembly)
        {
            return false;
        }

        if (!values.TryGetValue(type, out bool isValue))
        {
            // Only plain names go to the runtime's own parser.
            string name = type.FullName.Replace('/', '+');
            isValue = name.All(one => char.IsLetterOrDigit(one) || one is '.' or '_' or '+' or '`')
                && Type.GetType($"{name}, {assembly.Name}", throwOnError: false) is { IsValueType: true };
            values.Add(type, isValue);
        }

        return isValue;
    }

    private bool HasInertArguments(TypeReference type) =>
        type is not GenericInstanceType generic || IsSpan(generic) || generic.GenericArguments.All(IsInert);

    /// <summary>A span of values does nothing with them; a generic method that does is given their type, too.</summary>
    private static bool IsSpan(GenericInstanceType type) =>
        type.ElementType is { Namespace: "System", Name: "Span`1" or "ReadOnlySpan`1", Scope: not ModuleDefinition }
        && type.GenericArguments[0] is GenericParameter or { IsValueType: true };

    private static bool IsOurs(TypeReference type) =>
        type.GetElementType().Scope is AssemblyNameReference scope && scope.Name.StartsWith(OurAssemblies, StringComparison.Ordinal);

    private static bool IsDelegateConstructor(MethodReference called) =>
        called is { Name: ".ctor", Parameters: [{ ParameterType.MetadataType: MetadataType.Object }, { ParameterType.MetadataType: MetadataType.IntPtr }] };
}
