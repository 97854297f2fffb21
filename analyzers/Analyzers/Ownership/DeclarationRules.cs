using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace RedLeafSharp.Analyzers.Ownership;

/// <summary>
/// What a declaration alone shows: fields, arrays and type arguments that would keep a reference or a copy of one.
/// </summary>
internal static class DeclarationRules
{
    internal static void CheckMember(SymbolAnalysisContext context)
    {
        ISymbol member = context.Symbol;
        bool isKept = member switch
        {
            IFieldSymbol field => ExchangeTypes.IsOwned(field.Type),
            IPropertySymbol property => ExchangeTypes.IsOwned(property.Type) && HasField(property),
            _ => false,
        };
        if (isKept)
        {
            context.ReportDiagnostic(Diagnostic.Create(
                OwnershipDiagnostics.KeptElsewhere, member.Locations[0],
                    $"'{member.Name}' keeps an exchange reference in a field", "make it a Cell"));
        }
    }

    internal static void CheckType(SyntaxNodeAnalysisContext context)
    {
        var syntax = (TypeSyntax)context.Node;
        ITypeSymbol? type = context.SemanticModel.GetTypeInfo(syntax, context.CancellationToken).Type;
        switch (syntax, type)
        {
            case (ArrayTypeSyntax, IArrayTypeSymbol array) when ExchangeTypes.IsOwned(array.ElementType):
                Report(context, OwnershipDiagnostics.KeptElsewhere, "an array keeps exchange references in its elements",
                    "make it an array of Cell");
                break;
            case (TupleTypeSyntax tuple, INamedTypeSymbol { IsTupleType: true } elements):
                CheckTuple(context, tuple, elements);
                break;
            case (NullableTypeSyntax, INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable)
                when ExchangeTypes.IsOwned(nullable.TypeArguments[0]):
                Report(context, OwnershipDiagnostics.Copied, $"'{syntax}' would hold a second copy of the reference",
                    "use the empty reference and test IsNull");
                break;
            case (GenericNameSyntax, INamedTypeSymbol { IsTupleType: false } generic)
                when CopiedArgument(generic) is { } argument:
                Report(
                    context, OwnershipDiagnostics.Copied,
                        $"'{generic.Name}' is written for any type and may copy the '{argument.Name}'",
                    "keep references in a Cell, and collections of them in arrays of cells");
                break;
        }
    }

    internal static void CheckArrayCreation(SyntaxNodeAnalysisContext context)
    {
        if (context.SemanticModel.GetTypeInfo(context.Node, context.CancellationToken).Type is IArrayTypeSymbol array
            && ExchangeTypes.IsOwned(array.ElementType))
        {
            Report(context, OwnershipDiagnostics.KeptElsewhere, "an array keeps exchange references in its elements",
                "make it an array of Cell");
        }
    }

    /// <summary>An iterator keeps its variables in an object, and one that is enumerated twice copies its parameters.</summary>
    internal static void CheckIterator(SyntaxNodeAnalysisContext context)
    {
        SyntaxNode? function = context.Node.FirstAncestorOrSelf<SyntaxNode>(node =>
            node is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax or AccessorDeclarationSyntax);
        if (function is null || FirstYield(function) != context.Node)
        {
            return;
        }

        foreach (SyntaxNode node in function.DescendantNodes(node => node == function || !IsFunction(node)))
        {
            if (node is ParameterSyntax or VariableDeclaratorSyntax or SingleVariableDesignationSyntax
                && TypeOf(context.SemanticModel.GetDeclaredSymbol(node, context.CancellationToken)) is { } type
                    && ExchangeTypes.IsOwned(type))
            {
                SyntaxToken name = node.ChildTokens().First(token => token.IsKind(SyntaxKind.IdentifierToken));
                context.ReportDiagnostic(Diagnostic.Create(
                    OwnershipDiagnostics.Copied, name.GetLocation(),
                    $"an iterator keeps '{name.ValueText}' in an object that can be enumerated twice",
                        "do the work in a plain method"));
            }
        }
    }

    /// <summary>A property that the compiler makes a field for.</summary>
    private static bool HasField(IPropertySymbol property) => property.ContainingType.GetMembers().OfType<IFieldSymbol>()
        .Any(field => SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, property));

    private static void CheckTuple(SyntaxNodeAnalysisContext context, TupleTypeSyntax tuple, INamedTypeSymbol type)
    {
        if (type.TupleElements.Any(element => ExchangeTypes.IsOwned(element.Type)))
        {
            Report(context, OwnershipDiagnostics.Copied, $"'{tuple}' would hold a second copy of the reference",
                "use an out parameter");
        }
    }

    private static ITypeSymbol? CopiedArgument(INamedTypeSymbol generic)
    {
        for (int index = 0; index < generic.TypeArguments.Length; index++)
        {
            if (ExchangeTypes.IsOwned(generic.TypeArguments[index])
                && ExchangeTypes.MayCopy(generic.OriginalDefinition.TypeParameters[index]))
            {
                return generic.TypeArguments[index];
            }
        }

        return null;
    }

    private static SyntaxNode? FirstYield(SyntaxNode function) =>
        function.DescendantNodes(node => node == function || !IsFunction(node))
            .FirstOrDefault(node => node is YieldStatementSyntax);

    private static bool IsFunction(SyntaxNode node) =>
        node is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax or AnonymousFunctionExpressionSyntax
            or AccessorDeclarationSyntax;

    private static ITypeSymbol? TypeOf(ISymbol? symbol) => symbol switch
    {
        ILocalSymbol local => local.Type,
        IParameterSymbol parameter => parameter.Type,
        _ => null,
    };

    private static void Report(SyntaxNodeAnalysisContext context, DiagnosticDescriptor rule, string what, string instead) =>
        context.ReportDiagnostic(Diagnostic.Create(rule, context.Node.GetLocation(), what, instead));
}
