using Microsoft.CodeAnalysis;

namespace RedLeafSharp.Analyzers.Ownership;

/// <summary>Which types the rules of ownership are about.</summary>
internal static class ExchangeTypes
{
    /// <summary>Deeper nesting than this is taken for a cycle in wrong code, which the compiler reports itself.</summary>
    private const int DepthMax = 16;

    /// <summary>RRef, RRefArray, PageBuffer, and type parameters that stand for one of them.</summary>
    internal static bool IsReference(ITypeSymbol? type) => type switch
    {
        ITypeParameterSymbol parameter => parameter.ConstraintTypes.Any(IsReferenceInterface),
        INamedTypeSymbol { TypeKind: TypeKind.Struct } => type.AllInterfaces.Any(IsReferenceInterface),
        _ => false,
    };

    /// <summary>A reply that brings an exchange reference; it is owned as the reference in it is.</summary>
    internal static bool IsReplyWithReference(ITypeSymbol? type) =>
        type is INamedTypeSymbol { TypeArguments.Length: 2 } reply && Is(reply, "Reply") && IsReference(reply.TypeArguments[0]);

    /// <summary>What has one owner: a reference, or a reply that brings one.</summary>
    internal static bool IsOwned(ITypeSymbol? type) => IsReference(type) || IsReplyWithReference(type);

    internal static bool IsCell(ITypeSymbol? type) => type is INamedTypeSymbol { TypeArguments.Length: 1 } && Is(type, "Cell");

    /// <summary>A cell, or a struct with one in it: a copy would hold the same reference as the original.</summary>
    internal static bool HasCell(ITypeSymbol? type) => HasCell(type, DepthMax);

    /// <summary>What can show the content of a block: spans and other ref structs. The context of a call cannot.</summary>
    internal static bool CanBorrow(ITypeSymbol? type) => type is { IsRefLikeType: true } && !Is(type, "CallContext");

    /// <summary>
    /// Whether code that is written for any type can get hold of a reference through this argument: it does not know that
    /// reading a reference moves it. Cells and replies do, and delegates only pass on.
    /// </summary>
    internal static bool MayCopy(ITypeParameterSymbol parameter) =>
        parameter.DeclaringMethod is null && parameter.ContainingSymbol is INamedTypeSymbol type
        && (type.TypeKind == TypeKind.Delegate || Is(type, "Cell") || Is(type, "Reply"))
            ? false
            : !IsReference(parameter);

    internal static bool IsContract(ITypeSymbol? type) =>
        type is { TypeKind: TypeKind.Interface } && HasAttribute(type, "DomainContractAttribute");

    internal static bool HasAttribute(ISymbol symbol, string name) => symbol.GetAttributes().Any(attribute =>
        attribute.AttributeClass is { } declared && declared.Name == name
        && declared.ContainingNamespace?.ToDisplayString() == "RedLeafSharp.Contracts");

    internal static bool Is(ITypeSymbol type, string name) =>
        type.Name == name && type.ContainingType is null
        && type.ContainingNamespace is { Name: "RedLeafSharp", ContainingNamespace.IsGlobalNamespace: true };

    private static bool IsReferenceInterface(ITypeSymbol type) => Is(type, "IExchangeReference");

    private static bool HasCell(ITypeSymbol? type, int depth)
    {
        if (depth == 0 || type is not INamedTypeSymbol { TypeKind: TypeKind.Struct, SpecialType: SpecialType.None })
        {
            return false;
        }

        return IsCell(type)
            || type.GetMembers().OfType<IFieldSymbol>().Any(field => !field.IsStatic && HasCell(field.Type, depth - 1));
    }
}
