using System.Xml.Linq;
using Microsoft.Data.Sqlite;
using RedLeafSharp.Lab.Campaigns;
using RedLeafSharp.Lab.Reports;
using RedLeafSharp.Tests.Cli;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Lab.Campaigns;

public sealed class ReportTests : IDisposable
{
    private static readonly string[] Plots =
    [
        "outcomes by kind of fault", "cumulative distribution of recovery times", "throughput over time, recovery shaded",
        "who noticed which kind of fault", "how far faults went",
    ];

    private readonly TemporaryFolder temporary = new();
    private readonly RunFolder run;

    public ReportTests() => run = FakeRun.Make(Path.Combine(temporary.Path, "run"));

    public void Dispose() => temporary.Dispose();

    [Fact]
    public void Summary_EachTrial_IsCountedOnceInItsClassAndInAll()
    {
        CampaignSummary summary = CampaignSummary.Of(run);

        Assert.Equal(400, summary.All.Counts.Trials);
        Assert.Equal(400, summary.Classes.Sum(one => one.Counts.Trials));
        Assert.Equal(["code.mifs", "device.cfs", "device.lost-completion"], summary.Classes.Select(one => one.Name));
        Assert.Equal(2, summary.Classes.First().SiteCount);
        Assert.Equal(summary.All.Counts.Manifested, summary.Detections.Values.Sum());
        Assert.InRange(summary.All.Counts.Manifested, 1, summary.All.Counts.Activated);
        Assert.InRange(summary.All.Counts.Activated, summary.All.Counts.Manifested, 400);
        Assert.True(summary.All.Pairs.OnlyFirst > summary.All.Pairs.OnlySecond);
    }

    [Fact]
    public void Goals_AsMeasured_AreMetOrMissed()
    {
        IReadOnlyList<GoalVerdict> verdicts = GoalVerdict.Judge(CampaignSummary.Of(run));

        Assert.Equal([true, false, true, true], verdicts.Select(verdict => verdict.IsMet));
        Assert.Equal("0 of 400", verdicts[0].Measured);
        Assert.Equal("at least 0.5", verdicts[2].Required);
    }

    [Fact]
    public void Goals_ShareOfNothing_IsMissed()
    {
        string experiment = FakeRun.Experiment.Replace(
            "timeline: {bucketMicros: 1000}", "trigger: {perTrial: 0}", StringComparison.Ordinal);
        RunFolder calm = FakeRun.Make(Path.Combine(temporary.Path, "calm"), experiment);

        GoalVerdict verdict = GoalVerdict.Judge(CampaignSummary.Of(calm))[2];

        Assert.Equal(("no trial", false), (verdict.Measured, verdict.IsMet));
    }

    [Fact]
    public void Markdown_TextsOfOthers_StayInTheirCells()
    {
        string text = MarkdownReport.Render(CampaignSummary.Of(run), "runs/a|b");

        Assert.Contains("## Outcomes by kind of fault", text);
        Assert.Contains("redleaf lab replay runs/a\\|b#", text);
        Assert.All(text.Split('\n').Where(line => line.StartsWith("| code.mifs", StringComparison.Ordinal)), line => Assert.EndsWith(" |", line));
    }

    /// <summary>The same log gives the same reports.</summary>
    [Fact]
    public void Reports_WrittenTwice_AreTheSameBytes()
    {
        _ = CampaignReports.Write(run);
        string page = File.ReadAllText(run.In(CampaignReports.Page));
        string text = File.ReadAllText(run.In(CampaignReports.Markdown));

        _ = CampaignReports.Write(run);

        Assert.Equal((page, text), (File.ReadAllText(run.In(CampaignReports.Page)), File.ReadAllText(run.In(CampaignReports.Markdown))));
    }

    [Fact]
    public void Page_EachPlot_IsThereAndNothingIsLoaded()
    {
        string page = CampaignPage.Render(CampaignSummary.Of(run), "run");

        Assert.All(Plots, plot => Assert.Contains($"aria-label=\"{plot}\"", page));
        Assert.DoesNotContain("<script", page);
        Assert.DoesNotMatch("(src|href)=\"(?!data:,)", page);
        Assert.Contains("nothing &lt;real&gt; &amp; | no more", page);
        string body = page[page.IndexOf("<body>", StringComparison.Ordinal)..page.IndexOf("</html>", StringComparison.Ordinal)];
        Assert.Equal(5, XElement.Parse(body).Descendants().Count(element => element.Name.LocalName == "svg"));
    }

