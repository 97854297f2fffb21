using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace RedLeafSharp.Analyzers.Isolation;

/// <summary>Types that are named: in declarations, casts, type arguments, attributes, aliases.</summary>
internal static class TypeUses
{
    internal static void Register(CompilationStartAnalysisContext context, DomainRules rules) => context.RegisterSyntaxNodeAction(
        node => Check(node, rules), SyntaxKind.IdentifierName, SyntaxKind.GenericName);

    private static void Check(SyntaxNodeAnalysisContext context, DomainRules rules)
    {
        var name = (SimpleNameSyntax)context.Node;
        if (name.IsVar || name.IsPartOfStructuredTrivia() || NameOfExpressions.Contains(name) || IsLeftOfAMember(name, context))
        {
            return;
        }

        ISymbol? symbol = context.SemanticModel.GetSymbolInfo(name, context.CancellationToken).Symbol;
        if (name is IdentifierNameSyntax identifier
            && context.SemanticModel.GetAliasInfo(identifier, context.CancellationToken) is not null)
        {
            // Reported where the alias is declared.
            return;
        }

        if (symbol is IDynamicTypeSymbol)
        {
            context.ReportDiagnostic(new Offence(
                IsolationDiagnostics.Reflection, "dynamic is reflection at run time: write the types").At(name.GetLocation()));
            return;
        }

        INamedTypeSymbol? type = symbol as INamedTypeSymbol
            ?? (IsAttributeName(name) && symbol is IMethodSymbol constructor ? constructor.ContainingType : null);
        if (rules.CheckType(type) is { } offence)
        {
            context.ReportDiagnostic(offence.At(name.Identifier.GetLocation()));
        }
    }

    /// <summary><c>Thread.Sleep</c>: the member is reported, once is enough.</summary>
    private static bool IsLeftOfAMember(SimpleNameSyntax name, SyntaxNodeAnalysisContext context)
    {
        SyntaxNode whole = name.Parent is MemberAccessExpressionSyntax qualified && qualified.Name == name ? qualified : name;
        if (name.Parent is QualifiedNameSyntax { Left: var left } && left == name)
        {
            return true;
        }

        return whole.Parent is MemberAccessExpressionSyntax access && access.Expression == whole
            && context.SemanticModel.GetSymbolInfo(name, context.CancellationToken).Symbol is INamedTypeSymbol;
    }

    private static bool IsAttributeName(SimpleNameSyntax name) =>
        name.Parent is AttributeSyntax || name.Parent is QualifiedNameSyntax { Parent: AttributeSyntax };
}
