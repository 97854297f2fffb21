using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace RedLeafSharp.Analyzers.Ownership;

/// <summary>Reports exchange references that are used, kept or lost against the rules of ownership.</summary>
/// <remarks>
/// <see cref="DeclarationRules"/> looks at declarations. <see cref="OwnershipFlow"/> follows references through each function,
/// as the verifier does in IL; since a borrow can live in no object, one function at a time is enough.
/// </remarks>
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
        context.RegisterCompilationStartAction(start =>
        {
            if (start.Compilation.GetTypeByMetadataName("RedLeafSharp.IExchangeReference") is null)
            {
                return;
            }

            var summaries = new CellSummaries(start.Compilation);
            start.RegisterSymbolAction(DeclarationRules.CheckMember, SymbolKind.Field, SymbolKind.Property);
            start.RegisterSyntaxNodeAction(
                DeclarationRules.CheckType, SyntaxKind.ArrayType, SyntaxKind.TupleType, SyntaxKind.NullableType,
                    SyntaxKind.GenericName);
            start.RegisterSyntaxNodeAction(DeclarationRules.CheckArrayCreation, SyntaxKind.ImplicitArrayCreationExpression);
            start.RegisterSyntaxNodeAction(
                DeclarationRules.CheckIterator, SyntaxKind.YieldReturnStatement, SyntaxKind.YieldBreakStatement);
            start.RegisterOperationBlockAction(block => Analyze(block, summaries));
        });
    }

    private static void Analyze(OperationBlockAnalysisContext context, CellSummaries summaries)
    {
        var seen = new HashSet<IOperation>();
        foreach (IOperation block in context.OperationBlocks)
        {
            if (block.Kind is OperationKind.None or OperationKind.Attribute || !Concerns(block, context.OwningSymbol, summaries))
            {
                continue;
            }

            ControlFlowGraph graph = context.GetControlFlowGraph(block);
            if (seen.Add(graph.OriginalOperation))
            {
                // The variables of a partial method are those of the part with the body.
                ISymbol owner = context.OwningSymbol is IMethodSymbol { PartialImplementationPart: { } body } ? body : context.OwningSymbol;
                Analyze(graph, owner, context, summaries);
            }
        }
    }

    private static void Analyze(ControlFlowGraph graph, ISymbol owner, OperationBlockAnalysisContext context,
        CellSummaries summaries)
    {
        var reports = new OwnershipReports(context.ReportDiagnostic);
        new OwnershipFlow(graph, new FlowSubject(owner, graph, summaries, reports, context.CancellationToken)).Run();
        foreach (IMethodSymbol local in graph.LocalFunctions)
        {
            Analyze(graph.GetLocalFunctionControlFlowGraph(local, context.CancellationToken), local, context, summaries);
        }

        IEnumerable<IOperation> operations = graph.Blocks.SelectMany(block =>
            block.BranchValue is { } value ? block.Operations.Append(value) : block.Operations);
        foreach (IFlowAnonymousFunctionOperation lambda in operations
            .SelectMany(operation => operation.DescendantsAndSelf()).OfType<IFlowAnonymousFunctionOperation>())
        {
            Analyze(graph.GetAnonymousFunctionControlFlowGraph(lambda, context.CancellationToken), lambda.Symbol, context,
                summaries);
        }
    }

    /// <summary>Most code has nothing to do with references and borrows; a graph of it need not be made.</summary>
    private static bool Concerns(IOperation block, ISymbol owner, CellSummaries summaries) =>
        (owner is IMethodSymbol method && method.Parameters.Any(parameter => ExchangeTypes.IsOwned(parameter.Type)))
        || block.Descendants().Any(operation => ExchangeTypes.IsOwned(operation.Type) || ExchangeTypes.HasCell(operation.Type)
            || (operation is IMethodReferenceOperation group && group.Method.TypeArguments.Any(ExchangeTypes.IsOwned))
            || (operation is IInvocationOperation call && !summaries.Borrowed(call.TargetMethod).IsEmpty));
}
