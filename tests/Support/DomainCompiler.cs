using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Tests.Support;

/// <summary>Compiles the C# of a test into a domain's assembly, and lays out domain folders.</summary>
internal static class DomainCompiler
{
    private static readonly MetadataReference[] Framework =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    /// <summary>Compiles; throws when the source is wrong.</summary>
    /// <param name="source">C#; the namespaces of the contracts are imported.</param>
    /// <param name="others">Assemblies to reference besides the framework and the contracts.</param>
    internal static (byte[] Assembly, byte[] Symbols) Compile(string source, params Type[] others)
    {
        const string Usings = "using System; using RedLeafSharp; using RedLeafSharp.Contracts;\n#line 1 \"Test.cs\"\n";
        SyntaxTree tree = CSharpSyntaxTree.ParseText(
            Usings + source, new CSharpParseOptions(LanguageVersion.Preview), "Test.cs", System.Text.Encoding.UTF8);
        var own = new[] { typeof(CallContext), typeof(IDomain) }.Concat(others)
            .Select(type => MetadataReference.CreateFromFile(type.Assembly.Location));
        CSharpCompilation compilation = CSharpCompilation.Create(
            $"TestDomain{Guid.NewGuid():N}",
            [tree],
            Framework.Concat(own),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release));
        var assembly = new MemoryStream();
        var symbols = new MemoryStream();
        EmitResult result = compilation.Emit(assembly, symbols, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb));
        if (!result.Success)
        {
            throw new InvalidOperationException(string.Join('\n', result.Diagnostics.Where(one => one.Severity == DiagnosticSeverity.Error)));
        }

        return (assembly.ToArray(), symbols.ToArray());
    }

    /// <summary>Writes a domain folder.</summary>
    internal static void WriteFolder(string folder, string manifest, string source)
    {
        (byte[] assembly, byte[] symbols) = Compile(source);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "domain.yaml"), manifest);
        File.WriteAllBytes(Path.Combine(folder, "Domain.dll"), assembly);
        File.WriteAllBytes(Path.Combine(folder, "Domain.pdb"), symbols);
    }
}
