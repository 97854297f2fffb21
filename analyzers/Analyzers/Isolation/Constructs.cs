using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace RedLeafSharp.Analyzers.Isolation;

/// <summary>Constructs of the language that a domain does without, whatever types they are used with.</summary>
internal static class Constructs
{
    private const string NoPointers = "a domain has no pointers: use spans, BinaryPrimitives, or a PageBuffer";
    private const string NoStack = "the kernel bounds the stack by counting frames: write new T[length], and keep the array";
    private const string NoWaiting = "KernelEvent.Wait is the only way to block: one thread at a time runs in a domain";
    private const string NoDimensions = "nobody checks the size of such an array: write new T[rows * columns], or an array of arrays";
    private const string NoReflection = "dynamic is reflection at run time: write the types";

    internal static void Register(CompilationStartAnalysisContext context)
    {
        context.RegisterSyntaxNodeAction(
            CheckUnsafe, SyntaxKind.UnsafeStatement, SyntaxKind.FixedStatement, SyntaxKind.PointerType,
            SyntaxKind.FunctionPointerType, SyntaxKind.MakeRefExpression, SyntaxKind.RefTypeExpression,
            SyntaxKind.RefValueExpression, SyntaxKind.ArgListExpression,
            SyntaxKind.ClassDeclaration, SyntaxKind.StructDeclaration,
            SyntaxKind.RecordDeclaration, SyntaxKind.RecordStructDeclaration, SyntaxKind.InterfaceDeclaration,
            SyntaxKind.MethodDeclaration, SyntaxKind.ConstructorDeclaration, SyntaxKind.PropertyDeclaration,
            SyntaxKind.IndexerDeclaration, SyntaxKind.OperatorDeclaration, SyntaxKind.ConversionOperatorDeclaration,
            SyntaxKind.DelegateDeclaration, SyntaxKind.FieldDeclaration, SyntaxKind.EventDeclaration,
            SyntaxKind.EventFieldDeclaration, SyntaxKind.LocalFunctionStatement, SyntaxKind.DestructorDeclaration);
        context.RegisterSyntaxNodeAction(
            CheckStack, SyntaxKind.StackAllocArrayCreationExpression, SyntaxKind.ImplicitStackAllocArrayCreationExpression);
        context.RegisterSyntaxNodeAction(
            CheckAsync, SyntaxKind.AwaitExpression, SyntaxKind.MethodDeclaration, SyntaxKind.LocalFunctionStatement,
            SyntaxKind.SimpleLambdaExpression, SyntaxKind.ParenthesizedLambdaExpression, SyntaxKind.AnonymousMethodExpression,
            SyntaxKind.ForEachStatement, SyntaxKind.ForEachVariableStatement, SyntaxKind.UsingStatement,
            SyntaxKind.LocalDeclarationStatement);
        context.RegisterOperationAction(
            CheckOperation, OperationKind.Lock, OperationKind.SizeOf, OperationKind.AddressOf, OperationKind.ArrayCreation, OperationKind.DynamicInvocation,
            OperationKind.DynamicMemberReference, OperationKind.DynamicIndexerAccess, OperationKind.DynamicObjectCreation);
    }

    private static void CheckUnsafe(SyntaxNodeAnalysisContext context)
    {
        SyntaxToken? token = context.Node switch
        {
            UnsafeStatementSyntax statement => statement.UnsafeKeyword,
            FixedStatementSyntax statement => statement.FixedKeyword,
            PointerTypeSyntax pointer when !IsPartOfPointer(pointer) => pointer.AsteriskToken,
            FunctionPointerTypeSyntax pointer => pointer.DelegateKeyword,
            MakeRefExpressionSyntax expression => expression.Keyword,
            RefTypeExpressionSyntax expression => expression.Keyword,
            RefValueExpressionSyntax expression => expression.Keyword,
            LiteralExpressionSyntax argumentList => argumentList.Token,
            MemberDeclarationSyntax member => Modifier(member.Modifiers, SyntaxKind.UnsafeKeyword)
                ?? Modifier(member.Modifiers, SyntaxKind.FixedKeyword),
            LocalFunctionStatementSyntax function => Modifier(function.Modifiers, SyntaxKind.UnsafeKeyword),
            _ => null,
        };
        Report(context, token, IsolationDiagnostics.Unsafe, NoPointers);
    }

    private static bool IsPartOfPointer(SyntaxNode type) => type.Parent is PointerTypeSyntax;

    private static SyntaxToken? Modifier(SyntaxTokenList modifiers, SyntaxKind kind)
    {
        int index = modifiers.IndexOf(kind);
        return index < 0 ? null : modifiers[index];
    }

    private static void CheckStack(SyntaxNodeAnalysisContext context) =>
        Report(context, context.Node.GetFirstToken(), IsolationDiagnostics.StackAllocation, NoStack);

    private static void CheckAsync(SyntaxNodeAnalysisContext context)
    {
        SyntaxToken? token = context.Node switch
        {
            AwaitExpressionSyntax await => await.AwaitKeyword,
            MethodDeclarationSyntax method => Modifier(method.Modifiers, SyntaxKind.AsyncKeyword),
            LocalFunctionStatementSyntax function => Modifier(function.Modifiers, SyntaxKind.AsyncKeyword),
            AnonymousFunctionExpressionSyntax function => function.AsyncKeyword,
            CommonForEachStatementSyntax loop => loop.AwaitKeyword,
            UsingStatementSyntax statement => statement.AwaitKeyword,
            LocalDeclarationStatementSyntax declaration => declaration.AwaitKeyword,
            _ => null,
        };
        Report(context, token, IsolationDiagnostics.Threads, NoWaiting);
    }

    private static void Report(SyntaxNodeAnalysisContext context, SyntaxToken? token, string rule, string message)
    {
        if (token is { RawKind: not 0, IsMissing: false } found)
        {
            context.ReportDiagnostic(new Offence(rule, message).At(found.GetLocation()));
        }
    }

    private static void CheckOperation(OperationAnalysisContext context)
    {
        IOperation operation = context.Operation;
        Offence? offence = operation switch
        {
            ILockOperation => new Offence(
                IsolationDiagnostics.Locks, "a lock protects from nobody: one thread at a time runs in a domain, leave it out"),
            ISizeOfOperation { ConstantValue.HasValue: false } => new Offence(
                IsolationDiagnostics.Unsafe, "the size of a type is the runtime's choice: write it as a constant"),
            IArrayCreationOperation { DimensionSizes.Length: > 1 } => new Offence(IsolationDiagnostics.Cost, NoDimensions),
            IAddressOfOperation => new Offence(IsolationDiagnostics.Unsafe, NoPointers),
            IDynamicInvocationOperation or IDynamicMemberReferenceOperation or IDynamicIndexerAccessOperation
                or IDynamicObjectCreationOperation => new Offence(IsolationDiagnostics.Reflection, NoReflection),
            _ => null,
        };
        Location location = operation is ILockOperation && operation.Syntax is LockStatementSyntax statement
            ? statement.LockKeyword.GetLocation() : operation.Syntax.GetLocation();
        if (offence is { } found)
        {
            context.ReportDiagnostic(found.At(location));
        }
    }
}
