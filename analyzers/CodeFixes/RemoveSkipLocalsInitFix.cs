using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace RedLeafSharp.CodeFixes;

/// <summary>RL0012: takes the attribute off, with its brackets if it is alone in them.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class RemoveSkipLocalsInitFix() : SyntaxFix("RL0012", "Remove the attribute")
{
    private protected override SyntaxNode? Apply(SyntaxNode root, SyntaxNode node, SemanticModel? model)
    {
        if (node.FirstAncestorOrSelf<AttributeSyntax>() is not { Parent: AttributeListSyntax list } attribute)
        {
            return null;
        }

        return list.Attributes.Count > 1
            ? root.RemoveNode(attribute, SyntaxRemoveOptions.KeepNoTrivia)
            : root.RemoveNode(list, SyntaxRemoveOptions.KeepLeadingTrivia);
    }
}
