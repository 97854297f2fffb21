using Microsoft.CodeAnalysis;

namespace RedLeafSharp.Generators;

/// <summary>Questions about symbols that both the generator and the rules ask.</summary>
internal static class ContractShape
{
    internal const string ContractAttribute = "RedLeafSharp.Contracts.DomainContractAttribute";

    /// <summary>All methods that a proxy of the contract must have.</summary>
    internal static IEnumerable<IMethodSymbol> MethodsOf(INamedTypeSymbol contract) =>
        contract.AllInterfaces.Reverse().Append(contract)
            .SelectMany(part => part.GetMembers())
            .OfType<IMethodSymbol>()
            .Where(method => method.MethodKind == MethodKind.Ordinary && !method.IsStatic);

    /// <summary>RRef, RRefArray, PageBuffer: whatever implements IExchangeReference.</summary>
    internal static bool IsExchangeReference(ITypeSymbol type) =>
        type.TypeKind == TypeKind.Struct
        && type.AllInterfaces.Any(part => Is(part, "RedLeafSharp", "IExchangeReference"));

    /// <summary>A class whose instances only the kernel makes. The trusted kernel, below the contracts, cannot name the attribute.</summary>
    internal static bool IsCapability(ITypeSymbol type) =>
        type.TypeKind == TypeKind.Class && (HasAttribute(type, "CapabilityAttribute") || Is(type, "RedLeafSharp", "KernelEvent"));

    internal static bool IsContract(ITypeSymbol type) =>
        type.TypeKind == TypeKind.Interface && HasAttribute(type, "DomainContractAttribute");

    /// <summary>What a Span or ReadOnlySpan consists of; null for other types.</summary>
    internal static ITypeSymbol? SpanElement(ITypeSymbol type) =>
        type is INamedTypeSymbol { TypeArguments.Length: 1 } span
        && (Is(type, "System", "Span") || Is(type, "System", "ReadOnlySpan"))
            ? span.TypeArguments[0]
            : null;

    internal static bool Is(ITypeSymbol type, string space, string name) =>
        type.Name == name && type.ContainingType is null && type.ContainingNamespace?.ToDisplayString() == space;

    private static bool HasAttribute(ITypeSymbol type, string name) => type.GetAttributes().Any(attribute =>
        attribute.AttributeClass is { } declared && Is(declared, "RedLeafSharp.Contracts", name));
}
