using System.Globalization;
using System.Text;
using RedLeafSharp.Lab.Campaigns;

namespace RedLeafSharp.Lab.Planting;

/// <summary>The page that says which planted bug was found by whom.</summary>
internal static class BugPage
{
    private const string Head = """
        # Planted bugs

        An instrument that finds nothing is either of a good system or of no use. So bugs of the recovery are planted into copies of the build,
        one at a time, and the experiment [planted-bugs.yaml](../experiments/planted-bugs.yaml), which a build without them passes, is run on
        each. [Decision 0069](decisions/0069-planted-bugs.md) says how they get there without a switch in the source. This page is written by

        ```
        redleaf lab hunt experiments/planted-bugs.yaml --page docs/planted-bugs.md
        ```

        A bug is found by the first trial that misses a goal: ended in an outcome that may not be there, or went wrong without a fault
        (HARNESS_ERROR). *Found by* is the oracle that decided it. If none does, by a goal that all trials together miss, a time of recovery say.

        """;

    internal static string Render(IReadOnlyList<HuntResult> results, long cleanTrials, int cleanFindings)
    {
        StringBuilder text = new StringBuilder(Head).AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"Found: {results.Count(one => one.IsFound)} of {results.Count}. The build without a bug: {cleanTrials} trials, {cleanFindings} findings.");
        text.AppendLine().AppendLine("| bug | what is wrong | found by | outcome | in trial | its fault |").AppendLine("|---|---|---|---|---|---|");
        foreach (HuntResult one in results)
        {
            string found = one.Found is { } trial
                ? string.Create(CultureInfo.InvariantCulture, $"{one.FoundBy} | {trial.Outcome.Name()} | {one.Trials} | {(trial.Class.Length > 0 ? trial.Class : "none")}")
                : string.Create(CultureInfo.InvariantCulture, $"{(one.IsFound ? one.FoundBy : "nobody")} | | {one.Trials} | ");
            text.AppendLine(CultureInfo.InvariantCulture, $"| {one.Bug.Name} | {one.Bug.Summary} | {found} |");
        }

        return text.ToString().ReplaceLineEndings("\n");
    }
}
