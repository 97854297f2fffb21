using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace RedLeafSharp.Analyzers.Isolation;

/// <summary>Members that the source uses by name or by operator.</summary>
internal static class MemberUses
{
    internal static void Register(CompilationStartAnalysisContext context, DomainRules rules)
    {
        context.RegisterOperationAction(
            operation => Report(operation, rules, SymbolsOf(operation.Operation)),
            OperationKind.Invocation, OperationKind.FieldReference, OperationKind.EventReference, OperationKind.MethodReference,
            OperationKind.PropertyReference, OperationKind.Binary, OperationKind.Unary, OperationKind.Increment,
            OperationKind.Decrement, OperationKind.CompoundAssignment, OperationKind.Conversion);
        context.RegisterOperationAction(operation => CheckCreation(operation, rules), OperationKind.ObjectCreation);
    }

    internal static void Report(OperationAnalysisContext context, DomainRules rules, IEnumerable<ISymbol?> symbols)
    {
        if (NameOfExpressions.Contains(context.Operation.Syntax))
        {
            return;
        }

        foreach (ISymbol? symbol in symbols)
        {
            if (rules.CheckMember(symbol) is { } offence)
            {
                context.ReportDiagnostic(offence.At(LocationOf(context.Operation.Syntax)));
                return;
            }
        }
    }

    private static IEnumerable<ISymbol?> SymbolsOf(IOperation operation) => operation switch
    {
        IInvocationOperation { Parent: IInterpolatedStringAppendOperation } => [],
        IInvocationOperation invocation => [invocation.TargetMethod],
        IPropertyReferenceOperation property => AccessorsOf(property),
        IMemberReferenceOperation { Parent: INameOfOperation } => [],
        IEventReferenceOperation { Parent: IEventAssignmentOperation { Adds: var adds } } reference =>
            [adds ? reference.Event.AddMethod : reference.Event.RemoveMethod],
        IMemberReferenceOperation reference => [reference.Member],
        IBinaryOperation binary => [binary.OperatorMethod],
        IUnaryOperation unary => [unary.OperatorMethod],
        IIncrementOrDecrementOperation step => [step.OperatorMethod],
        ICompoundAssignmentOperation assignment =>
            [assignment.OperatorMethod, assignment.InConversion.MethodSymbol, assignment.OutConversion.MethodSymbol],
        IConversionOperation conversion => [conversion.OperatorMethod],
        _ => [],
    };

    private static IEnumerable<ISymbol?> AccessorsOf(IPropertyReferenceOperation reference)
    {
        IOperation? parent = reference.Parent;
        bool isTarget = parent is IAssignmentOperation assignment && assignment.Target == reference;
        bool isWritten = isTarget || parent is IIncrementOrDecrementOperation;
        bool isReadToo = parent is ICompoundAssignmentOperation or ICoalesceAssignmentOperation;
        if (!isTarget || isReadToo || reference.Property.SetMethod is null)
        {
            yield return reference.Property.GetMethod;
        }

        if (isWritten)
        {
            yield return reference.Property.SetMethod;
        }
    }

    private static void CheckCreation(OperationAnalysisContext context, DomainRules rules)
    {
        var creation = (IObjectCreationOperation)context.Operation;

        if (creation.Parent is IInterpolatedStringHandlerCreationOperation)
        {
            return;
        }

        // Of a type that is denied as a whole, its name is reported.
        bool isNamed = creation.Syntax is ObjectCreationExpressionSyntax or AttributeSyntax;
        if (!isNamed || rules.CheckType(creation.Type) is null)
        {
            Report(context, rules, [creation.Constructor]);
        }
    }

    private static Location LocationOf(SyntaxNode syntax) => syntax switch
    {
        InvocationExpressionSyntax invocation => LocationOf(invocation.Expression),
        MemberAccessExpressionSyntax access => access.Name.Identifier.GetLocation(),
        MemberBindingExpressionSyntax binding => binding.Name.Identifier.GetLocation(),
        SimpleNameSyntax name => name.Identifier.GetLocation(),
        _ => syntax.GetLocation(),
    };
}
