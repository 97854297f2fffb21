using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace RedLeafSharp.Analyzers.Ownership;

/// <summary>Reports exchange references that are used, kept or lost against the rules of ownership.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class OwnershipAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
    [
        OwnershipDiagnostics.UseAfterMove,
        OwnershipDiagnostics.UseAfterFree,
        OwnershipDiagnostics.UseAfterMaybeMove,
        OwnershipDiagnostics.Leak,
        OwnershipDiagnostics.MoveInLoop,
        OwnershipDiagnostics.BorrowAfterMove,
        OwnershipDiagnostics.BorrowAcrossWait,
        OwnershipDiagnostics.KeptElsewhere,
        OwnershipDiagnostics.Copied,
    ];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.Analyze | GeneratedCodeAnalysisFlags.ReportDiagnostics);
        context.EnableConcurrentExecution();
    }
}
