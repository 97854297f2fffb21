using System.Collections.Immutable;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using RedLeafSharp.Contracts;
using RedLeafSharp.Generators;
using RedLeafSharp.Generators.Rules;

namespace RedLeafSharp.Tests.Generators;

/// <summary>Runs generator and rules in memory, against the real Trusted and Contracts assemblies.</summary>
internal static class GeneratorHarness
{
    /// <summary>The name of an assembly that sees the internals of Trusted and Contracts.</summary>
    private const string FriendAssembly = "RedLeafSharp.Bench";

    private static readonly CSharpParseOptions Language = new(LanguageVersion.Preview);

    private static readonly ImmutableArray<MetadataReference> References = ReadReferences();

    internal static CSharpCompilation Compile(params string[] sources) => CSharpCompilation.Create(
        FriendAssembly,
        sources.Select((text, index) => CSharpSyntaxTree.ParseText(text, Language, $"/source{index}.cs")),
        References,
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));

    internal static GeneratorDriver Driver() => CSharpGeneratorDriver.Create(
        [new ProxyGenerator().AsSourceGenerator()],
        parseOptions: Language,
        driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    /// <summary>What the compiler says about the sources and what is generated from them, from warnings up.</summary>
    internal static (Compilation Compilation, Diagnostic[] Complaints) Generate(params string[] sources)
    {
        Driver().RunGeneratorsAndUpdateCompilation(
            Compile(sources), out Compilation updated, out ImmutableArray<Diagnostic> ofGenerator);
        return (updated, [.. ofGenerator, .. updated.GetDiagnostics().Where(d => d.Severity >= DiagnosticSeverity.Warning)]);
    }

    /// <summary>What the rules say about the sources, in order of their places.</summary>
    internal static Diagnostic[] Analyze(params string[] sources)
    {
        CompilationWithAnalyzers analysis = Compile(sources).WithAnalyzers([new ContractAnalyzer()]);
        return [.. analysis.GetAnalyzerDiagnosticsAsync().Result.OrderBy(d => d.Location.SourceSpan.Start)];
    }

    private static ImmutableArray<MetadataReference> ReadReferences()
    {
        var platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path)
                is "System.Private.CoreLib.dll" or "System.Runtime.dll" or "System.Collections.dll" or "System.Memory.dll");
        Assembly[] own = [typeof(RRef<>).Assembly, typeof(DomainContractAttribute).Assembly];
        return [.. platform.Concat(own.Select(a => a.Location)).Select(path => MetadataReference.CreateFromFile(path))];
    }
}
