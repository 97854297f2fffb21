using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Tests.Hostile;

/// <summary>Makes the assemblies of hostile programs out of C#, with everything on that a hostile compiler would have.</summary>
internal static partial class Guest
{
    /// <summary>Name of the entry class of every attack that does not say otherwise.</summary>
    internal const string Entry = "A";

    /// <summary>Exit status of an attack that got what it wanted.</summary>
    internal const int Breach = 66;

    /// <summary>What an endless attack says on its standard output before it goes on for ever.</summary>
    internal const string Inside = "inside";

    /// <summary>Roslyn's internal BinderFlags.IgnoreAccessibility: private members of other assemblies can be named.</summary>
    private const uint IgnoreAccessibility = 1 << 22;

    private const string Usings = """
        using System; using System.Collections; using System.Collections.Generic; using System.Runtime.CompilerServices;
        using System.Runtime.InteropServices; using RedLeafSharp; using RedLeafSharp.Contracts;
        using RedLeafSharp.Scheduling;
        """;

    private static readonly MetadataReference[] Framework =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal)
                || Path.GetFileName(path).StartsWith("Microsoft.CSharp", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path)),
        MetadataReference.CreateFromFile(typeof(CallContext).Assembly.Location),
        MetadataReference.CreateFromFile(typeof(IDomain).Assembly.Location),
    ];

    private static int nextName;

    /// <summary>A program: what Main does, and what else the assembly holds.</summary>
    /// <param name="body">Statements; context, services and system are at hand. It ends with exit status 0.</param>
    /// <param name="members">Further members of the entry class.</param>
    /// <param name="types">Further types.</param>
    internal static string Program(string body, string members = "", string types = "") => $$"""
        {{Usings}}
        {{types}}
        public sealed class A : IProgram
        {
            {{members}}
            public Reply<int, ProgramError> Main(CallContext context, ProgramServices services)
            {
                ISystem system = services.System;
                {{body}}
                return 0;
            }
            private static void Say(CallContext context, ISystem system)
            {
                system.Write(context, 1, "{{Inside}}"u8);
            }
        }
        """;

    /// <summary>Compiles; throws when the source is wrong.</summary>
    /// <param name="source">C#.</param>
    /// <param name="name">Simple name of the assembly; null for one that nothing else has.</param>
    /// <param name="ignoresAccess">Whether private members of other assemblies can be named.</param>
    internal static byte[] Compile(string source, string? name = null, bool ignoresAccess = false)
    {
        CSharpCompilation compilation = CompilationOf(source, name ?? $"Hostile{Interlocked.Increment(ref nextName)}", ignoresAccess);
        var assembly = new MemoryStream();
        EmitResult result = compilation.Emit(assembly);
        return result.Success
            ? assembly.ToArray()
            : throw new InvalidOperationException(
                string.Join('\n', result.Diagnostics.Where(one => one.Severity == DiagnosticSeverity.Error)) + "\n" + source);
    }

    /// <summary>The source with everything that it may refer to.</summary>
    internal static CSharpCompilation CompilationOf(string source, string name, bool ignoresAccess = false)
    {
        var options = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release,
                allowUnsafe: UnsafeCode().IsMatch(source));
        if (ignoresAccess)
        {
            options = options.WithMetadataImportOptions(MetadataImportOptions.All);
            typeof(CSharpCompilationOptions).GetProperty("TopLevelBinderFlags", BindingFlags.Instance | BindingFlags.NonPublic)!
                .SetValue(options, IgnoreAccessibility);
        }

        return CSharpCompilation.Create(
            name,
            [CSharpSyntaxTree.ParseText(source, new CSharpParseOptions(LanguageVersion.Preview), "Attack.cs",
                System.Text.Encoding.UTF8)],
            Framework,
            options);
    }

    /// <summary>The compiler marks an assembly that may hold unsafe code, and the mark alone is refused.</summary>
    [GeneratedRegex(@"\bunsafe\b|delegate\*")]
    private static partial Regex UnsafeCode();
}
