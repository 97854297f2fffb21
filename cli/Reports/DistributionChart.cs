using System.Globalization;
using RedLeafSharp.Lab.Reports;

namespace RedLeafSharp.Cli.Reports;

/// <summary>
/// The cumulative distribution of a set of durations on a logarithmic scale: which share of all took at most so long.
/// </summary>
internal static class DistributionChart
{
    private const int Width = 960;
    private const int Height = 240;
    private const int Left = 60;
    private const int Right = 10;
    private const int Top = 24;
    private const int Bottom = 36;
    private static readonly double[] Marked = [50, 90, 99, 100];

    internal static string Render(Distribution micros)
    {
        var svg = new Svg(Width, Height, "cumulative distribution of recovery times");
        if (micros.Count == 0)
        {
            svg.Text(Width / 2.0, Height / 2.0, "middle", "no recoveries");
            return svg.Close();
        }

        // A recovery takes at least part of a microsecond, so the logarithm is defined.
        double smallest = Math.Max(0.1, micros.Sorted[0]);
        double first = Math.Floor(Math.Log10(smallest));
        double last = Math.Max(first + 1, Math.Ceiling(Math.Log10(Math.Max(smallest, micros.Max))));
        var x = new Axis(first, last, Left, Width - Right);
        var y = new Axis(0, 100, Height - Bottom, Top);
        DrawAxes(svg, x, y);
        svg.Polyline(Steps(micros, x, y, smallest), "curve");
        foreach (double percent in Marked)
        {
            double value = micros.Percentile(percent);
            string label = percent == 100 ? "max" : $"p{percent:0}";
            svg.Mark(
                x.Pixel(Math.Log10(Math.Max(smallest, value))),
                y.Pixel(percent),
                string.Create(CultureInfo.InvariantCulture, $"{label}: {value:0.#} µs"),
                "crash-mark");
        }

        return svg.Close();
    }

    private static IEnumerable<(double X, double Y)> Steps(Distribution micros, Axis x, Axis y, double smallest)
    {
        double before = 0;
        for (int index = 0; index < micros.Count; index++)
        {
            double position = x.Pixel(Math.Log10(Math.Max(smallest, micros.Sorted[index])));
            double share = 100.0 * (index + 1) / micros.Count;
            yield return (position, y.Pixel(before));
            yield return (position, y.Pixel(share));
            before = share;
        }
    }

    private static void DrawAxes(Svg svg, Axis x, Axis y)
    {
        foreach (double percent in new[] { 0.0, 25, 50, 75, 100 })
        {
            svg.Line(Left, y.Pixel(percent), Width - Right, y.Pixel(percent), "grid");
            svg.Text(Left - 6, y.Pixel(percent) + 4, "end", $"{percent:0} %");
        }

        for (double decade = x.Min; decade <= x.Max; decade++)
        {
            svg.Line(x.Pixel(decade), Top, x.Pixel(decade), Height - Bottom, "grid");
            svg.Text(x.Pixel(decade), Height - Bottom + 16, "middle", FormatMicros(Math.Pow(10, decade)));
        }

        svg.Text(Left, 12, "start", "recoveries that took at most");
    }

    private static string FormatMicros(double micros) => micros switch
    {
        >= 1e6 => string.Create(CultureInfo.InvariantCulture, $"{micros / 1e6:0.##} s"),
        >= 1e3 => string.Create(CultureInfo.InvariantCulture, $"{micros / 1e3:0.##} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{micros:0.##} µs"),
    };
}
