using System.Globalization;
using System.Text;
using RedLeafSharp.Lab.Campaigns;

namespace RedLeafSharp.Lab.Reports;

/// <summary>A campaign's report as Markdown: system, claims, design, findings, limits, how to do it again.</summary>
internal static class MarkdownReport
{
    internal const string Limits = "Devices are models, and time is virtual: rates hold for these kinds of faults, drawn as the experiment says, "
        + "and not for faults at large. Trials of one site are alike, so read the intervals by site. What no oracle looks at is not seen.";

    internal static string Render(CampaignSummary summary, string run)
    {
        RunIdentity identity = summary.Identity;
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"# {identity.Name}\n\n");
        page.Append(summary.Spec.Description.Length > 0 ? $"{Cell(summary.Spec.Description)}\n\n" : string.Empty);
        page.Append("## System\n\n").AppendJoin('\n', System(summary).Select(pair => $"* {pair.Name}: {pair.Text}")).Append("\n\n");
        Append(page, CampaignTables.Goals(GoalVerdict.Judge(summary)));
        page.Append("## Design\n\n").Append(Design(summary)).Append("\n\n");
        foreach (ReportTable table in Findings(summary, run))
        {
            Append(page, table);
        }

        page.Append("## Limits\n\n").Append(Limits).Append("\n\n## Again\n\n");
        return page.Append("```\n").Append(Again(summary)).Append("\n```\n").ToString();
    }

    internal static IEnumerable<(string Name, string Text)> System(CampaignSummary summary)
    {
        yield return ("build", summary.Identity.Build);
        yield return ("experiment", summary.Identity.Experiment);
        yield return ("seed", summary.Identity.Seed.ToString(CultureInfo.InvariantCulture));
        yield return ("trials", string.Create(CultureInfo.InvariantCulture, $"{summary.All.Counts.Trials} of {summary.Identity.Trials}"));
        yield return ("workloads", string.Join(", ", summary.Spec.Workloads.Select(choice => choice.Use)));
    }

    internal static string Design(CampaignSummary summary) =>
        $"Each trial without faults, {(summary.Spec.ComparesRecoveryOff ? "with its faults and no recovery, " : string.Empty)}"
        + $"and with its faults and recovery{(summary.Spec.HasSecondRound ? ", followed by a round without faults" : string.Empty)}; "
        + $"faults of a trial: {summary.Spec.Trigger.PerTrial}, {summary.Spec.Trigger.Mode.ToString().ToLowerInvariant()}.";

    /// <summary>The tables that have something to say.</summary>
    internal static IEnumerable<ReportTable> Findings(CampaignSummary summary, string run) => new[]
    {
        CampaignTables.OutcomesByClass(summary), CampaignTables.Transparency(summary), CampaignTables.Bounds(summary),
        CampaignTables.Recovery(summary), CampaignTables.Times(summary), CampaignTables.Failures(summary, run),
    }.Where(table => table.Rows.Count > 0);

    internal static string Again(CampaignSummary summary) =>
        string.Create(CultureInfo.InvariantCulture, $"redleaf lab run experiment.yaml --seed {summary.Identity.Seed}");

    internal static void Append(StringBuilder page, ReportTable table)
    {
        if (table.Rows.Count == 0)
        {
            return;
        }

        page.Append("## ").Append(table.Title).Append("\n\n");
        page.Append(table.Note.Length > 0 ? table.Note + "\n\n" : string.Empty);
        page.Append("| ").AppendJoin(" | ", table.Columns).Append(" |\n|").Append(string.Concat(table.Columns.Select(_ => "---|"))).Append('\n');
        foreach (IReadOnlyList<string> row in table.Rows)
        {
            page.Append("| ").AppendJoin(" | ", row.Select(Cell)).Append(" |\n");
        }

        page.Append('\n');
    }

    /// <summary>A text that stays in its cell.</summary>
    private static string Cell(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");
}
