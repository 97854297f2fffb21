using RedLeafSharp.Lab.Campaigns;

namespace RedLeafSharp.Lab.Reports;

/// <summary>The reports in a run's folder. Each is made from the log, so making them again changes nothing.</summary>
internal static class CampaignReports
{
    internal const string Markdown = "report.md";
    internal const string Page = "report.html";
    internal const string Database = "trials.sqlite";

    /// <summary>Writes all of them.</summary>
    /// <returns>What the goals are judged by.</returns>
    internal static CampaignSummary Write(RunFolder folder)
    {
        CampaignSummary summary = CampaignSummary.Of(folder);
        File.WriteAllText(folder.In(Markdown), MarkdownReport.Render(summary, folder.Path));
        File.WriteAllText(folder.In(Page), CampaignPage.Render(summary, folder.Path));
        SqliteExport.Write(folder, folder.In(Database));
        return summary;
    }
}
