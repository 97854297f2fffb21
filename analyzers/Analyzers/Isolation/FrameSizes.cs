using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace RedLeafSharp.Analyzers.Isolation;

/// <summary>Methods whose locals and parameters take too much of the stack.</summary>
internal static class FrameSizes
{
    internal static void Register(CompilationStartAnalysisContext context) => context.RegisterOperationBlockAction(Check);

    private static void Check(OperationBlockAnalysisContext context)
    {
        if (context.OwningSymbol is not IMethodSymbol method)
        {
            return;
        }

        long bytes = method.Parameters.Where(p => p.RefKind == RefKind.None).Sum(p => StructSizes.BytesOf(p.Type));
        foreach (IOperation block in context.OperationBlocks)
        {
            foreach (IOperation operation in block.Descendants())
            {
                bytes += operation is IVariableDeclaratorOperation { Symbol: { RefKind: RefKind.None } local }
                    ? StructSizes.BytesOf(local.Type) : 0;
            }
        }

        if (bytes > IsolationLimits.FrameBytesMax)
        {
            context.ReportDiagnostic(new Offence(
                IsolationDiagnostics.Size,
                $"{method.Name} takes {bytes} bytes of the stack, of {IsolationLimits.FrameBytesMax}: keep them in an array")
                .At(method.Locations.FirstOrDefault() ?? Location.None));
        }
    }
}
