using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace RedLeafSharp.Tests.Tidy;

/// <summary>Sizes of files and functions, and where unsafe code may be.</summary>
internal static class CodeShape
{
    internal const int FileLinesMax = 400;
    internal const int FunctionLinesMax = 70;

    private static readonly string[] UnsafeFolders = ["kernel/Trusted/", "machine/"];

    internal static SyntaxNode Parse(SourceText file) =>
        CSharpSyntaxTree.ParseText(file.Text, CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Preview)).GetRoot();

    internal static int LineOf(SyntaxNodeOrToken node) => node.GetLocation()!.GetLineSpan().StartLinePosition.Line + 1;

    internal static IEnumerable<string> CheckSizes(SourceText file)
    {
        int lineCount = file.Lines.Length - (file.Text.EndsWith('\n') ? 1 : 0);
        if (lineCount > FileLinesMax)
        {
            yield return $"{file.Path}: {lineCount} lines, at most {FileLinesMax}";
        }

        foreach (SyntaxNode function in Parse(file).DescendantNodes().Where(IsFunction))
        {
            FileLinePositionSpan span = function.GetLocation().GetLineSpan();
            int length = span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
            if (length > FunctionLinesMax)
            {
                yield return $"{file.Path}:{LineOf(function)}: a function of {length} lines, at most {FunctionLinesMax}";
            }
        }
    }

    internal static IEnumerable<string> CheckUnsafe(SourceText file)
    {
        bool mayHoldUnsafe = file.IsUnder(UnsafeFolders) && file.Path.EndsWith(".Unsafe.cs", StringComparison.Ordinal);
        foreach (SyntaxToken token in Parse(file).DescendantTokens().Where(token => token.IsKind(SyntaxKind.UnsafeKeyword)))
        {
            if (!mayHoldUnsafe)
            {
                yield return $"{file.Path}:{LineOf(token)}: unsafe code belongs in *.Unsafe.cs of kernel/Trusted or machine";
            }
        }
    }

    private static bool IsFunction(SyntaxNode node) =>
        node is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax or AccessorDeclarationSyntax
            or AnonymousFunctionExpressionSyntax;
}
