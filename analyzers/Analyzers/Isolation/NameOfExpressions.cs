using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace RedLeafSharp.Analyzers.Isolation;

/// <summary>What stands in <c>nameof(...)</c> is a constant text in the end and uses nothing.</summary>
internal static class NameOfExpressions
{
    internal static bool Contains(SyntaxNode node)
    {
        SyntaxNode? outer = node.Parent;
        for (; outer is ExpressionSyntax or ArgumentSyntax or ArgumentListSyntax; outer = outer.Parent)
        {
            if (outer is InvocationExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.Text: "nameof" } })
            {
                return true;
            }
        }

        return false;
    }
}
