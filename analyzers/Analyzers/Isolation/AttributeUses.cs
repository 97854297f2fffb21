using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace RedLeafSharp.Analyzers.Isolation;

/// <summary>Attributes that are admitted as types but not with every argument.</summary>
internal static class AttributeUses
{
    private const int ExplicitLayout = 2;

    internal static void Register(CompilationStartAnalysisContext context) =>
        context.RegisterSyntaxNodeAction(Check, SyntaxKind.Attribute);

    private static void Check(SyntaxNodeAnalysisContext context)
    {
        var attribute = (AttributeSyntax)context.Node;
        if (context.SemanticModel.GetSymbolInfo(attribute, context.CancellationToken).Symbol is not IMethodSymbol constructor
            || attribute.ArgumentList is not { Arguments: { Count: > 0 } arguments })
        {
            return;
        }

        string name = MetadataNames.Of(constructor.ContainingType);
        if (name == "System.Runtime.InteropServices.StructLayoutAttribute"
            && NumberOf(context, arguments[0]) == ExplicitLayout)
        {
            context.ReportDiagnostic(new Offence(
                IsolationDiagnostics.ExplicitLayout,
                "fields laid out by hand may overlap, and a number over a reference is a pointer: write Sequential with Pack")
                .At(arguments[0].GetLocation()));
        }
        else if (name is "System.Diagnostics.CodeAnalysis.SuppressMessageAttribute"
            or "System.Diagnostics.CodeAnalysis.UnconditionalSuppressMessageAttribute" && arguments.Count > 1
            && context.SemanticModel.GetConstantValue(arguments[1].Expression, context.CancellationToken).Value is string rule
            && Suppressions.NamesARule(rule))
        {
            context.ReportDiagnostic(Suppressions.Offence(rule).At(arguments[1].GetLocation()));
        }
    }

    private static int? NumberOf(SyntaxNodeAnalysisContext context, AttributeArgumentSyntax argument) =>
        context.SemanticModel.GetConstantValue(argument.Expression, context.CancellationToken).Value switch
        {
            int number => number,
            short number => number,
            _ => null,
        };
}
