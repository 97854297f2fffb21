using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace RedLeafSharp.CodeFixes;

/// <summary>RL0012: takes the attribute off, with its brackets if it is alone in them.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class RemoveSkipLocalsInitFix() : SyntaxFix("RL0012", "Remove the attribute")
{
    private protected override IEnumerable<TextChange> Edit(SyntaxNode node, SemanticModel model, SourceText text)
    {
        if (node.FirstAncestorOrSelf<AttributeSyntax>() is not { Parent: AttributeListSyntax list } attribute)
        {
            return [];
        }

        int index = list.Attributes.IndexOf(attribute);
        return list.Attributes.Count == 1 ? [Remove(text, list.SpanStart, list.Span.End)]
            : index == 0 ? [Remove(text, attribute.SpanStart, list.Attributes.GetSeparator(0).Span.End)]
            : [new TextChange(TextSpan.FromBounds(list.Attributes[index - 1].Span.End, attribute.Span.End), string.Empty)];
    }
}
