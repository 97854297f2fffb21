using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace RedLeafSharp.CodeFixes;

/// <summary>RL0006: a private static field that only its initializer writes becomes readonly.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class MakeReadOnlyFix() : SyntaxFix("RL0006", "Make the field readonly")
{
    private protected override IEnumerable<TextChange> Edit(SyntaxNode node, SemanticModel model, SourceText text)
    {
        if (node is not VariableDeclaratorSyntax { Initializer: not null, Parent.Parent: FieldDeclarationSyntax field }
            || field.Declaration.Variables.Count > 1 || field.Modifiers.Any(SyntaxKind.VolatileKeyword)
            || model.GetDeclaredSymbol(node) is not IFieldSymbol { DeclaredAccessibility: Accessibility.Private } symbol
            || symbol.ContainingType.DeclaringSyntaxReferences.Length > 1
            || symbol.ContainingType.DeclaringSyntaxReferences[0].GetSyntax().DescendantNodes()
                .OfType<IdentifierNameSyntax>().Any(name => IsWrite(name, symbol, model)))
        {
            return [];
        }

        return [new TextChange(new TextSpan(field.Declaration.SpanStart, 0), "readonly ")];
    }

    /// <summary>Whether a name stands where the field may be written. In doubt it may.</summary>
    private static bool IsWrite(IdentifierNameSyntax name, IFieldSymbol field, SemanticModel model)
    {
        if (name.Identifier.ValueText != field.Name
            || !SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(name).Symbol?.OriginalDefinition, field))
        {
            return false;
        }

        SyntaxNode whole = name.Parent is MemberAccessExpressionSyntax access && access.Name == name ? access : name;
        while (whole.Parent is ParenthesizedExpressionSyntax outer)
        {
            whole = outer;
        }

        return whole.Parent switch
        {
            AssignmentExpressionSyntax assignment => assignment.Left == whole,
            PrefixUnaryExpressionSyntax unary => unary.Kind() is SyntaxKind.PreIncrementExpression
                or SyntaxKind.PreDecrementExpression or SyntaxKind.AddressOfExpression,
            PostfixUnaryExpressionSyntax => true,
            ArgumentSyntax argument =>
                !argument.RefKindKeyword.IsKind(SyntaxKind.None) || argument.Parent is TupleExpressionSyntax,
            RefExpressionSyntax => true,

            // A member of a value may change it; of a readonly one it would change a copy.
            MemberAccessExpressionSyntax or ElementAccessExpressionSyntax => !field.Type.IsReferenceType,
            _ => false,
        };
    }
}
