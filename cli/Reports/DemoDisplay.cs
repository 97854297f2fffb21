using RedLeafSharp.Cli.Demo;
using Spectre.Console;

namespace RedLeafSharp.Cli.Reports;

/// <summary>A demonstration on the terminal: live while it runs, and plain lines where nobody watches.</summary>
internal sealed class DemoDisplay
{
    /// <summary>Wide enough that nothing is wrapped in a file.</summary>
    private const int RedirectedWidth = 200;
    private const int ChartColumns = 76;

    private readonly IAnsiConsole console;

    private DemoDisplay(IAnsiConsole console) => this.console = console;

    internal static DemoDisplay Create(TextWriter output)
    {
        bool isTerminal = ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected;
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            Interactive = isTerminal ? InteractionSupport.Detect : InteractionSupport.No,
        });
        if (!isTerminal)
        {
            console.Profile.Width = RedirectedWidth;
        }

        return new DemoDisplay(console);
    }

    /// <summary>Runs the demonstration and shows how it gets on.</summary>
    internal DemoReport Show(Func<IDemoProgress, DemoReport> run) => console.Profile.Capabilities.Interactive
        ? console.Status().Start("redleaf demo", status => run(new LiveProgress(console, status)))
        : run(new LineProgress(console));

    internal void Print(DemoReport report)
    {
        string verdict = report.HasPassed ? "[green]passed[/]" : "[red]failed[/]";
        console.MarkupLine($"\nredleaf demo {verdict}\n");
        console.MarkupLine("[bold]THRESHOLDS[/]");
        foreach (Threshold threshold in report.Thresholds)
        {
            string mark = threshold.IsMet ? "[green]✓[/]" : "[red]✗[/]";
            string text = $"{threshold.Name,-36} {threshold.Measured,-14} required: {threshold.Required}";
            console.MarkupLine($"  {mark} {Markup.Escape(text)}");
        }

        PrintPairs("RESULTS", DemoFigures.Results(report));
        PrintTimeline(report);
        PrintPairs("ENVIRONMENT", DemoFigures.Environment(report));
    }

    private void PrintPairs(string title, IEnumerable<(string Name, string Text)> pairs)
    {
        console.MarkupLine($"\n[bold]{title}[/]");
        foreach ((string name, string text) in pairs)
        {
            console.WriteLine($"  {name,-26} {text}");
        }
    }

    private void PrintTimeline(DemoReport report)
    {
        double scale = report.Undisturbed.Samples.Concat(report.Disturbed.Samples)
            .Select(sample => sample.BytesPerSecond).DefaultIfEmpty().Max();
        string height = CommandLine.ByteSize.Format(scale);
        console.MarkupLine($"\n[bold]DISK THROUGHPUT[/] (full height {height}/s, ▼ the driver crashed)");
        console.WriteLine($"  undisturbed {Sparkline.Bars(report.Undisturbed.Samples, ChartColumns, scale)}");
        string marks = Sparkline.Marks(report.Disturbed.Samples, ChartColumns, report.Recoveries.Select(recovery => recovery.At));
        console.MarkupLine($"              [red]{marks}[/]");
        console.WriteLine($"  disturbed   {Sparkline.Bars(report.Disturbed.Samples, ChartColumns, scale)}");
    }

    /// <summary>A line for each step that has ended, a moving one for the step under way.</summary>
    private sealed class LiveProgress(IAnsiConsole console, StatusContext status) : IDemoProgress
    {
        private string step = "";

        public void Begin(string step)
        {
            this.step = step;
            Update("");
        }

        public void Update(string detail) => status.Status($"{Markup.Escape(step)}  {Markup.Escape(detail)}");

        public void End(string result) => console.WriteLine($"{step,-32} {result}".TrimEnd());
    }

    private sealed class LineProgress(IAnsiConsole console) : IDemoProgress
    {
        private string step = "";

        public void Begin(string step) => this.step = step;

        public void Update(string detail)
        {
        }

        public void End(string result) => console.WriteLine($"{step,-32} {result}".TrimEnd());
    }
}