    /// <summary>A browser draws each plot with some size, and has nothing to complain of.</summary>
    [FactNeeding(Need.Chromium)]
    public void Page_InABrowser_ShowsEachPlotWithoutAnError()
    {
        _ = CampaignReports.Write(run);
        string page = run.In(CampaignReports.Page);
        string probe = temporary.Write("probe.html", File.ReadAllText(page).Replace(
            "</body>",
            "<script>for (const one of document.querySelectorAll('svg')) { const box = one.getBoundingClientRect();"
                + " document.title += '\\n' + one.getAttribute('aria-label') + ' ' + (box.width > 300 && box.height > 20); }</script></body>",
            StringComparison.Ordinal));

        (int status, string output) = Outside.Run(
            "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--enable-logging=stderr",
            $"--user-data-dir={temporary.Path}/profile", "--dump-dom", "file://" + probe);

        Assert.True(status == 0, output);
        Assert.DoesNotContain("CONSOLE", output);
        Assert.All(Plots, plot => Assert.Contains(plot + " true", output));
    }

    /// <summary>What a person would see: something is drawn where each plot is.</summary>
    [FactNeeding(Need.Chromium)]
    public void Page_OnAScreen_HasEachPlotDrawn()
    {
        _ = CampaignReports.Write(run);
        string page = File.ReadAllText(run.In(CampaignReports.Page));
        string probe = temporary.Write("boxes.html", page.Replace(
            "</body>",
            "<script>const boxes = []; for (const one of document.querySelectorAll('svg')) { const box = one.getBoundingClientRect();"
                + " boxes.push([box.x, box.y, box.width, box.height].map(Math.round).join(' ')); }"
                + " document.title = 'boxes:' + boxes.join(':') + ':';</script></body>",
            StringComparison.Ordinal));
        string dump = Browse("--dump-dom", "--window-size=1200,800", "file://" + probe);
        string title = dump[(dump.IndexOf("<title>boxes:", StringComparison.Ordinal) + 13)..dump.IndexOf(":</title>", StringComparison.Ordinal)];
        int[][] boxes = [.. title.Split(':').Select(box => box.Split(' ').Select(int.Parse).ToArray())];
        string picture = Path.Combine(temporary.Path, "page.png");
        _ = Browse($"--screenshot={picture}", $"--window-size=1200,{boxes.Max(box => box[1] + box[3]) + 200}", "file://" + run.In(CampaignReports.Page));
        var screen = Screenshot.Read(File.ReadAllBytes(picture));

        Assert.Equal(Plots.Length, boxes.Length);
        Assert.All(boxes, box => Assert.True(screen.ColorsIn(box[0], box[1], box[2], box[3]) > 3, string.Join(' ', box)));
    }

    private string Browse(params string[] arguments)
    {
        (int status, string output) = Outside.Run(
            "chromium",
            ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                $"--user-data-dir={temporary.Path}/profile", .. arguments]);
        return status == 0 ? output : throw new InvalidOperationException(output);
    }

    [Fact]
    public void Database_AsWritten_HasEachTrialAndItsFaults()
    {
        SqliteExport.Write(run, run.In("x.sqlite"));

        using var connection = new SqliteConnection($"Data Source={run.In("x.sqlite")};Pooling=False");
        connection.Open();
        Assert.Equal(400L, Scalar(connection, "SELECT count(*) FROM trial"));
        Assert.Equal(400L, Scalar(connection, "SELECT count(*) FROM fault"));
        Assert.Equal(
            CampaignSummary.Of(run).All.Counts[Outcome.Transparent],
            Scalar(connection, "SELECT count(*) FROM trial WHERE outcome = 'TRANSPARENT'"));
        Assert.Equal("build", Scalar(connection, "SELECT value FROM run WHERE name = 'build'"));
    }

    [Theory]
    [InlineData("nooks", "317")]
    [InlineData("shadow", "OSDI 2004")]
    [InlineData("minix", "3400000")]
    [InlineData("ananke", "30000")]
    [InlineData("theseus", "461/665")]
    public void PaperTable_OfAPaper_SaysThatItDoesNotCompare(string paper, string figure)
    {
        string table = PaperTable.Render(paper, CampaignSummary.Of(run));

        Assert.Contains("different platform and fault model", table);
        Assert.Contains(figure, table);
        Assert.Contains("| RedLeafSharp |", table);
    }

    [Fact]
    public void Compare_RunWithItself_ShowsNoDifference()
    {
        var comparison = RunComparison.Of(run, run);

        Assert.True(comparison.IsPaired);
        Assert.Empty(comparison.Changed);
        Assert.Empty(comparison.Worse());
    }

    [Fact]
    public void Compare_OtherSeed_ComparesSharesOnly() =>
        Assert.False(RunComparison.Of(run, FakeRun.Make(Path.Combine(temporary.Path, "other"), seed: 8)).IsPaired);

    private static object? Scalar(SqliteConnection connection, string query)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = query;
        return command.ExecuteScalar();
    }
}
