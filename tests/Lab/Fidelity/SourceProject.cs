using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using RedLeafSharp.Tests.Rewriting;
using RedLeafSharp.Tests.Tidy;

namespace RedLeafSharp.Tests.Lab.Fidelity;

/// <summary>The source of a domain, to be compiled as it is and with mistakes.</summary>
internal sealed class SourceProject
{
    /// <summary>What the SDK adds to each project.</summary>
    private const string ImplicitUsings = "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;"
        + " global using System.Threading; global using System.Threading.Tasks;";

    private static readonly CSharpParseOptions Options = new(LanguageVersion.Preview);

    private readonly CSharpCompilation compilation;

    /// <param name="name">Of the assembly: contracts show it what is internal.</param>
    /// <param name="folders">The folders of its source, from the root of the repository.</param>
    internal SourceProject(string name, params string[] folders)
    {
        IEnumerable<string> files = folders.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs"));
        SyntaxTree[] trees =
        [
            .. files.Order(StringComparer.Ordinal).Select(file => Parse(File.ReadAllText(file), file)),
            Parse(ImplicitUsings + Mistake.Source, string.Empty),
        ];
        IEnumerable<string> references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(':').Where(IsReference);
        compilation = CSharpCompilation.Create(
            name,
            trees,
            references.Select(file => MetadataReference.CreateFromFile(file)),
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, nullableContextOptions: NullableContextOptions.Enable));
    }

    internal CompiledSample Compile()
    {
        var symbols = new MemoryStream();
        var assembly = new MemoryStream();
        EmitResult result = compilation.Emit(assembly, symbols, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb));
        return result.Success
            ? new CompiledSample(assembly.ToArray(), symbols.ToArray())
            : throw new InvalidOperationException(string.Join('\n', result.Diagnostics.Where(one => one.Severity == DiagnosticSeverity.Error).Take(5)));
    }

    internal (SyntaxTree Tree, SemanticModel Model) Find(string path)
    {
        SyntaxTree tree = compilation.SyntaxTrees.First(one => one.FilePath == path);
        return (tree, compilation.GetSemanticModel(tree));
    }

    /// <summary>The project with another text in the place of one file; null if that is not C#.</summary>
    internal byte[]? CompileWith(SyntaxTree tree, string text)
    {
        var assembly = new MemoryStream();
        return compilation.ReplaceSyntaxTree(tree, Parse(text, tree.FilePath)).Emit(assembly).Success ? assembly.ToArray() : null;
    }

    private static SyntaxTree Parse(string text, string path) =>
        CSharpSyntaxTree.ParseText(Microsoft.CodeAnalysis.Text.SourceText.From(text, Encoding.UTF8), Options, path);

    private static bool IsReference(string path) => Path.GetFileName(path) is { } name
        && (name.StartsWith("System.", StringComparison.Ordinal) || name is "RedLeafSharp.Contracts.dll" or "RedLeafSharp.Trusted.dll");
}
