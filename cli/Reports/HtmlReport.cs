using System.Text;
using RedLeafSharp.Cli.Demo;
using RedLeafSharp.Lab.Reports;

namespace RedLeafSharp.Cli.Reports;

/// <summary>A demonstration's results as one page that loads nothing else.</summary>
internal static class HtmlReport
{
    private const string Style = """
        :root { color-scheme: light dark;
          --ink: #1c1c1c; --paper: #fff; --soft: #ddd; --line: #1f5fa8; --bad: #b3261e; --good: #1b7a35; }
        @media (prefers-color-scheme: dark) {
          :root { --ink: #e6e6e6; --paper: #161616; --soft: #3a3a3a; --line: #7db4f0; --bad: #f2877f; --good: #72d08b; } }
        body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
          max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
        h1 small { font-weight: normal; } .good { color: var(--good); } .bad { color: var(--bad); }
        table { border-collapse: collapse; } td { padding: .15rem 1.5rem .15rem 0; vertical-align: top; }
        svg { width: 100%; height: auto; } svg text { font-size: 12px; fill: var(--ink); }
        .curve { fill: none; stroke: var(--line); stroke-width: 1.5; } .grid { stroke: var(--soft); stroke-width: .5; }
        .axis { stroke: var(--ink); } .phase { stroke: var(--ink); stroke-dasharray: 4 3; }
        .crash { stroke: var(--bad); stroke-width: .5; opacity: .45; } .crash-mark { fill: var(--bad); }
        """;

    internal static string Render(DemoReport report)
    {
        var page = new StringBuilder();
        page.Append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>redleaf demo</title>\n<style>\n")
            .Append(Style).Append("\n</style></head><body>\n");
        page.Append("<h1>redleaf demo <small class=\"").Append(ClassOf(report.HasPassed)).Append("\">")
            .Append(report.HasPassed ? "passed" : "failed").Append("</small></h1>\n");
        page.Append("<h2>What must hold</h2>\n<table>\n");
        foreach (Threshold threshold in report.Thresholds)
        {
            string mark = $"<span class=\"{ClassOf(threshold.IsMet)}\">{(threshold.IsMet ? '✓' : '✗')}</span>";
            AppendRow(page, mark, threshold.Name, threshold.Measured, $"required: {threshold.Required}");
        }

        page.Append("</table>\n<h2>Throughput</h2>\n")
            .Append("<p>Each mark is a crash of the driver; the dashed line is where they begin.</p>\n")
            .Append(TimelineChart.Render(report.Undisturbed, report.Disturbed, report.Recoveries))
            .Append("<h2>Recovery time</h2>\n").Append(DistributionChart.Render(report.RecoveryMicros));
        AppendPairs(page, "Results", DemoFigures.Results(report));
        AppendPairs(page, "Environment", DemoFigures.Environment(report));
        return page.Append("</body></html>\n").ToString();
    }

    private static string ClassOf(bool isGood) => isGood ? "good" : "bad";

    private static void AppendPairs(StringBuilder page, string title, IEnumerable<(string Name, string Text)> pairs)
    {
        page.Append("<h2>").Append(title).Append("</h2>\n<table>\n");
        foreach ((string name, string text) in pairs)
        {
            AppendRow(page, Svg.Escape(name), text);
        }

        page.Append("</table>\n");
    }

    /// <summary>The first cell is HTML, the others are text.</summary>
    private static void AppendRow(StringBuilder page, string first, params string[] others) => page
        .Append("<tr><td>").Append(first).Append("</td>")
        .AppendJoin("", others.Select(cell => $"<td>{Svg.Escape(cell)}</td>")).Append("</tr>\n");
}
