using Microsoft.CodeAnalysis;
using Mono.Cecil;
using Mono.Cecil.Cil;
using RedLeafSharp.Rewriting;
using RedLeafSharp.Tests.Rewriting;

namespace RedLeafSharp.Tests.Lab.Fidelity;

/// <summary>What came of comparing a mutant with its source.</summary>
internal enum Fidelity
{
    /// <summary>Recompiling the mistaken source gives code that does the same.</summary>
    Equal,

    /// <summary>It gives other code.</summary>
    Different,

    /// <summary>The mistake cannot be made in the source: it would not compile, or there is no such place.</summary>
    NoSource,
}

/// <summary>One mutant that was compared.</summary>
/// <param name="Mutant">The mutant.</param>
/// <param name="Fidelity">What came of it.</param>
/// <param name="Detail">The first difference.</param>
internal sealed record FidelityResult(Mutant Mutant, Fidelity Fidelity, string Detail);

/// <summary>Compares the mutants of a driver with what its mistaken source is compiled to.</summary>
internal sealed class FidelityStudy
{
    private readonly SourceProject project;
    private readonly CompiledSample right;
    private readonly ModuleDefinition original;

    internal FidelityStudy(string name, params string[] folders)
    {
        project = new SourceProject(name, folders);
        right = project.Compile();
        original = Read(right.Assembly, right.Symbols);
        Mutants = MutantFilter.Make(right.Assembly, right.Symbols, name).Mutants;
    }

    /// <summary>Those that the verifier accepts.</summary>
    internal IReadOnlyList<Mutant> Mutants { get; }

    internal FidelityResult Compare(Mutant mutant)
    {
        byte[] mutated = ImageRewriter.RewriteNew(right.Assembly, right.Symbols, mutant.Method, RewritePasses.None, id => id == mutant.Id).Assembly;
        MethodDefinition method = MethodOf(original, mutant);
        SequencePoint point = method.DebugInformation.SequencePoints.First(one => one.Offset == mutant.ILOffset);
        (SyntaxTree tree, SemanticModel model) = project.Find(mutant.Document!);
        if (SourcePlace.Find(tree, model, point) is not { } place)
        {
            return new FidelityResult(mutant, Fidelity.NoSource, "no statement of the source");
        }

        string detail = "not C#";
        Fidelity found = Fidelity.NoSource;
        foreach (string text in SourceMistakes.Of(place, mutant.Operator, mutant.Effect))
        {
            if (project.CompileWith(tree, text) is { } recompiled)
            {
                string? difference = Difference(mutated, recompiled, method.FullName);
                if (difference is null)
                {
                    return new FidelityResult(mutant, Fidelity.Equal, string.Empty);
                }

                (found, detail) = (Fidelity.Different, difference);
            }
        }

        return new FidelityResult(mutant, found, detail);
    }

    /// <summary>A sample with as many mutants of each operator as there are, up to a number.</summary>
    internal IEnumerable<Mutant> Sample(int perOperator, int seed)
    {
        var random = new Random(seed);
        return [.. Mutants.GroupBy(one => one.Operator).OrderBy(group => group.Key)
            .SelectMany(group => group.OrderBy(_ => random.Next()).Take(perOperator).OrderBy(one => one.Id))];
    }

    private static string? Difference(byte[] mutated, byte[] recompiled, string method)
    {
        using ModuleDefinition one = Read(mutated, symbols: null);
        using ModuleDefinition other = Read(recompiled, symbols: null);
        return Find(other, method) is { } found ? CodeComparison.Difference(Find(one, method)!, found) : "no such method any more";
    }

    private static ModuleDefinition Read(byte[] assembly, byte[]? symbols) => ModuleDefinition.ReadModule(
        new MemoryStream(assembly),
        symbols is null ? new ReaderParameters()
            : new ReaderParameters(ReadingMode.Immediate) { ReadSymbols = true, SymbolReaderProvider = new PortablePdbReaderProvider(), SymbolStream = new MemoryStream(symbols) });

    private static IEnumerable<MethodDefinition> MethodsOf(ModuleDefinition module) =>
        module.GetTypes().SelectMany(type => type.Methods).Where(method => method.HasBody);

    private static MethodDefinition? Find(ModuleDefinition module, string name) => MethodsOf(module).FirstOrDefault(method => method.FullName == name);

    private static MethodDefinition MethodOf(ModuleDefinition module, Mutant mutant) => MethodsOf(module).First(method =>
        $"{method.DeclaringType.FullName}.{method.Name}" == mutant.Method
        && method.DebugInformation.SequencePoints.Any(point => point.Offset == mutant.ILOffset && point.StartLine == mutant.Line));
}
