using Microsoft.CodeAnalysis;

namespace RedLeafSharp.Generators;

/// <summary>The order of calls that a contract declares, as its attributes say it.</summary>
internal static class CallOrder
{
    /// <summary>A set of states is an int in the proxy.</summary>
    internal const int StatesMax = 31;

    internal const string States = "StatesAttribute";
    internal const string LegalIn = "LegalInAttribute";
    internal const string LeadsTo = "LeadsToAttribute";

    /// <summary>The states of a contract; none for a contract without an order.</summary>
    internal static string[] StatesOf(INamedTypeSymbol contract) => TextsOf(contract, States) ?? [];

    /// <summary>The states in which a method may be called.</summary>
    internal static string[] LegalStatesOf(IMethodSymbol method, string[] states) => TextsOf(method, LegalIn) ?? [.. states.Take(1)];

    /// <summary>The state that a successful call leads to; null when it changes none.</summary>
    internal static string? NextStateOf(IMethodSymbol method) => TextsOf(method, LeadsTo)?.FirstOrDefault();

    /// <summary>What the attribute's constructor was given; null without the attribute.</summary>
    internal static string[]? TextsOf(ISymbol symbol, string attribute)
    {
        AttributeData? found = symbol.GetAttributes().FirstOrDefault(one =>
            one.AttributeClass is { } declared && ContractShape.Is(declared, "RedLeafSharp.Contracts", attribute));
        return found is null ? null : [.. found.ConstructorArguments.SelectMany(TextsOf)];
    }

    private static IEnumerable<string> TextsOf(TypedConstant constant) => constant.Kind != TypedConstantKind.Array
        ? [constant.Value as string ?? ""]
        : constant.IsNull ? [] : constant.Values.SelectMany(TextsOf);
}
