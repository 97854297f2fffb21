using System.Globalization;
using RedLeafSharp.Lab.Campaigns;
using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Lab.Reports;

/// <summary>The answers of one trial over its virtual time, with the times of recovery shaded.</summary>
internal static class ThroughputTimeline
{
    private const int Width = 960;
    private const int Height = 280;
    private const int Left = 60;
    private const int Right = 30;
    private const int Top = 30;
    private const int Bottom = 36;

    /// <summary>A recovery shorter than a pixel must be seen all the same.</summary>
    private const double NarrowestPixels = 1.5;

    internal static string Render(JudgedTrial? trial)
    {
        var svg = new Svg(Width, Height, "throughput over time, recovery shaded");
        if (trial?.Result?.Timeline is not { Answers.Count: > 0, BucketMicros: > 0 } timeline)
        {
            svg.Text(Width / 2.0, Height / 2.0, "middle", "the experiment asks for no timeline");
            return svg.Close();
        }

        var x = new Axis(0, (double)timeline.Answers.Count * timeline.BucketMicros / 1e6, Left, Width - Right);
        var y = new Axis(0, Math.Max(1, timeline.Answers.Max()), Height - Bottom, Top);
        foreach (RecoverySpan span in timeline.Recoveries)
        {
            DrawRecovery(svg, span, x);
        }

        DrawAxes(svg, timeline, x, y);
        double Middle(int bucket) => x.Pixel((bucket + 0.5) * timeline.BucketMicros / 1e6);
        svg.Polyline(timeline.Answers.Select((answers, bucket) => (Middle(bucket), y.Pixel(answers))), "curve");
        svg.Text(Left, 14, "start", string.Create(
            CultureInfo.InvariantCulture,
            $"answers in each {timeline.BucketMicros / 1e3:0.###} ms of trial {trial.Trial}; recoveries: {timeline.Recoveries.Count}"));
        return svg.Close();
    }

    private static void DrawRecovery(Svg svg, RecoverySpan span, Axis x)
    {
        double from = x.Pixel(span.FromMicros / 1e6);
        double to = span.ToMicros < 0 ? x.ToPixel : x.Pixel(span.ToMicros / 1e6);
        string end = span.ToMicros < 0 ? "not replaced" : $"replaced after {span.ToMicros - span.FromMicros} µs";
        double width = Math.Max(NarrowestPixels, to - from);
        svg.Rectangle(from, Top, width, Height - Top - Bottom, "recovery", $"died at {span.FromMicros} µs, {end}");
    }

    private static void DrawAxes(Svg svg, TrialTimeline timeline, Axis x, Axis y)
    {
        foreach (double tick in y.Ticks)
        {
            svg.Line(Left, y.Pixel(tick), Width - Right, y.Pixel(tick), "grid");
            svg.Text(Left - 6, y.Pixel(tick) + 4, "end", tick.ToString("0.##", CultureInfo.InvariantCulture));
        }

        foreach (double tick in x.Ticks)
        {
            svg.Text(x.Pixel(tick), Height - Bottom + 16, "middle", tick.ToString("0.####", CultureInfo.InvariantCulture));
        }

        svg.Line(Left, Height - Bottom, Width - Right, Height - Bottom, "axis");
        svg.Text(Width - Right, Height - 4, "end", "seconds of virtual time");
    }
}
