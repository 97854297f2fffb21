using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Bench.Crossings;

/// <summary>
/// The measured domain code: compiled when the harness starts, and loaded from bytes into a collectible context, which is
/// how the kernel loads domains and what decides how the runtime compiles their calls.
/// </summary>
internal static class BenchDomain
{
    private const string Source = "CrossingDomain.cs";

    private static readonly Lazy<byte[]> Image = new(Compile);

    /// <summary>Loads one more copy of the domain.</summary>
    internal static ICrossingDomain Load(string name)
    {
        var context = new AssemblyLoadContext(name, isCollectible: true);
        Assembly assembly = context.LoadFromStream(new MemoryStream(Image.Value));
        Type entry = assembly.GetType("RedLeafSharp.Bench.CrossingDomain.Entry", throwOnError: true)!;
        return (ICrossingDomain)Activator.CreateInstance(entry)!;
    }

    private static byte[] Compile()
    {
        using var reader = new StreamReader(typeof(BenchDomain).Assembly.GetManifestResourceStream(Source)!);
        string runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        string[] references =
        [
            typeof(object).Assembly.Location,
            Path.Combine(runtime, "System.Runtime.dll"),
            typeof(CallContext).Assembly.Location,
            typeof(IDomain).Assembly.Location,
            typeof(BenchDomain).Assembly.Location,
        ];
        CSharpCompilation compilation = CSharpCompilation.Create(
            "CrossingDomain",
            [CSharpSyntaxTree.ParseText(reader.ReadToEnd())],
            references.Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release));
        var image = new MemoryStream();
        var result = compilation.Emit(image);
        return result.Success ? image.ToArray() : throw new InvalidOperationException(string.Join('\n', result.Diagnostics));
    }
}
