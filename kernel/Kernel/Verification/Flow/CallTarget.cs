using System.Reflection;

namespace RedLeafSharp.Verification.Flow;

/// <summary>A parameter of a call.</summary>
/// <param name="Type">As declared.</param>
/// <param name="IsReadOnly">An <c>in</c> or <c>ref readonly</c>: the callee writes nothing through it.</param>
/// <param name="IsOut">An <c>out</c> that the callee cannot return a reference to.</param>
/// <param name="IsScoped">The callee cannot let it outlive the call.</param>
internal sealed record ParameterFacts(Type Type, bool IsReadOnly, bool IsOut, bool IsScoped);

/// <summary>
/// What a method promises its callers beyond types, and is held to when it is verified itself. Promises made by attributes
/// count only where no override can break them: attributes are not part of a signature, modifiers are.
/// </summary>
internal sealed class CallTarget
{
    private const string Compiler = "System.Runtime.CompilerServices.";

    internal CallTarget(MethodBase method)
    {
        Method = method;
        bool canTrustAttributes = !method.IsVirtual && !IsDelegateInvoke(method);
        Parameters = [.. method.GetParameters().Select(parameter => FactsOf(parameter, canTrustAttributes))];
        ReturnType = method is MethodInfo { ReturnType: Type type } ? type : typeof(void);
        IsReturnReadOnly = ReturnType.IsByRef && method is MethodInfo { ReturnParameter: { } result } && HasInModifier(result);
        if (!method.IsStatic && method.DeclaringType is { IsValueType: true } declaring)
        {
            IsThisReadOnly = method is not ConstructorInfo && !IsInitialiser(method)
                && (Has(method.GetCustomAttributesData(), Compiler + "IsReadOnlyAttribute")
                    || Has(declaring.GetCustomAttributesData(), Compiler + "IsReadOnlyAttribute"));
            MayReturnThis = IsUnscoped(method);
            IsThisUnscoped = canTrustAttributes && MayReturnThis;
        }
    }

    internal MethodBase Method { get; }

    internal ParameterFacts[] Parameters { get; }

    internal Type ReturnType { get; }

    /// <summary>Whether the reference it returns is for reading only.</summary>
    internal bool IsReturnReadOnly { get; }

    /// <summary>Whether a method of a struct leaves the struct as it is.</summary>
    internal bool IsThisReadOnly { get; }

    /// <summary>Whether callers have to expect that a method of a struct returns a reference into it.</summary>
    internal bool MayReturnThis { get; }

    /// <summary>Whether a method of a struct may return a reference into it.</summary>
    internal bool IsThisUnscoped { get; }

    /// <summary>An init accessor: it writes the fields of its object, but only while that is made.</summary>
    internal static bool IsInitialiser(MethodBase method) => method is MethodInfo { ReturnParameter: { } result }
        && result.GetRequiredCustomModifiers().Contains(typeof(System.Runtime.CompilerServices.IsExternalInit));

    private static ParameterFacts FactsOf(ParameterInfo parameter, bool canTrustAttributes)
    {
        Type type = parameter.ParameterType;
        if (!TypeTable.IsBorrowType(type))
        {
            return new ParameterFacts(type, false, false, false);
        }

        IList<CustomAttributeData> attributes = parameter.GetCustomAttributesData();
        bool isReadOnly = type.IsByRef && (HasInModifier(parameter) || (canTrustAttributes
            && (Has(attributes, Compiler + "IsReadOnlyAttribute") || Has(attributes, Compiler + "RequiresLocationAttribute"))));
        bool isUnscoped = Has(attributes, "System.Diagnostics.CodeAnalysis.UnscopedRefAttribute");
        bool isOut = canTrustAttributes && type.IsByRef && parameter.IsOut && !parameter.IsIn && !isUnscoped;
        bool isScoped = canTrustAttributes && Has(attributes, Compiler + "ScopedRefAttribute");
        return new ParameterFacts(type, isReadOnly, isOut, isScoped);
    }

    private static bool IsDelegateInvoke(MethodBase method) => typeof(Delegate).IsAssignableFrom(method.DeclaringType);

    private static bool HasInModifier(ParameterInfo parameter) =>
        parameter.GetRequiredCustomModifiers().Contains(typeof(System.Runtime.InteropServices.InAttribute));

    /// <summary>The attribute stands on the method, or on the property whose accessor it is.</summary>
    private static bool IsUnscoped(MethodBase method)
    {
        const string Name = "System.Diagnostics.CodeAnalysis.UnscopedRefAttribute";
        if (Has(method.GetCustomAttributesData(), Name))
        {
            return true;
        }

        const BindingFlags All = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        return method.IsSpecialName && method.DeclaringType!.GetProperties(All)
            .Any(one => one.GetMethod?.MetadataToken == method.MetadataToken && Has(one.GetCustomAttributesData(), Name));
    }

    private static bool Has(IList<CustomAttributeData> attributes, string name) =>
        attributes.Any(one => one.AttributeType.FullName == name);
}
