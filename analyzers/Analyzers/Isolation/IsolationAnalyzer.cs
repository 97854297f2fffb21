using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace RedLeafSharp.Analyzers.Isolation;

/// <summary>
/// Tells the author of a domain, while the code is written, what the verifier would refuse when the domain is loaded: the rules
/// RL0001 to RL0019. It reads symbols and operations, so a name that only looks forbidden is left alone and a forbidden one is
/// found under any other.
/// </summary>
/// <remarks>Nothing is guarded by it: a binary can come from anywhere. The verifier guards.</remarks>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class IsolationAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => IsolationDiagnostics.All;

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        // Generated code is loaded like any other.
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.Analyze | GeneratedCodeAnalysisFlags.ReportDiagnostics);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(Start);
    }

    private static void Start(CompilationStartAnalysisContext context)
    {
        var rules = new DomainRules(context.Compilation);
        TypeUses.Register(context, rules);
        MemberUses.Register(context, rules);
        ImplicitUses.Register(context, rules);
        Constructs.Register(context);
        Boxes.Register(context);
        Declarations.Register(context, rules);
        AttributeUses.Register(context);
        Suppressions.Register(context);
        FrameSizes.Register(context);
        GenericExpansion.Register(context);
    }
}
