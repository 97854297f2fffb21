using System.Globalization;
using RedLeafSharp.Cli.Demo;
using RedLeafSharp.Lab.Reports;

namespace RedLeafSharp.Cli.Reports;

/// <summary>Disk throughput over both phases, with a mark for each crash.</summary>
internal static class TimelineChart
{
    private const int Width = 960;
    private const int Height = 260;
    private const int Left = 60;
    private const int Right = 10;
    private const int Top = 24;
    private const int Bottom = 36;
    private const double Mega = 1e6;

    internal static string Render(PhaseResult undisturbed, PhaseResult disturbed, IReadOnlyList<Recovery> recoveries)
    {
        var svg = new Svg(Width, Height, "disk throughput over time, crashes marked");
        ThroughputSample[] all = [.. undisturbed.Samples, .. disturbed.Samples];
        double origin = undisturbed.Start.TotalSeconds;
        double end = (disturbed.Start + disturbed.Duration).TotalSeconds - origin;
        double top = all.Length == 0 ? 1 : all.Max(sample => sample.BytesPerSecond) / Mega;
        var x = new Axis(0, end, Left, Width - Right);
        var y = new Axis(0, top, Height - Bottom, Top);
        DrawAxes(svg, x, y);

        foreach (PhaseResult phase in new[] { undisturbed, disturbed })
        {
            svg.Polyline(
                phase.Samples.Select(sample => (x.Pixel(sample.At.TotalSeconds - origin), y.Pixel(sample.BytesPerSecond / Mega))),
                "curve");
        }

        double border = x.Pixel(disturbed.Start.TotalSeconds - origin);
        svg.Line(border, Top, border, Height - Bottom, "phase");
        foreach (Recovery recovery in recoveries)
        {
            double position = x.Pixel(recovery.At.TotalSeconds - origin);
            svg.Line(position, Top, position, Height - Bottom, "crash");
            svg.Mark(position, Top, Describe(recovery), "crash-mark");
        }

        return svg.Close();
    }

    private static void DrawAxes(Svg svg, Axis x, Axis y)
    {
        foreach (double tick in y.Ticks)
        {
            svg.Line(Left, y.Pixel(tick), Width - Right, y.Pixel(tick), "grid");
            svg.Text(Left - 6, y.Pixel(tick) + 4, "end", tick.ToString("0.##", CultureInfo.InvariantCulture));
        }

        foreach (double tick in x.Ticks)
        {
            svg.Text(x.Pixel(tick), Height - Bottom + 16, "middle", tick.ToString("0.##", CultureInfo.InvariantCulture));
        }

        svg.Line(Left, Height - Bottom, Width - Right, Height - Bottom, "axis");
        svg.Text(Left, 12, "start", "MB/s at the disk");
        svg.Text(Width - Right, Height - 4, "end", "seconds");
    }

    private static string Describe(Recovery recovery) => string.Create(
        CultureInfo.InvariantCulture,
        $"generation {recovery.Generation} after {recovery.Micros:0} µs; {recovery.Cause} {recovery.CrashSite}");
}
