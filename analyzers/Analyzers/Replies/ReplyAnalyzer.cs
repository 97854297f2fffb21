using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace RedLeafSharp.Analyzers.Replies;

/// <summary>Reports RL0212: a reply that is made of an error of zero, which throws when it is reached.</summary>
/// <remarks>
/// In <c>return error != Errno.None ? error : 0;</c> the 0 is <c>Errno.None</c>: C# converts the constant 0 to each enum, so that the
/// branches have the enum as their type before anything becomes a reply.
/// </remarks>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ReplyAnalyzer : DiagnosticAnalyzer
{
    private const string ReplyName = "RedLeafSharp.Reply`2";

    /// <summary>The rule; it has a page of its name in docs/rules.</summary>
    private static readonly DiagnosticDescriptor ZeroError = new(
        "RL0212", "The error of a reply is not zero",
        "An error of zero is no reply, and throws here; a constant 0 beside an error is an error, too: return the value in a statement of its own",
        "Contracts", DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: "docs/rules/RL0212.md", customTags: [WellKnownDiagnosticTags.NotConfigurable]);

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [ZeroError];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.Analyze | GeneratedCodeAnalysisFlags.ReportDiagnostics);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(Start);
    }

    private static void Start(CompilationStartAnalysisContext context)
    {
        if (context.Compilation.GetTypeByMetadataName(ReplyName) is { } reply)
        {
            context.RegisterOperationAction(operation => Check(operation, reply), OperationKind.Conversion);
        }
    }

    private static void Check(OperationAnalysisContext context, INamedTypeSymbol reply)
    {
        var conversion = (IConversionOperation)context.Operation;
        bool isOfError = conversion.OperatorMethod is { } method
            && SymbolEqualityComparer.Default.Equals(method.ContainingType.OriginalDefinition, reply)
            && method.Parameters[0].Type.TypeKind == TypeKind.Enum;
        if (isOfError)
        {
            Report(context, conversion.Operand);
        }
    }

    private static void Report(OperationAnalysisContext context, IOperation operand)
    {
        if (operand.ConstantValue is { HasValue: true, Value: 0 })
        {
            context.ReportDiagnostic(Diagnostic.Create(ZeroError, operand.Syntax.GetLocation()));
            return;
        }

        switch (operand)
        {
            case IConditionalOperation { WhenFalse: not null } conditional:
                Report(context, conditional.WhenTrue);
                Report(context, conditional.WhenFalse);
                break;
            case ISwitchExpressionOperation choice:
                foreach (ISwitchExpressionArmOperation arm in choice.Arms)
                {
                    Report(context, arm.Value);
                }

                break;
        }
    }
}
