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

    internal static bool Is(ITypeSymbol type, string space, string name) =>
        type.Name == name && type.ContainingType is null && type.ContainingNamespace?.ToDisplayString() == space;
}
