using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Mono.Cecil;
using RedLeafSharp.Contracts;
using RedLeafSharp.Verification;

namespace RedLeafSharp.Tests.Verification.Rules;

/// <summary>C# of a test, compiled without any analyzer, and what the verifier says of it.</summary>
internal static class VerifiedSource
{
    private const string Usings = """
        using System; using System.Collections.Generic; using System.Runtime.CompilerServices; using System.Runtime.InteropServices;
        using RedLeafSharp; using RedLeafSharp.Contracts;
        #line 1 "Test.cs"

        """;

    private static readonly MetadataReference[] References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal))
            .Append(typeof(CallContext).Assembly.Location)
            .Append(typeof(IDomain).Assembly.Location)
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    internal static (byte[] Assembly, byte[] Symbols) Compile(string source, string name = "TestDomain", bool isUnsafe = false)
    {
        SyntaxTree tree = CSharpSyntaxTree.ParseText(
            Usings + source, new CSharpParseOptions(LanguageVersion.Latest), "Test.cs", System.Text.Encoding.UTF8);
        var options = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, allowUnsafe: isUnsafe);
        CSharpCompilation compilation = CSharpCompilation.Create(name, [tree], References, options);
        var assembly = new MemoryStream();
        var symbols = new MemoryStream();
        EmitResult result = compilation.Emit(
            assembly, symbols, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb));
        return result.Success
            ? (assembly.ToArray(), symbols.ToArray())
            : throw new InvalidOperationException(string.Join('\n', result.Diagnostics));
    }

    internal static VerificationReport Verify(string source, string name = "TestDomain", bool isUnsafe = false)
    {
        (byte[] assembly, byte[] symbols) = Compile(source, name, isUnsafe);
        return ImageVerifier.Verify(assembly, symbols, "test.dll", VerificationOptions.Delivered);
    }

    /// <summary>Compiles, lets Mono.Cecil do what C# cannot say, and verifies.</summary>
    internal static VerificationReport VerifyChanged(string source, Action<ModuleDefinition> change)
    {
        using ModuleDefinition module = ModuleDefinition.ReadModule(new MemoryStream(Compile(source).Assembly));
        change(module);
        var changed = new MemoryStream();
        module.Write(changed);
        return ImageVerifier.Verify(changed.ToArray(), null, "test.dll", VerificationOptions.Delivered);
    }

    internal static string Text(VerificationReport report) => string.Join('\n', report.Violations);
}
