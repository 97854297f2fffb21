using System.Globalization;
using System.Text.Json;
using RedLeafSharp.Verification;
using Spectre.Console;

namespace RedLeafSharp.Cli.Reports;

/// <summary>A file and what the verifier found in it.</summary>
internal sealed record CheckedFile(string File, VerificationReport Report);

/// <summary>What <c>redleaf check</c> prints.</summary>
internal static class CheckReport
{
    /// <summary>Where there is no terminal: wide enough that a place is not broken.</summary>
    private const int PlainWidth = 160;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    internal static void Table(TextWriter output, IReadOnlyList<CheckedFile> files)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = PlainWidth;
        foreach (CheckedFile file in files)
        {
            if (!file.Report.IsClean)
            {
                console.Write(Violations(file.Report));
            }

            output.WriteLine(Summary(file));
        }
    }

    /// <summary>For programs: all that is known, the same names as in the code.</summary>
    internal static string Json(IReadOnlyList<CheckedFile> files) => JsonSerializer.Serialize(
        files.Select(file => new
        {
            file = file.File,
            clean = file.Report.IsClean,
            methods = file.Report.MethodCount,
            milliseconds = Math.Round(file.Report.Duration.TotalMilliseconds, 1),
            violationCount = file.Report.ViolationCount,
            violations = file.Report.Violations.Select(one => new
            {
                rule = one.Rule,
                member = one.Member,
                ilOffset = one.ILOffset,
                document = one.Document,
                line = one.Line,
                message = one.Message,
            }),
        }),
        Indented);

    private static Table Violations(VerificationReport report)
    {
        Table table = new Table().Border(TableBorder.Square).AddColumns("Rule", "Where", "What");
        foreach (Violation one in report.Violations)
        {
            table.AddRow(one.Rule, Markup.Escape(Where(one)), Markup.Escape(one.Message));
        }

        return table;
    }

    private static string Where(Violation one)
    {
        string offset = one.ILOffset < 0 ? string.Empty : string.Create(CultureInfo.InvariantCulture, $" IL_{one.ILOffset:x4}");
        string line = one.Document is null ? string.Empty : $" ({Path.GetFileName(one.Document)}:{one.Line})";
        return $"{one.Member}{offset}{line}".Trim();
    }

    private static string Summary(CheckedFile file)
    {
        string verdict = file.Report.IsClean ? "clean" : $"rejected, {file.Report.ViolationCount} violations";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{file.File}: {verdict} ({file.Report.MethodCount} methods, {file.Report.Duration.TotalMilliseconds:0} ms)");
    }
}
