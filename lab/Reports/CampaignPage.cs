using System.Text;
using RedLeafSharp.Lab.Campaigns;

namespace RedLeafSharp.Lab.Reports;

/// <summary>A campaign's report as one page that loads nothing else and runs no script.</summary>
internal static class CampaignPage
{
    private const string Style = """
        :root { color-scheme: light dark; --ink: #1c1c1c; --paper: #fff; --soft: #ddd; --line: #1f5fa8; --bad: #b3261e; --good: #1b7a35; }
        @media (prefers-color-scheme: dark) {
          :root { --ink: #e6e6e6; --paper: #161616; --soft: #3a3a3a; --line: #7db4f0; --bad: #f2877f; --good: #72d08b; } }
        body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
          max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
        .table { overflow-x: auto; } table { border-collapse: collapse; font-size: 13px; }
        td, th { padding: .15rem .8rem .15rem 0; vertical-align: top; text-align: left; white-space: nowrap; }
        tr + tr { border-top: 1px solid var(--soft); } .good { color: var(--good); } .bad { color: var(--bad); }
        figure { margin: 1rem 0; } svg { width: 100%; height: auto; } svg text { font-size: 12px; fill: var(--ink); }
        .curve { fill: none; stroke: var(--line); stroke-width: 1.5; } .curve-1 { stroke-dasharray: 6 3; } .curve-2 { stroke-dasharray: 2 2; }
        .mark-0, .mark-1, .mark-2, .cell { fill: var(--line); } .grid { stroke: var(--soft); stroke-width: .5; } .axis { stroke: var(--ink); }
        .recovery { fill: var(--bad); opacity: .3; } .edge { fill: none; stroke: var(--bad); opacity: .5; }
        .contained { fill: none; stroke: var(--line); opacity: .5; }
        .outcome-0 { fill: #b9bec4; } .outcome-1 { fill: #8fb3d9; } .outcome-2 { fill: #2e7d4f; } .outcome-3 { fill: #e0b43a; }
        .outcome-4 { fill: #e08a3a; } .outcome-5 { fill: #d5693a; } .outcome-6 { fill: #a0522d; } .outcome-7 { fill: #c2334d; }
        .outcome-8 { fill: #8e1b52; } .outcome-9 { fill: #5b2a86; } .outcome-10 { fill: #111; } .outcome-11 { fill: #777; }
        """;

    /// <param name="summary">The campaign.</param>
    /// <param name="run">Its folder, as the command takes it.</param>
    internal static string Render(CampaignSummary summary, string run)
    {
        IReadOnlyList<GoalVerdict> goals = GoalVerdict.Judge(summary);
        string title = Svg.Escape(summary.Identity.Name);
        var page = new StringBuilder();
        page.Append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>").Append(title)
            .Append("</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>\n").Append(Style).Append("\n</style></head><body>\n<h1>").Append(title)
            .Append("</h1>\n<p>").Append(Svg.Escape(summary.Spec.Description)).Append("</p>\n");
        page.Append("<h2>System</h2>\n<ul>")
            .AppendJoin(string.Empty, MarkdownReport.System(summary).Select(pair => $"<li>{pair.Name}: {Svg.Escape(pair.Text)}</li>"))
            .Append("</ul>\n");
        Append(page, CampaignTables.Goals(goals));
        page.Append("<h2>Design</h2>\n<p>").Append(MarkdownReport.Design(summary)).Append("</p>\n");
        AppendPlots(page, summary);
        foreach (ReportTable table in MarkdownReport.Findings(summary, run))
        {
            Append(page, table);
        }

        return page.Append("<h2>Limits</h2>\n<p>").Append(MarkdownReport.Limits).Append("</p>\n<h2>Again</h2>\n<pre>")
            .Append(Svg.Escape(MarkdownReport.Again(summary))).Append("</pre>\n</body></html>\n").ToString();
    }

    private static void AppendPlots(StringBuilder page, CampaignSummary summary)
    {
        AppendPlot(page, "Outcomes", OutcomeBars.Render(summary));
        AppendPlot(page, "Recovery times", LatencyCurves.Render(summary));
        AppendPlot(page, "Throughput", ThroughputTimeline.Render(summary.Timeline));
        AppendPlot(page, "Who noticed", DetectorMap.Render(summary));
        AppendPlot(page, "How far faults went", PropagationGraph.Render(summary));
    }

    private static void AppendPlot(StringBuilder page, string title, string drawing) =>
        page.Append("<figure><figcaption><h2>").Append(title).Append("</h2></figcaption>\n").Append(drawing).Append("</figure>\n");

    private static void Append(StringBuilder page, ReportTable table)
    {
        if (table.Rows.Count == 0)
        {
            return;
        }

        page.Append("<h2>").Append(Svg.Escape(table.Title)).Append("</h2>\n<p>").Append(Svg.Escape(table.Note))
            .Append("</p>\n<div class=\"table\"><table>\n<tr>")
            .AppendJoin(string.Empty, table.Columns.Select(column => $"<th>{Svg.Escape(column)}</th>")).Append("</tr>\n");
        foreach (IReadOnlyList<string> row in table.Rows)
        {
            page.Append("<tr>").AppendJoin(string.Empty, row.Select(Cell)).Append("</tr>\n");
        }

        page.Append("</table></div>\n");
    }

    private static string Cell(string text) => text switch
    {
        "✓" => "<td class=\"good\">✓</td>",
        "✗" => "<td class=\"bad\">✗</td>",
        _ => $"<td>{Svg.Escape(text)}</td>",
    };
}
