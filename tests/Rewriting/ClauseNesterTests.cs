using Mono.Cecil;
using Mono.Cecil.Cil;
using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Rewriting;
using RedLeafSharp.Safepoints;
using RedLeafSharp.Tests.Verification.Rules;
using RedLeafSharp.Verification;
using Xunit;

namespace RedLeafSharp.Tests.Rewriting;

/// <summary>Several clauses of one try, which the JIT may not be given.</summary>
public sealed class ClauseNesterTests
{
    /// <summary>
    /// The finally of the foreach lies in a handler, cannot be reached, and the JIT finds that out late, because the local is in a
    /// closure. As compiled it is harmless, as two filters of one try it ends the process.
    /// </summary>
    private const string DeadFinally = """
        using System;
        using System.Collections.Generic;
        public static class Sample
        {
            public static int Run(int n)
            {
                int bound = n;
                Func<int> unused = () => bound;
                try { n = 100 / n; }
                catch (ArithmeticException) { if (bound < bound) { foreach (int each in Once(n)) { n += each; } } }
                catch { n = -1; }
                return n;
            }
            private static IEnumerable<int> Once(int n) { yield return n; }
        }
        """;

    private const string ThrowingClauses = """
        using System;
        public static class Sample
        {
            private static string trace = "";
            public static string Run(int n)
            {
                trace = "";
                for (int round = 0; round < 2; round++)
                {
                    try { Enter(n + round); }
                    catch (Exception error) { trace += " out:" + error.GetType().Name; }
                }
                return trace;
            }
            private static void Enter(int n)
            {
                try { if (n >= 0) { throw Made(n & 3); } trace += " none"; }
                catch (FormatException error) when (Asks("a", error)) { trace += " A"; throw Made(n >> 2); }
                catch (ArithmeticException) { trace += " B"; if (n > 8) { throw; } throw Made(n >> 2); }
                catch (InvalidOperationException error) when (Asks("c", error)) { trace += " C"; }
                catch { trace += " D"; throw Made(n >> 2); }
                finally { trace += " f"; }
            }
            private static bool Asks(string name, Exception error) { trace += " " + name + error.GetType().Name[0]; return true; }
            private static Exception Made(int n) => n switch
            {
                0 => new FormatException(), 1 => new ArithmeticException(), 2 => new InvalidOperationException(), _ => new Exception(),
            };
        }
        """;

    private const string ConsumingClauses = """
        public sealed class T
        {
            public void M(CallContext context, PageBuffer pages)
            {
                try { pages.GetLength(context); }
                catch (ArgumentException) { Consume(pages); }
                catch (FormatException) { Consume(pages); }
                catch { Consume(pages); }
            }
            private static void Consume(PageBuffer pages) { }
        }
        """;

    private readonly PollWord word = new();

    [Fact]
    public void Nest_DeadFinallyInAHandler_Compiles()
    {
        using LoadedImage rewritten = Load(CompiledSample.Of(DeadFinally));
        Func<int, int> run = rewritten.Bind<Func<int, int>>("Sample", "Run");
        Assert.Equal((50, 0), (run(2), run(0)));
    }

    [Fact]
    public void Nest_RealImages_LeavesNoTryWithTwoHandlers()
    {
        foreach (string path in Directory.GetFiles(AppContext.BaseDirectory, "RedLeafSharp.*.dll", SearchOption.AllDirectories))
        {
            byte[] image = ImageRewriter.RewriteNew(File.ReadAllBytes(path), null, path, RewritePasses.Safepoints).Assembly;
            using ModuleDefinition module = ModuleDefinition.ReadModule(new MemoryStream(image));
            foreach (MethodDefinition method in module.GetTypes().SelectMany(type => type.Methods).Where(method => method.HasBody))
            {
                Assert.True(method.Body.ExceptionHandlers.DistinctBy(one => (one.TryStart, one.TryEnd)).Count()
                    == method.Body.ExceptionHandlers.Count, method.FullName);
            }
        }
    }

    [Fact]
    public void Nest_HandlersThatThrow_AsksTheSameFiltersAndRunsTheSameHandlers()
    {
        CompiledSample sample = CompiledSample.Of(ThrowingClauses);
        using var original = new LoadedImage(sample.Assembly, null);
        using LoadedImage rewritten = Load(sample);
        for (int n = -2; n < 20; n++)
        {
            Assert.Equal(original.Bind<Func<int, string>>("Sample", "Run")(n), rewritten.Bind<Func<int, string>>("Sample", "Run")(n));
        }
    }

    [Fact]
    public void Nest_ReferenceMovedInEachClause_IsAdmittedByTheVerifier()
    {
        byte[] assembly = VerifiedSource.Compile(ConsumingClauses).Assembly;
        RewrittenImage image = ImageRewriter.RewriteNew(assembly, null, "test.dll", RewritePasses.Safepoints);
        Assert.Empty(ImageVerifier.Verify(image.Assembly, null, "test.dll", VerificationOptions.Rewritten).Violations);
    }

    [Theory]
    [InlineData("the filter answers yes")]
    [InlineData("the handler clears the local")]
    public void Verify_ReferenceMovedInEachClause_PlantedCodeChanged_IsRefused(string change)
    {
        byte[] assembly = VerifiedSource.Compile(ConsumingClauses).Assembly;
        RewrittenImage image = ImageRewriter.RewriteNew(assembly, null, "test.dll", RewritePasses.Safepoints);
        using ModuleDefinition module = ModuleDefinition.ReadModule(new MemoryStream(image.Assembly));
        foreach (ExceptionHandler clause in module.GetType("T").Methods.Single(method => method.Name == "M").Body.ExceptionHandlers)
        {
            bool isFilter = change == "the filter answers yes";
            Instruction? constant = isFilter ? clause.FilterStart.Next.Next.Next : clause.HandlerStart;
            (OpCode from, OpCode to) = isFilter ? (OpCodes.Ldc_I4_0, OpCodes.Ldc_I4_1) : (OpCodes.Ldc_I4_1, OpCodes.Ldc_I4_0);
            constant.OpCode = constant.OpCode == from ? to : constant.OpCode;
        }

        var changed = new MemoryStream();
        module.Write(changed);
        VerificationReport report = ImageVerifier.Verify(changed.ToArray(), null, "test.dll", VerificationOptions.Rewritten);
        Assert.Contains(report.Violations, one => one.Rule == "RL0103");
    }

    private LoadedImage Load(CompiledSample sample)
    {
        RewrittenImage image = ImageRewriter.RewriteNew(sample.Assembly, sample.Symbols, "sample.dll", RewritePasses.Safepoints);
        return new LoadedImage(image.Instantiate(word, StackBudget.LimitOf(StackBudget.StepsMax)), image.Symbols);
    }
}
