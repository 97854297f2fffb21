using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace RedLeafSharp.Lab.Planting;

/// <summary>A bug of the recovery that is not there, until it is planted into a copy of the build.</summary>
/// <param name="Name">As commands name it.</param>
/// <param name="Assembly">The file it is planted into, relative to the folder of the build.</param>
/// <param name="Summary">What is wrong, for people.</param>
/// <param name="Edits">Where.</param>
internal sealed record PlantedBug(string Name, string Assembly, string Summary, params IReadOnlyList<CodeEdit> Edits)
{
    /// <summary>The assembly with the bug.</summary>
    /// <param name="assembly">As it was built.</param>
    /// <param name="symbols">Its symbols: fault sites are found by them.</param>
    /// <param name="folder">Where what it refers to is.</param>
    /// <exception cref="PlantingException">The code for which it was made is not there.</exception>
    internal (byte[] Assembly, byte[] Symbols) PlantInto(byte[] assembly, byte[] symbols, string folder)
    {
        using var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(folder);
        resolver.AddSearchDirectory(Path.GetDirectoryName(typeof(object).Assembly.Location));
        using ModuleDefinition module = ModuleDefinition.ReadModule(new MemoryStream(assembly), new ReaderParameters
        {
            AssemblyResolver = resolver,
            ReadSymbols = true,
            SymbolReaderProvider = new PortablePdbReaderProvider(),
            SymbolStream = new MemoryStream(symbols),
        });
        foreach (CodeEdit edit in Edits)
        {
            MethodBody body = Find(module, edit.Method).Body;
            body.SimplifyMacros();
            edit.Apply(body);
            body.OptimizeMacros();
        }

        (var output, var newSymbols) = (new MemoryStream(), new MemoryStream());
        module.Write(output, new WriterParameters
        {
            WriteSymbols = true,
            SymbolWriterProvider = new PortablePdbWriterProvider(),
            SymbolStream = newSymbols,
        });
        return (output.ToArray(), newSymbols.ToArray());
    }

    private static MethodDefinition Find(ModuleDefinition module, string name)
    {
        string[] parts = name.Split('.');
        MethodDefinition[] found =
        [
            .. module.GetTypes().Where(type => type.Name == parts[0]).SelectMany(type => type.Methods)
                .Where(method => method.HasBody && (method.Name == parts[1] || method.Name.EndsWith("." + parts[1], StringComparison.Ordinal))),
        ];
        return found.Length == 1 ? found[0] : throw new PlantingException($"there are {found.Length} methods '{name}'");
    }
}
