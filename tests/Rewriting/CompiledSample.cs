using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;
using RedLeafSharp.Rewriting;

namespace RedLeafSharp.Tests.Rewriting;

/// <summary>C# compiled in memory, as an optimised or a debug build, with a portable PDB.</summary>
internal sealed record CompiledSample(byte[] Assembly, byte[] Symbols)
{
    internal const string SourcePath = "/sample/Sample.cs";

    /// <summary>Read once: it takes longer than to compile a sample.</summary>
    private static readonly MetadataReference[] Framework =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(':').Where(IsFramework)
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    internal static CompiledSample Of(string source, OptimizationLevel level = OptimizationLevel.Release)
    {
        var text = SourceText.From(source, System.Text.Encoding.UTF8);
        SyntaxTree tree = CSharpSyntaxTree.ParseText(text, new CSharpParseOptions(LanguageVersion.Latest), SourcePath);
        CSharpCompilation compilation = CSharpCompilation.Create(
            "Sample",
            [tree],
            Framework,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: level));
        using var assembly = new MemoryStream();
        using var symbols = new MemoryStream();
        var options = new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb);
        EmitResult result = compilation.Emit(assembly, symbols, options: options);
        return result.Success
            ? new CompiledSample(assembly.ToArray(), symbols.ToArray())
            : throw new InvalidOperationException(string.Join('\n', result.Diagnostics));
    }

    private static bool IsFramework(string path) => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal);
}

/// <summary>An image in a collectible load context of its own, every method of it compiled.</summary>
internal sealed class LoadedImage : IDisposable
{
    private readonly AssemblyLoadContext context = new("image", isCollectible: true);

    internal LoadedImage(byte[] assembly, byte[]? symbols) =>
        Assembly = context.LoadFromStream(new MemoryStream(assembly), symbols is null ? null : new MemoryStream(symbols));

    internal LoadedImage(RewrittenImage image)
        : this(image.Assembly, image.Symbols) => FaultSiteRewriter.Bind(Assembly, Trigger);

    internal Assembly Assembly { get; }

    internal FaultTrigger Trigger { get; } = new();

    /// <summary>Compiles every method that is not generic: the JIT refuses IL that is not valid.</summary>
    internal int PrepareAll()
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance
            | BindingFlags.DeclaredOnly;
        int count = 0;
        foreach (Type type in Assembly.GetTypes().Where(type => !type.ContainsGenericParameters))
        {
            IEnumerable<MethodBase> methods = [.. type.GetMethods(All), .. type.GetConstructors(All)];
            foreach (MethodBase method in methods.Where(method => !method.ContainsGenericParameters && method.GetMethodBody() is not null))
            {
                RuntimeHelpers.PrepareMethod(method.MethodHandle);
                count++;
            }
        }

        return count;
    }

    internal T Bind<T>(string type, string method)
        where T : Delegate => Assembly.GetType(type)!.GetMethod(method)!.CreateDelegate<T>();

    public void Dispose() => context.Unload();
}
