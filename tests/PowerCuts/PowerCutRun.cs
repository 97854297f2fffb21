using System.Diagnostics;

namespace RedLeafSharp.Tests.PowerCuts;

/// <summary>The long runs, by command.</summary>
internal static class PowerCutRun
{
    private const int WorkloadsPerLine = 100;

    private static readonly ExplorerOptions Everything = new() { StatesPerCut = 12, StatesPerCutReplay = 4, StatesPerJudgement = 1 };

    /// <summary>Files in ACE's language; or "all" sequences; or random workloads: "random", COUNT and SEED.</summary>
    internal static int Execute(string[] arguments, TextWriter output) => arguments switch
    {
        ["one"] => Explore(Sequences.OfOne(), Everything, output),
        ["two"] => Explore(Sequences.OfTwo(), Everything with { StatesPerCut = 6, StatesPerJudgement = 8 }, output),
        ["random", var count, var seed] => Explore(
            Enumerable.Range(int.Parse(seed), int.Parse(count)).Select(Sequences.Random),
            Everything with { StatesPerJudgement = 4 },
            output),
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

    private static int Usage(TextWriter output)
    {
        output.WriteLine("usage: powercut FILE... | powercut one | powercut two | powercut random COUNT SEED");
        return 2;
    }
}
