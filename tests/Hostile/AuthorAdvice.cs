using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using RedLeafSharp.Analyzers.Isolation;
using RedLeafSharp.Analyzers.Ownership;

namespace RedLeafSharp.Tests.Hostile;

/// <summary>What the author of an attack would have been told at home, had there been a use for telling.</summary>
internal static class AuthorAdvice
{
    /// <summary>Errors of the compiler itself: private members and such.</summary>
    internal const string Compiler = "compiler";

    /// <summary>Nothing: the attack is one on time or memory, which no reader of the source can see.</summary>
    internal const string Silence = "nothing";

    /// <summary>There is no C# that it was made of.</summary>
    internal const string NoSource = "–";

    private const int RulesMax = 3;

    /// <summary>The rules that the analyzers report for the source, "compiler", "nothing", or that there is no source.</summary>
    internal static string Of(Attack attack)
    {
        if (attack.Source is null)
        {
            return NoSource;
        }

        CSharpCompilation compilation = Guest.CompilationOf(attack.Source, "Advised");
        if (compilation.GetDiagnostics().Any(one => one.Severity == DiagnosticSeverity.Error))
        {
            return Compiler;
        }

        ImmutableArray<Diagnostic> found = compilation.WithAnalyzers([new IsolationAnalyzer(), new OwnershipAnalyzer()])
            .GetAnalyzerDiagnosticsAsync().Result;
        string[] rules = [.. found.Select(one => one.Id).Distinct().Order().Take(RulesMax)];
        return rules.Length == 0 ? Silence : string.Join(' ', rules);
    }
}
