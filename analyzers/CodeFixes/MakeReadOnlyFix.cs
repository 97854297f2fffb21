using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace RedLeafSharp.CodeFixes;

/// <summary>RL0006: a private static field that only its initializer writes becomes readonly.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class MakeReadOnlyFix() : SyntaxFix("RL0006", "Make the field readonly")
{
    private protected override bool NeedsModel => true;

    private protected override SyntaxNode? Apply(SyntaxNode root, SyntaxNode node, SemanticModel? model)
    {
        if (node is not VariableDeclaratorSyntax { Initializer: not null, Parent.Parent: FieldDeclarationSyntax field } variable
            || model?.GetDeclaredSymbol(variable) is not IFieldSymbol { DeclaredAccessibility: Accessibility.Private } symbol
            || symbol.ContainingType.DeclaringSyntaxReferences.Length > 1 || field.Declaration.Variables.Count > 1
            || symbol.ContainingType.DeclaringSyntaxReferences[0].GetSyntax() is not { } type
            || type.DescendantNodes().OfType<IdentifierNameSyntax>().Any(name => IsWrite(name, symbol, model)))
        {
            return null;
        }

        SyntaxToken readOnly = SyntaxFactory.Token(SyntaxKind.ReadOnlyKeyword).WithTrailingTrivia(SyntaxFactory.Space);
        return root.ReplaceNode(field, field.AddModifiers(readOnly));
    }

    private static bool IsWrite(IdentifierNameSyntax name, IFieldSymbol field, SemanticModel model)
    {
        if (name.Identifier.ValueText != field.Name
            || !SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(name).Symbol, field))
        {
            return false;
        }

        SyntaxNode whole = name.Parent is MemberAccessExpressionSyntax access && access.Name == name ? access : name;
        return whole.Parent switch
        {
            AssignmentExpressionSyntax assignment => assignment.Left == whole,
            PrefixUnaryExpressionSyntax or PostfixUnaryExpressionSyntax => true,
            ArgumentSyntax argument => !argument.RefKindKeyword.IsKind(SyntaxKind.None)
                || argument.Parent is TupleExpressionSyntax { Parent: AssignmentExpressionSyntax },
            RefExpressionSyntax => true,
            MemberAccessExpressionSyntax member => field.Type.IsValueType && member.Expression == whole,
            _ => false,
        };
    }
}
