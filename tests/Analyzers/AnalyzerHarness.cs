using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using RedLeafSharp.Contracts;
using RedLeafSharp.Tests.Generators;
using Xunit;

namespace RedLeafSharp.Tests.Analyzers;

/// <summary>Runs an analyzer over source in memory, against the real Trusted and Contracts assemblies.</summary>
internal static class AnalyzerHarness
{
    private static readonly CSharpParseOptions Language = new(LanguageVersion.Preview);

    private static readonly ImmutableArray<MetadataReference> References = ReadReferences();

    internal static CSharpCompilation Compile(params string[] sources) => CSharpCompilation.Create(
        "Sample",
        sources.Select((text, index) => CSharpSyntaxTree.ParseText(text, Language, $"/source{index}.cs")),
        References,
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));

    /// <summary>What an analyzer reports, in order of the places; AD0001 if it throws.</summary>
    internal static Diagnostic[] Analyze(DiagnosticAnalyzer analyzer, params string[] sources) =>
        [.. Compile(sources).WithAnalyzers([analyzer]).GetAnalyzerDiagnosticsAsync().Result.OrderBy(d =>
            d.Location.SourceSpan.Start)];

    /// <summary>The source compiles, and the analyzer reports what is marked in it and nothing else.</summary>
    internal static void Expect(DiagnosticAnalyzer analyzer, string marked)
    {
        MarkedSource source = MarkedSource.Parse(marked);
        ImmutableArray<Diagnostic> all = Compile(source.Text).WithAnalyzers([analyzer]).GetAllDiagnosticsAsync().Result;
        Assert.Equal(
            source.Findings.Select(finding =>
                (finding.Id, source.Text.Substring(finding.Span.Start, finding.Span.Length), finding.Span)),
            all.Where(d => d.Severity == DiagnosticSeverity.Error).OrderBy(d => d.Location.SourceSpan.Start).Select(d =>
                (d.Id, source.Text.Substring(d.Location.SourceSpan.Start, d.Location.SourceSpan.Length), d.Location.SourceSpan)));
    }

    private static ImmutableArray<MetadataReference> ReadReferences()
    {
        string[] framework =
        [
            "System.Private.CoreLib.dll", "System.Runtime.dll", "System.Collections.dll", "System.Memory.dll", "System.Linq.dll",
            "System.Threading.dll",
        ];
        IEnumerable<string> platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => framework.Contains(Path.GetFileName(path)));
        string[] own = [typeof(RRef<>).Assembly.Location, typeof(DomainContractAttribute).Assembly.Location];
        return [.. platform.Concat(own).Select(path => MetadataReference.CreateFromFile(path))];
    }
}
