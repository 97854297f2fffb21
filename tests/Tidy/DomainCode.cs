using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace RedLeafSharp.Tests.Tidy;

/// <summary>
/// What the source of a domain must not say. A check by syntax: it tells an author early, it does not guard the system.
/// </summary>
internal static class DomainCode
{
    internal static readonly string[] Folders = ["drivers/", "domains/", "posix/"];

    private static readonly Dictionary<SyntaxKind, string> BannedSyntax = new()
    {
        [SyntaxKind.LockStatement] = "lock: one thread at a time runs in an executor",
        [SyntaxKind.StackAllocArrayCreationExpression] = "stackalloc: the stack is bounded by the kernel",
        [SyntaxKind.ImplicitStackAllocArrayCreationExpression] = "stackalloc: the stack is bounded by the kernel",
        [SyntaxKind.AwaitExpression] = "await: KernelEvent.Wait is the only way to block",
        [SyntaxKind.FixedStatement] = "fixed: no pointers",
        [SyntaxKind.UnsafeStatement] = "unsafe: no pointers",
        [SyntaxKind.DestructorDeclaration] = "finalizer: it would run on a thread of the runtime",
        [SyntaxKind.QueryExpression] = "LINQ: it allocates",
    };

    /// <summary>
    /// Not among them: Volatile, which a driver needs to read what its device writes, and StructLayout, which lays out records
    /// of a wire or disk format; the rest of System.Runtime.InteropServices is listed by type.
    /// </summary>
    private static readonly HashSet<string> BannedTypes =
    [
        "Task", "ValueTask", "Thread", "ThreadPool", "ThreadLocal", "AsyncLocal", "Timer", "Lock", "Monitor", "Interlocked",
        "SemaphoreSlim", "Mutex", "CancellationToken", "Console", "File", "FileStream", "FileInfo", "Path",
        "Environment", "Process", "Socket", "Stopwatch", "DateTime", "DateTimeOffset", "TimeProvider", "Random", "Regex",
        "Assembly", "Activator", "Type", "GC", "GCHandle", "Marshal", "MemoryMarshal", "CollectionsMarshal", "Unsafe",
        "NativeMemory", "ArrayPool", "MemoryPool", "Enumerable", "AppContext", "AppDomain",
    ];

    private static readonly HashSet<string> BannedNamespaces =
    [
        "System.IO", "System.Linq", "System.Net", "System.Reflection", "System.Threading", "System.Threading.Tasks",
        "System.Diagnostics", "System.Runtime.Loader", "System.Text.RegularExpressions",
    ];

    /// <summary>Names that only LINQ has; they need no using directive, for System.Linq is imported by default.</summary>
    private static readonly HashSet<string> LinqMethods =
        ["Select", "SelectMany", "Where", "OrderBy", "GroupBy", "ToList", "ToDictionary", "FirstOrDefault", "Aggregate"];

    /// <summary>Checks all files of one domain; a type of its own may have any name.</summary>
    internal static IEnumerable<string> Check(IReadOnlyCollection<SourceText> domain)
    {
        var roots = domain.Select(file => (file, root: CodeShape.Parse(file))).ToArray();
        HashSet<string> own =
        [
            .. roots.SelectMany(pair => pair.root.DescendantNodes().OfType<BaseTypeDeclarationSyntax>())
                .Select(type => type.Identifier.Text),
        ];
        return roots.SelectMany(pair => pair.root.DescendantNodes()
            .Select(node => (node, reason: ReasonAgainst(node, own)))
            .Where(found => found.reason is not null)
            .Select(found => $"{pair.file.Path}:{CodeShape.LineOf(found.node)}: {found.reason}"));
    }

    private static string? ReasonAgainst(SyntaxNode node, HashSet<string> own) => node switch
    {
        _ when BannedSyntax.TryGetValue(node.Kind(), out string? reason) => reason,
        FieldDeclarationSyntax field => CheckField(field),
        CatchClauseSyntax catchClause => CheckCatch(catchClause),
        UsingDirectiveSyntax { Alias: null } directive when BannedNamespaces.Contains(directive.Name?.ToString() ?? "") =>
            $"using {directive.Name}",
        SimpleNameSyntax name when IsBannedType(name) && !own.Contains(name.Identifier.Text) =>
            $"{name.Identifier.Text} is banned",
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.Text: var method } }
            when LinqMethods.Contains(method) => $"LINQ: {method} allocates",
        _ when node.ChildTokens().Any(token => token.IsKind(SyntaxKind.AsyncKeyword)) =>
            "async: KernelEvent.Wait is the only way to block",
        _ => null,
    };

    private static string? CheckField(FieldDeclarationSyntax field)
    {
        bool isStatic = field.Modifiers.Any(SyntaxKind.StaticKeyword);
        bool isFixed = field.Modifiers.Any(SyntaxKind.ReadOnlyKeyword) || field.Modifiers.Any(SyntaxKind.ConstKeyword);
        return isStatic && !isFixed ? $"static mutable field {field.Declaration.Variables[0].Identifier.Text}" : null;
    }

    private static string? CheckCatch(CatchClauseSyntax clause) =>
        clause.Filter is null && (clause.Declaration?.Type.ToString() ?? "Exception") is "Exception" or "System.Exception"
            ? "catch of everything: a domain's bug must become a fault"
            : null;

    /// <summary>A name in the place of a type: left of a dot, or in a declaration. Names of members are left alone.</summary>
    private static bool IsBannedType(SimpleNameSyntax name) =>
        BannedTypes.Contains(name.Identifier.Text) && name.Parent switch
        {
            MemberAccessExpressionSyntax access =>
                access.Expression == name || BannedNamespaces.Contains(access.Expression.ToString()),
            ObjectCreationExpressionSyntax or ParameterSyntax or TypeArgumentListSyntax or NullableTypeSyntax => true,
            VariableDeclarationSyntax declaration => declaration.Type == name,
            MethodDeclarationSyntax method => method.ReturnType == name,
            PropertyDeclarationSyntax property => property.Type == name,
            QualifiedNameSyntax qualified => qualified.Right == name && BannedNamespaces.Contains(qualified.Left.ToString()),
            _ => false,
        };
}
