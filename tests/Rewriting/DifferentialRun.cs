using System.Reflection;
using Microsoft.CodeAnalysis;
using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Rewriting;
using RedLeafSharp.Safepoints;

namespace RedLeafSharp.Tests.Rewriting;

/// <summary>
/// Random programs, as compiled and as rewritten: every call must return the same, or throw the same type, and have run the same in the
/// same order. The seed also chooses the build, the passes, and whether the poll word is raised meanwhile.
/// </summary>
internal sealed class DifferentialRun
{
    private static readonly (int A, int B)[] Arguments = [(0, 0), (1, 2), (-5, 3), (7, -1), (100, 12), (int.MinValue, -1)];

    /// <summary>Calls that were compared.</summary>
    internal int Calls { get; private set; }

    /// <summary>Those of them that ended with an exception.</summary>
    internal int Thrown { get; private set; }

    /// <summary>Runs so many programs, told about as it goes.</summary>
    /// <returns>Whether none behaved differently.</returns>
    internal static bool RunAll(int count, int seed, TextWriter output)
    {
        var run = new DifferentialRun();
        int different = 0;
        for (int index = 0; index < count; index++)
        {
            if (run.Compare(seed + index) is { } difference)
            {
                different++;
                output.WriteLine(difference);
            }
        }

        output.WriteLine($"{count} programs, {run.Calls} calls compared, {run.Thrown} of them threw; {different} programs different");
        return different == 0;
    }

    /// <returns>The first difference, or null.</returns>
    internal string? Compare(int seed) => Compare(seed, image => image);

    /// <param name="seed">Of the program.</param>
    /// <param name="damage">Done to the image before it is rewritten, to see that differences are found.</param>
    internal string? Compare(int seed, Func<byte[], byte[]> damage)
    {
        CompiledSample sample = CompiledSample.Of(
            RandomProgram.SourceOf(seed), seed % 2 == 0 ? OptimizationLevel.Release : OptimizationLevel.Debug);
        RewritePasses passes = RewritePasses.Safepoints | (seed % 3 == 0 ? RewritePasses.FaultSites : RewritePasses.None);
        RewrittenImage image = ImageRewriter.RewriteNew(damage(sample.Assembly), null, "random.dll", passes);
        var word = new PollWord();
        using var original = new LoadedImage(sample.Assembly, null);
        using var rewritten = new LoadedImage(image.Instantiate(word, StackBudget.LimitOf(StackBudget.StepsMax)), null);
        if (seed % 5 == 0)
        {
            word.Raise();
        }

        // With sites and without a trigger: the other version of everything runs.
        word.IsArmed = seed % 2 == 0;

        string? difference = Compare(original, rewritten);
        GC.KeepAlive(word);
        return difference is null ? null : $"seed {seed}: {difference}";
    }

    private string? Compare(LoadedImage original, LoadedImage rewritten)
    {
        for (int index = 0; index < RandomProgram.FunctionCount; index++)
        {
            foreach ((int a, int b) in Arguments)
            {
                string before = OutcomeOf(original, index, a, b);
                string after = OutcomeOf(rewritten, index, a, b);
                Calls++;
                Thrown += before[0] == '!' ? 1 : 0;
                if (before != after)
                {
                    return $"F{index}({a}, {b}): {before}, rewritten {after}";
                }
            }
        }

        return null;
    }

    private static string OutcomeOf(LoadedImage image, int index, int a, int b)
    {
        const int Depth = 4;
        FieldInfo hash = image.Assembly.GetType("Sample")!.GetField("Hash")!;
        image.Bind<Action>("Sample", "Reset")();
        string outcome;
        try
        {
            outcome = image.Bind<Func<int, int, int, long>>("Sample", $"F{index}")(a, b, Depth).ToString();
        }
        catch (Exception exception)
        {
            outcome = $"!{exception.GetType().Name}";
        }

        return $"{outcome} after {hash.GetValue(null)}";
    }
}
