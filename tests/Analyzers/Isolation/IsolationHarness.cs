using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using RedLeafSharp.Analyzers.Isolation;
using RedLeafSharp.Contracts;
using RedLeafSharp.Tests.Generators;
using Xunit;

namespace RedLeafSharp.Tests.Analyzers.Isolation;

/// <summary>Runs the isolation rules over sources in memory, against this .NET and the real kernel assemblies.</summary>
internal static class IsolationHarness
{
    internal const string Usings =
        """
        global using System;
        global using System.Collections.Generic;
        global using System.Linq;
        global using System.Text;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    internal static readonly CSharpParseOptions Language = new(LanguageVersion.Preview);

    internal static readonly ImmutableArray<MetadataReference> References = ReadReferences();

    internal static CSharpCompilation Compile(IEnumerable<(string Path, string Text)> sources) => CSharpCompilation.Create(
        "Sample.Domain",
        sources.Append(("/usings.cs", Usings))
            .Select(source => CSharpSyntaxTree.ParseText(source.Item2, Language, source.Item1)),
        References,
        new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));

    /// <summary>What the analyzer says, in order of places. One that throws is found too: it would be an AD0001.</summary>
    internal static Diagnostic[] Analyze(CSharpCompilation compilation) =>
    [
        .. compilation.WithAnalyzers([new IsolationAnalyzer()]).GetAnalyzerDiagnosticsAsync().Result
            .OrderBy(diagnostic => diagnostic.Location.SourceSpan.Start).ThenBy(diagnostic => diagnostic.Id),
    ];

    /// <summary>Expects the marked findings, at their places, and no other.</summary>
    internal static void Expect(string marked, params string[] fragments)
    {
        MarkedSource source = MarkedSource.Parse(marked);
        CSharpCompilation compilation = Compile([("/source.cs", source.Text)]);
        Diagnostic[] found = Analyze(compilation);

        Assert.Equal(
            source.Findings.Select(finding => Describe(source.Text, finding.Id, finding.Span)),
            found.Select(d => Describe(source.Text, d.Id, d.Location.SourceSpan)));
        string messages = string.Join('\n', found.Select(d => d.GetMessage()));
        Assert.All(fragments, fragment => Assert.Contains(fragment, messages, StringComparison.Ordinal));
    }

    private static string Describe(string text, string id, TextSpan span) => $"{id} '{text.Substring(span.Start, span.Length)}' {span}";

    /// <summary>The same, of source that the compiler has to accept: a sample with a typing error proves nothing.</summary>
    internal static void ExpectIn(string marked, params string[] fragments)
    {
        MarkedSource source = MarkedSource.Parse(marked);
        Assert.Empty(Compile([("/source.cs", source.Text)]).GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error));
        Expect(marked, fragments);
    }

    private static ImmutableArray<MetadataReference> ReadReferences()
    {
        var platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is var name
                && (name.StartsWith("System.", StringComparison.Ordinal) || name is "Microsoft.CSharp.dll" or "mscorlib.dll")
                && !name.StartsWith("System.CommandLine", StringComparison.Ordinal));
        string[] own = [typeof(RRef<>).Assembly.Location, typeof(IDomain).Assembly.Location];
        return [.. platform.Concat(own).Select(path => MetadataReference.CreateFromFile(path))];
    }
}
