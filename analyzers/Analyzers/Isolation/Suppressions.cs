using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace RedLeafSharp.Analyzers.Isolation;

/// <summary><c>#pragma warning disable</c> of our rules, or of all.</summary>
internal static class Suppressions
{
    private const string Prefix = "RL";

    internal static void Register(CompilationStartAnalysisContext context) => context.RegisterSyntaxTreeAction(Check);

    internal static bool NamesARule(string id) => id.Length > Prefix.Length && char.IsDigit(id[Prefix.Length])
        && id.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    internal static Offence Offence(string rule) => new(
        IsolationDiagnostics.Suppression,
        $"{rule} is suppressed: the verifier will refuse the domain all the same, change the code");

    private static void Check(SyntaxTreeAnalysisContext context)
    {
        SyntaxNode root = context.Tree.GetRoot(context.CancellationToken);
        if (!root.ContainsDirectives)
        {
            return;
        }

        for (DirectiveTriviaSyntax? at = root.GetFirstDirective(); at is not null; at = at.GetNextDirective())
        {
            if (at is PragmaWarningDirectiveTriviaSyntax { IsActive: true } pragma
                && pragma.DisableOrRestoreKeyword.IsKind(SyntaxKind.DisableKeyword))
            {
                CheckPragma(context, pragma);
            }
        }
    }

    private static void CheckPragma(SyntaxTreeAnalysisContext context, PragmaWarningDirectiveTriviaSyntax pragma)
    {
        if (pragma.ErrorCodes.Count == 0)
        {
            context.ReportDiagnostic(Offence("every rule").At(pragma.DisableOrRestoreKeyword.GetLocation()));
        }

        foreach (ExpressionSyntax code in pragma.ErrorCodes)
        {
            if (NamesARule(code.ToString()))
            {
                context.ReportDiagnostic(Offence(code.ToString()).At(code.GetLocation()));
            }
        }
    }
}
