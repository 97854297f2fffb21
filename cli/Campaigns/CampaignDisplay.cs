using RedLeafSharp.Lab.Campaigns;
using RedLeafSharp.Lab.Reports;
using Spectre.Console;

namespace RedLeafSharp.Cli.Campaigns;

/// <summary>A campaign on the terminal: a moving line while it runs, a line for each tenth where nobody watches, goals at the end.</summary>
internal sealed class CampaignDisplay
{
    /// <summary>Wide enough that nothing is wrapped in a file.</summary>
    private const int RedirectedWidth = 240;
    private const int LinesOfAFile = 10;
    private static readonly TimeSpan RefreshEvery = TimeSpan.FromMilliseconds(200);

    private readonly TextWriter output;
    private readonly TimeProvider time;
    private readonly bool isTerminal;
    private readonly IAnsiConsole console;
    private readonly long start;
    private long shownAt;
    private long firstTrials = -1;
    private long shownTenth;

    internal CampaignDisplay(TextWriter output, TimeProvider time)
    {
        this.output = output;
        this.time = time;
        isTerminal = ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected;
        console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            Interactive = InteractionSupport.No,
        });
        if (!isTerminal)
        {
            console.Profile.Width = RedirectedWidth;
        }

        start = shownAt = time.GetTimestamp();
    }

    /// <summary>Shows how far it is, unless that has just been shown.</summary>
    internal void Update(CampaignTally tally, long trials)
    {
        long done = tally.Counts.Trials;
        firstTrials = firstTrials < 0 ? done - 1 : firstTrials;
        long tenth = trials == 0 ? 0 : done * LinesOfAFile / trials;
        bool isDue = isTerminal ? time.GetElapsedTime(shownAt) >= RefreshEvery : tenth > shownTenth;
        if (isDue)
        {
            shownAt = time.GetTimestamp();
            shownTenth = tenth;
            double seconds = time.GetElapsedTime(start).TotalSeconds;
            Show(LiveLine.Format(tally, trials, seconds > 0 ? (done - firstTrials) / seconds : 0));
        }
    }

    /// <summary>Shows where it stands, whatever was shown before.</summary>
    internal void Finish(CampaignTally tally, long trials)
    {
        Show(LiveLine.Format(tally, trials, 0));
        if (isTerminal)
        {
            output.WriteLine();
        }
    }

    /// <summary>The goals, and how to repeat what went wrong.</summary>
    internal void Print(CampaignSummary summary, CampaignTally tally, string run)
    {
        IReadOnlyList<GoalVerdict> verdicts = GoalVerdict.Judge(summary);
        console.MarkupLine("\n[bold]THRESHOLDS[/]");
        foreach (GoalVerdict verdict in verdicts)
        {
            string mark = verdict.IsMet ? "[green]✓[/]" : "[red]✗[/]";
            console.MarkupLine($"  {mark} {Markup.Escape($"{verdict.Name,-44} {verdict.Measured,-40} required: {verdict.Required}")}");
        }

        console.MarkupLine("\n[bold]OUTCOMES[/]");
        foreach (Outcome outcome in Outcomes.All.Where(outcome => summary.All.Counts[outcome] > 0))
        {
            string share = Rates.Text(summary.All.Counts.Share(outcome, Denominator.Injected));
            console.WriteLine($"  {outcome.Name(),-16} {(outcome.IsInjected() ? share : summary.All.Counts[outcome].ToString())}");
        }

        PrintFailures(tally, run);
    }

    private void PrintFailures(CampaignTally tally, string run)
    {
        if (tally.FailureCount == 0)
        {
            return;
        }

        console.MarkupLine("\n[bold]NOTICED BY THE WORKLOAD[/]");
        foreach (JudgedTrial trial in tally.Failures)
        {
            output.WriteLine($"  {trial.Outcome.Name(),-16} {trial.Class}: {trial.Detail}");
            output.WriteLine($"    {CampaignTables.ReplayCommand(run, trial.Trial)}");
        }

        if (tally.FailureCount > tally.Failures.Count)
        {
            output.WriteLine($"  and {tally.FailureCount - tally.Failures.Count} more: {Path.Combine(run, CampaignReports.Markdown)}");
        }
    }

    private void Show(string line)
    {
        if (isTerminal)
        {
            int width = Math.Max(20, Console.WindowWidth - 1);
            output.Write($"\r{(line.Length > width ? line[..width] : line)}\u001b[K");
            output.Flush();
        }
        else
        {
            output.WriteLine(line);
        }
    }
}
