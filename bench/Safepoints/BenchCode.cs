using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Rewriting;

namespace RedLeafSharp.Bench.Safepoints;

/// <summary>What is measured: each method is one shape of code that safepoints are planted into, with its number of rounds.</summary>
internal static class BenchCode
{
    private const string Source = """
        using System;
        using System.Runtime.CompilerServices;
        public static class Code
        {
            static readonly int[] values = new int[1000];
            abstract class Shape { internal abstract int Area(int n); }
            sealed class Square : Shape { [MethodImpl(MethodImplOptions.NoInlining)] internal override int Area(int n) => n * n; }
            static readonly Shape[] shapes = [new Square(), new Square()];
            static int closed;

            public static long TightSum(int n) { long sum = 0; for (int i = 0; i < n; i++) { sum += i ^ (sum >> 3); } return sum; }
            public static long ArraySum(int n) { long sum = 0; for (int r = 0; r < n; r += 1000) { foreach (int v in values) { sum += v; } } return sum; }
            public static long Nested(int n) { long sum = 0; for (int i = 0; i < n; i += 8) { for (int j = 0; j < 8; j++) { sum += i * j; } } return sum; }
            public static long Recursion(int n) { long sum = 0; for (int i = 0; i < n; i += 177) { sum += Fib(10); } return sum; }
            static int Fib(int n) => n < 2 ? n : Fib(n - 1) + Fib(n - 2);
            public static long Calls(int n) { long sum = 0; for (int i = 0; i < n; i++) { sum += One(i); } return sum; }
            [MethodImpl(MethodImplOptions.NoInlining)] static int One(int i) => Two(i) + 1;
            [MethodImpl(MethodImplOptions.NoInlining)] static int Two(int i) => Three(i) + 1;
            [MethodImpl(MethodImplOptions.NoInlining)] static int Three(int i) => i & 1;
            public static long Virtual(int n) { long sum = 0; for (int i = 0; i < n; i++) { sum += shapes[i & 1].Area(i); } return sum; }
            public static long Finally(int n) { for (int i = 0; i < n; i++) { Close(i); } return closed; }
            [MethodImpl(MethodImplOptions.NoInlining)] static void Close(int i) { try { if (i < 0) { throw new Exception(); } } finally { closed++; } }
            public static long Catch(int n) { long sum = 0; for (int i = 0; i < n; i++) { sum += Try(i); } return sum; }
            [MethodImpl(MethodImplOptions.NoInlining)] static int Try(int i) { try { return 100 / (i | 1); } catch (DivideByZeroException) { return 0; } }
            public static long Thrown(int n) { long sum = 0; for (int i = 0; i < n; i += 5000) { try { throw new InvalidOperationException(); } catch (Exception) { sum++; } } return sum; }
            public static long Arrays(int n) { long sum = 0; for (int i = 0; i < n; i += 10) { sum += new byte[(i & 31) + 1].Length; } return sum; }
        }
        public static class Spinner
        {
            public static volatile bool Inside;
            public static void Run() { while (true) { try { Inside = true; while (true) { } } catch (Exception) { } } }
        }
        """;

    internal static readonly string[] Patterns =
    [
        "TightSum", "ArraySum", "Nested", "Recursion", "Calls", "Virtual", "Finally", "Catch", "Thrown", "Arrays",
    ];

    internal static byte[] Image { get; } = Compile();

    internal static Assembly LoadOriginal() => new DomainLoadContext("original").LoadFromStream(new MemoryStream(Image));

    internal static Assembly LoadRewritten(out DomainLoadContext context)
    {
        RewrittenImage image = ImageRewriter.Rewrite(Image, null, "code", RewritePasses.Safepoints);
        context = new DomainLoadContext("rewritten");
        return context.LoadFromStream(new MemoryStream(image.Instantiate(context.PollWord, StackBudget.LimitOf(1))));
    }

    private static byte[] Compile()
    {
        string runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        CSharpCompilation compilation = CSharpCompilation.Create(
            "Code",
            [CSharpSyntaxTree.ParseText(Source)],
            [
                MetadataReference.CreateFromFile(typeof(object).Assembly.Location),
                MetadataReference.CreateFromFile(Path.Combine(runtime, "System.Runtime.dll")),
            ],
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release));
        var image = new MemoryStream();
        var result = compilation.Emit(image);
        return result.Success ? image.ToArray() : throw new InvalidOperationException(string.Join('\n', result.Diagnostics));
    }
}
