using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.Loader;
using RedLeafSharp.Tests.Support;
using RedLeafSharp.Verification.Flow;

namespace RedLeafSharp.Tests.Verification.Flow;

/// <summary>An image in a context of its own, as the verifier gets it: loaded, and nothing of it has run.</summary>
internal sealed class FlowImage : IDisposable
{
    private const BindingFlags All = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public
        | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private readonly AssemblyLoadContext context = new("verified", isCollectible: true);
    private readonly Assembly assembly;

    internal FlowImage(byte[] image) => assembly = context.LoadFromStream(new MemoryStream(image));

    public void Dispose() => context.Unload();

    /// <summary>What is wrong with C#, one line for each method that is refused.</summary>
    internal static string JudgeSource(string source)
    {
        using var image = new FlowImage(DomainCompiler.Compile(source).Assembly);
        return string.Join('\n', image.Verify().Select(Describe));
    }

    /// <summary>What is wrong with a static method of a class, written by hand.</summary>
    internal static string JudgeMethod(Type result, Type[] parameters, Action<ILGenerator> write) => JudgeType(type =>
    {
        MethodBuilder method = type.DefineMethod("M", MethodAttributes.Public | MethodAttributes.Static, result, parameters);
        write(method.GetILGenerator());
    });

    /// <summary>What is wrong with a class, written by hand.</summary>
    internal static string JudgeType(Action<TypeBuilder> write)
    {
        var builder = new PersistedAssemblyBuilder(new AssemblyName($"Hand{Guid.NewGuid():N}"), typeof(object).Assembly);
        TypeBuilder type = builder.DefineDynamicModule("Hand").DefineType("T", TypeAttributes.Public | TypeAttributes.Class);
        write(type);
        type.CreateType();
        var image = new MemoryStream();
        builder.Save(image);
        using var loaded = new FlowImage(image.ToArray());
        return string.Join('\n', loaded.Verify().Select(Describe));
    }

    internal static string Describe(FlowFinding finding) =>
        $"{finding.Rule} {finding.Method.DeclaringType?.Name}.{finding.Method.Name}@{finding.ILOffset:x4}: {finding.Message}";

    internal IReadOnlyList<FlowFinding> Verify(bool isRewritten = false)
    {
        var verifier = new MethodVerifier(assembly, new FlowOptions(isRewritten));
        IEnumerable<MethodBase> methods = assembly.GetTypes()
            .SelectMany(type => type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All)));
        return [.. methods.SelectMany(verifier.Verify)];
    }
}
