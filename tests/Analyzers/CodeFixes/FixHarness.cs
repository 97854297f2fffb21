using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;
using RedLeafSharp.Tests.Analyzers.Isolation;
using Xunit;

namespace RedLeafSharp.Tests.Analyzers.CodeFixes;

/// <summary>Applies a code fix to what the isolation rules find in a source, as an editor does.</summary>
internal static class FixHarness
{
    /// <summary>The fix of the first finding gives the expected source, which the compiler accepts.</summary>
    internal static void Expect(CodeFixProvider fix, string before, string after)
    {
        Document document = Open(before);
        CodeAction? action = FindingsOf(fix, document).Select(finding => Offer(fix, document, finding))
            .FirstOrDefault(offered => offered is not null);

        Assert.True(action is not null, "nothing is offered");
        Assert.Equal(after, Apply(action, document));
    }

    /// <summary>There is a finding, but no change is known that would be right.</summary>
    internal static void ExpectNone(CodeFixProvider fix, string source)
    {
        Document document = Open(source);
        Diagnostic[] findings = FindingsOf(fix, document);

        Assert.NotEmpty(findings);
        Assert.All(findings, finding => Assert.Null(Offer(fix, document, finding)));
    }

    /// <summary>The fix of all findings at once gives the expected source, and nothing is left to find.</summary>
    internal static void ExpectAll(CodeFixProvider fix, string before, string after)
    {
        Document document = Open(before);
        Diagnostic[] findings = FindingsOf(fix, document);
        Assert.True(findings.Length > 1, "one finding shows nothing about fixing all");
        var context = new FixAllContext(
            document, fix, FixAllScope.Document, fix.GetType().Name, fix.FixableDiagnosticIds, new Findings(findings),
            CancellationToken.None);

        CodeAction? action = fix.GetFixAllProvider()!.GetFixAsync(context).Result;

        Assert.NotNull(action);
        Assert.Equal(after, Apply(action, document));
        Assert.Empty(FindingsOf(fix, Open(after)));
    }

    private static Document Open(string source)
    {
        Project project = new AdhocWorkspace().AddProject("Sample.Domain", LanguageNames.CSharp)
            .WithParseOptions(IsolationHarness.Language).WithMetadataReferences(IsolationHarness.References)
            .WithCompilationOptions(new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));
        Document document = project.AddDocument("usings.cs", IsolationHarness.Usings).Project
            .AddDocument("source.cs", SourceText.From(source), filePath: "/source.cs");
        Assert.Empty(CompilationOf(document).GetDiagnostics().Where(found => found.Severity == DiagnosticSeverity.Error));
        return document;
    }

    private static CSharpCompilation CompilationOf(Document document) =>
        (CSharpCompilation)document.Project.GetCompilationAsync().Result!;

    private static Diagnostic[] FindingsOf(CodeFixProvider fix, Document document) =>
    [
        .. IsolationHarness.Analyze(CompilationOf(document))
            .Where(found => fix.FixableDiagnosticIds.Contains(found.Id) && found.Location.SourceTree?.FilePath == "/source.cs"),
    ];

    private static CodeAction? Offer(CodeFixProvider fix, Document document, Diagnostic finding)
    {
        CodeAction? offered = null;
        fix.RegisterCodeFixesAsync(new CodeFixContext(
            document, finding, (action, _) => offered = action, CancellationToken.None)).Wait();
        return offered;
    }

    private static string Apply(CodeAction action, Document document)
    {
        Solution changed = Assert.Single(
            action.GetOperationsAsync(CancellationToken.None).Result.OfType<ApplyChangesOperation>()).ChangedSolution;
        string text = changed.GetDocument(document.Id)!.GetTextAsync().Result.ToString();
        Open(text);
        return text;
    }

    /// <summary>Hands out what was found before.</summary>
    private sealed class Findings(Diagnostic[] findings) : FixAllContext.DiagnosticProvider
    {
        public override Task<IEnumerable<Diagnostic>> GetAllDiagnosticsAsync(Project project, CancellationToken token) =>
            Task.FromResult<IEnumerable<Diagnostic>>(findings);

        public override Task<IEnumerable<Diagnostic>> GetDocumentDiagnosticsAsync(Document document, CancellationToken token) =>
            Task.FromResult<IEnumerable<Diagnostic>>(findings);

        public override Task<IEnumerable<Diagnostic>> GetProjectDiagnosticsAsync(Project project, CancellationToken token) =>
            Task.FromResult<IEnumerable<Diagnostic>>([]);
    }
}
