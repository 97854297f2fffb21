using System.Diagnostics;

namespace RedLeafSharp.Tests.PowerCuts;

/// <summary>The long runs, by command.</summary>
internal static class PowerCutRun
{
    private const int WorkloadsPerLine = 100;

    private static readonly ExplorerOptions Everything = new() { StatesPerCut = 12, StatesPerCutReplay = 4, StatesPerJudgement = 1 };

    /// <summary>Files in ACE's language, all sequences of one or two operations, random ones, or random ones on the whole stack.</summary>
    internal static int Execute(string[] arguments, TextWriter output) => arguments switch
    {
        ["one"] => Explore(Sequences.OfOne(), Everything, output),
        ["two"] => Explore(Sequences.OfTwo(), Everything with { StatesPerCut = 4, StatesPerJudgement = 32 }, output),
        ["two", var first, var count] => Explore(
            Sequences.OfTwo().Skip(int.Parse(first)).Take(int.Parse(count)),
            Everything with { StatesPerCut = 4, StatesPerJudgement = 32 },
            output),
        ["random", var count, var seed] => Explore(
            Enumerable.Range(int.Parse(seed), int.Parse(count)).Select(Sequences.Random),
            Everything with { StatesPerJudgement = 8 },
            output),
        ["stack", var count, var seed] => ExploreStack(int.Parse(count), int.Parse(seed), output),
        [] => Usage(output),
        _ => Explore(arguments.Select(path => AceLanguage.Parse(path, File.ReadLines(path))), Everything, output),
    };

    private static int Explore(IEnumerable<Workload> workloads, ExplorerOptions options, TextWriter output)
    {
        var watch = Stopwatch.StartNew();
        using var explorer = new PowerCutExplorer(options, seed: 1);
        int failed = 0;
        foreach (Workload workload in workloads)
        {
            (byte[] disk, ModelTree tree) = workload.Setup.Count > 0 ? Sequences.Prepare(workload.Setup)
                : workload.Name.Contains('/') ? Sequences.Prepare([]) : Sequences.Start;
            string problem = explorer.Explore(disk, tree, workload);
            if (problem.Length > 0)
            {
                failed++;
                output.WriteLine(problem);
            }

            if (explorer.Figures.Workloads % WorkloadsPerLine == 0)
            {
                output.WriteLine($"{explorer.Figures}, {failed} failed, {watch.Elapsed.TotalSeconds:0} s");
            }
        }

        output.WriteLine($"{explorer.Figures}, {failed} failed, {watch.Elapsed.TotalSeconds:0} s");
        return failed == 0 ? 0 : 1;
    }

    /// <summary>Random workloads on shadow and driver, the power cut around each death of the driver.</summary>
    private static int ExploreStack(int count, int seed, TextWriter output)
    {
        using var explorer = new PowerCutExplorer(Everything with { StatesPerJudgement = 8 }, seed);
        int failed = 0;
        (byte[] disk, ModelTree tree) = Sequences.Start;
        for (int index = 0; index < count; index++)
        {
            Workload workload = Sequences.Random(seed + index);
            WorkloadTrace trace = StackRun.Record(disk, tree, workload, seed + index, out int[] moments);
            explorer.Figures.Refused += trace.Refused;
            string problem = explorer.Explore(trace, moments);
            explorer.Figures.Workloads++;
            failed += problem.Length > 0 ? 1 : 0;
            output.WriteLine(problem.Length > 0 ? $"{workload} (seed {seed + index})\n{problem}" : $"{explorer.Figures}");
        }

        output.WriteLine($"{explorer.Figures}, {failed} failed");
        return failed == 0 ? 0 : 1;
    }

    private static int Usage(TextWriter output)
    {
        output.WriteLine("usage: powercut FILE... | powercut one | powercut two [FIRST COUNT] | powercut random COUNT SEED | powercut stack COUNT SEED");
        return 2;
    }
}
