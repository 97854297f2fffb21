using Microsoft.CodeAnalysis;

namespace RedLeafSharp.Analyzers.Isolation;

/// <summary>Symbols by the names of metadata, as the allow-list writes them.</summary>
internal static class MetadataNames
{
    /// <summary><c>System.Collections.Generic.List`1+Enumerator</c>.</summary>
    internal static string Of(INamedTypeSymbol type)
    {
        INamedTypeSymbol definition = type.TupleUnderlyingType?.OriginalDefinition ?? type.OriginalDefinition;
        if (definition.ContainingType is { } outer)
        {
            return $"{Of(outer)}+{definition.MetadataName}";
        }

        return definition.ContainingNamespace is { IsGlobalNamespace: false } space
            ? $"{space.ToDisplayString()}.{definition.MetadataName}" : definition.MetadataName;
    }

    internal static IReadOnlyList<string> ParametersOf(ISymbol member) => member is not IMethodSymbol method ? []
        : [.. method.OriginalDefinition.Parameters.Select(p => SimpleName(p.Type) + (p.RefKind == RefKind.None ? "" : "&"))];

    /// <summary>Without namespace and type arguments.</summary>
    private static string SimpleName(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol array => SimpleName(array.ElementType) + "[]",
        IPointerTypeSymbol pointer => SimpleName(pointer.PointedAtType) + "*",
        IDynamicTypeSymbol => "Object",
        INamedTypeSymbol { TupleUnderlyingType: { } tuple } => tuple.Name,
        _ => type.Name,
    };
}
