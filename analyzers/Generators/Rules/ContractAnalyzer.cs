using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace RedLeafSharp.Generators.Rules;

/// <summary>Reports what is wrong with a contract where it is declared, instead of where a proxy would not compile.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ContractAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
    [
        ContractDiagnostics.ContextFirst,
        ContractDiagnostics.ReplyResult,
        ContractDiagnostics.ValueParameter,
        ContractDiagnostics.ReferenceParameter,
        ContractDiagnostics.SpanElement,
        ContractDiagnostics.ReplyValue,
        ContractDiagnostics.ErrorEnum,
        ContractDiagnostics.PlainMethods,
        ContractDiagnostics.PlainInterface,
        ContractDiagnostics.CallOrder,
        ContractDiagnostics.UnreachableState,
    ];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.Analyze | GeneratedCodeAnalysisFlags.ReportDiagnostics);
        context.EnableConcurrentExecution();
        context.RegisterSymbolAction(Analyze, SymbolKind.NamedType);
    }

    private static void Analyze(SymbolAnalysisContext context)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        if (!ContractShape.IsContract(type))
        {
            return;
        }

        foreach (Diagnostic diagnostic in ContractRules.Check(type))
        {
            context.ReportDiagnostic(diagnostic);
        }
    }
}
