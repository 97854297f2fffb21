using System.Text.Json;
using System.Xml.Linq;
using RedLeafSharp.Cli.Demo;
using RedLeafSharp.Cli.Host;
using RedLeafSharp.Cli.Reports;
using Xunit;

namespace RedLeafSharp.Tests.Cli;

using Verification = RedLeafSharp.Cli.Demo.Verification;

public sealed class ReportTests
{
    private static readonly DemoReport Sample = new()
    {
        Environment = new RunEnvironment(
            new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero),
            "redleaf demo --seed 7",
            7,
            ".NET",
            "Linux <x>",
            "CPU & Co",
            2),
        SourceFolder = "/usr/lib/<tree>",
        Source = new TreeSize(10, 1_000_000),
        Undisturbed = Phase(startSeconds: 1, failedJobs: 0),
        Disturbed = Phase(startSeconds: 3, failedJobs: 0),
        Recoveries =
        [
            new Recovery(TimeSpan.FromSeconds(3.2), 2, "InjectedFault", "Queue.Submit <Queue.cs:10>", 80, true),
            new Recovery(TimeSpan.FromSeconds(4.2), 3, "InjectedFault", "Queue.Poll", 120, true),
        ],
        ReplayedRequests = 5,
        ReplayMicrosMax = 400,
        Verification = new Verification(10, 10, 0, ""),
        Reclamation = new Reclamation(2, 2, 0, ""),
        ShutdownFailure = "",
        Duration = TimeSpan.FromSeconds(9),
    };

    [Fact]
    public void HasPassed_AllThresholdsMet_IsTrue() => Assert.True(Sample.HasPassed);

    public static TheoryData<string, string> Failures => new()
    {
        { "wrong byte", "bytes lost or wrong" },
        { "missing file", "files with the host's SHA-256" },
        { "failed job", "jobs that failed" },
        { "no restart", "driver restarts" },
        { "held generation", "dead generations reclaimed" },
        { "held bytes", "exchange heap bytes they still hold" },
        { "dirty", "unmounted cleanly" },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void HasPassed_OneThresholdMissed_IsFalseAndNamesIt(string defect, string threshold)
    {
        DemoReport report = Break(defect);

        Assert.False(report.HasPassed);
        Assert.Contains(report.Thresholds, one => one.Name == threshold && !one.IsMet);
    }

    [Fact]
    public void Json_OfReport_HasUnitsAndSamples()
    {
        using JsonDocument json = JsonDocument.Parse(JsonReport.Render(Sample));

        JsonElement root = json.RootElement;
        Assert.True(root.GetProperty("hasPassed").GetBoolean());
        Assert.Equal(7u, root.GetProperty("environment").GetProperty("seed").GetUInt64());
        Assert.Equal(120, root.GetProperty("recoveryMicros").GetProperty("max").GetDouble());
        Assert.Equal(3_200_000, root.GetProperty("recoveries")[0].GetProperty("uptimeMicros").GetInt64());
        Assert.Equal(20, root.GetProperty("disturbed").GetProperty("diskSamples").GetArrayLength());
    }

    [Fact]
    public void Html_OfReport_LoadsNothingAndIsWellFormed()
    {
        string html = HtmlReport.Render(Sample);

        Assert.DoesNotContain("src=", html);
        Assert.DoesNotContain("href=", html);
        Assert.DoesNotContain("@import", html);
        string body = html[html.IndexOf("<body>", StringComparison.Ordinal)..].Replace("</html>", "");
        XElement parsed = XElement.Parse(body);
        Assert.Equal(2, parsed.Descendants().Count(element => element.Name.LocalName == "svg"));
    }

    [Fact]
    public void Timeline_OfReport_MarksEachCrash()
    {
        XElement svg = XElement.Parse(TimelineChart.Render(Sample.Undisturbed, Sample.Disturbed, Sample.Recoveries));

        Assert.Equal(2, svg.Elements().Count(element => (string?)element.Attribute("class") == "crash-mark"));
        Assert.Equal(2, svg.Elements().Count(element => (string?)element.Attribute("class") == "curve"));
    }

    [Fact]
    public void Distribution_WithoutRecoveries_IsStillADrawing() =>
        Assert.Contains("no recoveries", DistributionChart.Render(new Distribution([])));

    [Fact]
    public void Display_Redirected_PrintsPlainLinesWithVerdictFirst()
    {
        using var output = new StringWriter();
        DemoDisplay display = DemoDisplay.Create(output);

        display.Print(Break("wrong byte"));

        string text = output.ToString();
        Assert.DoesNotContain('\u001b', text);
        Assert.StartsWith("redleaf demo failed", text.TrimStart());
        Assert.Contains("✗ bytes lost or wrong", text);
        Assert.Contains("p50 80.0 µs, p99 120.0 µs, max 120.0 µs", text);
        Assert.Contains("redleaf demo --seed 7", text);
    }

    private static DemoReport Break(string defect) => defect switch
    {
        "wrong byte" => Sample with { Verification = new Verification(10, 10, 1, "a") },
        "missing file" => Sample with { Verification = new Verification(10, 9, 0, "a") },
        "failed job" => Sample with { Disturbed = Phase(startSeconds: 3, failedJobs: 1) },
        "no restart" => Sample with { Recoveries = [] },
        "held generation" => Sample with { Reclamation = new Reclamation(2, 1, 0, "a static field") },
        "held bytes" => Sample with { Reclamation = new Reclamation(2, 2, 4096, "") },
        "dirty" => Sample with { ShutdownFailure = "Ext4 did not stop cleanly" },
        _ => throw new ArgumentException(defect),
    };

    private static PhaseResult Phase(int startSeconds, int failedJobs) => new(
        TimeSpan.FromSeconds(startSeconds),
        TimeSpan.FromSeconds(2),
        4,
        failedJobs,
        1_000_000,
        [.. Enumerable.Range(1, 20).Select(n => new ThroughputSample(TimeSpan.FromSeconds(startSeconds + (n * 0.1)), n * 1e6))]);
}
