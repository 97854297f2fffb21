using System.CommandLine;
using RedLeafSharp.Cli.Demo;
using RedLeafSharp.Cli.Reports;

namespace RedLeafSharp.Cli.CommandLine;

/// <summary><c>redleaf demo</c>: crashes the disk driver under load and shows that nothing is lost.</summary>
internal static class DemoCommand
{
    internal static Command Create(TextWriter output)
    {
        var json = new Option<FileInfo>("--json") { Description = "Writes the results as JSON.", HelpName = "FILE" };
        var html = new Option<FileInfo>("--html") { Description = "Writes the report as one HTML page.", HelpName = "FILE" };
        var seconds = Inputs.Number("--seconds", "Shortest duration of each of the two runs.", 5, 1, 3_600);
        var killEvery = Inputs.Number("--kill-every-ms", "Time between two crashes of the driver.", 100, 1, 60_000);
        var seed = Inputs.Number("--seed", "Decides where the driver crashes.", 1UL, 0UL, ulong.MaxValue);
        var source = new Option<DirectoryInfo>("--source")
        {
            Description = "The tree to work on; without it the .NET framework's own directory.",
            HelpName = "DIR",
        };
        var command = new Command("demo", "Copies a tree while the disk driver is crashed again and again.")
        {
            json, html, seconds, killEvery, seed, source,
        };
        command.SetAction(parsed => Run(output, parsed.GetValue(json), parsed.GetValue(html), new DemoOptions
        {
            Phase = TimeSpan.FromSeconds(parsed.GetValue(seconds)),
            KillEvery = TimeSpan.FromMilliseconds(parsed.GetValue(killEvery)),
            Seed = parsed.GetValue(seed),
            Source = Inputs.ExistingFolder("--source", parsed.GetValue(source)),
        }));
        return command;
    }

    private static int Run(TextWriter output, FileInfo? json, FileInfo? html, DemoOptions options)
    {
        CheckWritable("--json", json);
        CheckWritable("--html", html);
        var display = DemoDisplay.Create(output);
        DemoReport report = display.Show(progress => new DemoRun(options, progress, TimeProvider.System).Execute());
        display.Print(report);
        if (json is not null)
        {
            File.WriteAllText(json.FullName, JsonReport.Render(report));
        }

        if (html is not null)
        {
            File.WriteAllText(html.FullName, HtmlReport.Render(report));
        }

        return report.HasPassed ? ExitCode.Pass : ExitCode.RunFailure;
    }

    /// <summary>Said before the run, which is long, and not after it.</summary>
    private static void CheckWritable(string option, FileInfo? file)
    {
        try
        {
            file?.Open(FileMode.Append).Dispose();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"{option}: {exception.Message}", ExitCode.Usage);
        }
    }
}
