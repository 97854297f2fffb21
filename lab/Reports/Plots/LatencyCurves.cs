using System.Globalization;
using RedLeafSharp.Lab.Campaigns;
using RedLeafSharp.Lab.Statistics;

namespace RedLeafSharp.Lab.Reports;

/// <summary>Which share of recoveries took at most so long, on a logarithmic scale, a curve for each station.</summary>
internal static class LatencyCurves
{
    private const int Width = 960;
    private const int Height = 280;
    private const int Left = 60;
    private const int Right = 30;
    private const int Top = 30;
    private const int Bottom = 36;
    private const double SmallestMicros = 1;
    private static readonly double[] Marked = [0.5, 0.9, 0.99];

    internal static string Render(CampaignSummary summary)
    {
        var svg = new Svg(Width, Height, "cumulative distribution of recovery times");
        (string Name, IReadOnlyList<double> Sorted)[] curves =
            [.. Latencies.Names.Select(name => (name, summary.Sorted(name))).Where(curve => curve.Item2.Count > 0)];
        if (curves.Length == 0)
        {
            svg.Text(Width / 2.0, Height / 2.0, "middle", "no recoveries");
            return svg.Close();
        }

        double last = Math.Ceiling(Math.Log10(Math.Max(10, curves.Max(curve => curve.Sorted[^1]))));
        var x = new Axis(0, last, Left, Width - Right);
        var y = new Axis(0, 100, Height - Bottom, Top);
        DrawAxes(svg, x, y);
        for (int index = 0; index < curves.Length; index++)
        {
            DrawCurve(svg, curves[index].Name, curves[index].Sorted, index, x, y);
        }

        return svg.Close();
    }

    private static void DrawCurve(Svg svg, string name, IReadOnlyList<double> sorted, int index, Axis x, Axis y)
    {
        svg.Polyline(Steps(sorted, x, y), $"curve curve-{index}");
        svg.Text(Left + 4 + (index * 150), 14, "start", $"{"━┅╍"[index % 3]} {name}, {sorted.Count}");
        foreach (double share in Marked)
        {
            double value = Quantile.Of(sorted, share).Value;
            string tip = string.Create(CultureInfo.InvariantCulture, $"{name}: p{share * 100:0} = {value:0.#} µs");
            svg.Mark(x.Pixel(Position(value)), y.Pixel(share * 100), tip, $"mark-{index}");
        }
    }

    /// <summary>A curve of a million trials is drawn where it moves by a pixel.</summary>
    private static IEnumerable<(double X, double Y)> Steps(IReadOnlyList<double> sorted, Axis x, Axis y)
    {
        (double X, double Y) before = (x.Pixel(Position(sorted[0])), y.Pixel(0));
        yield return before;
        for (int index = 0; index < sorted.Count; index++)
        {
            (double X, double Y) point = (x.Pixel(Position(sorted[index])), y.Pixel(100.0 * (index + 1) / sorted.Count));
            if (point.X - before.X >= 0.5 || before.Y - point.Y >= 0.5 || index == sorted.Count - 1)
            {
                yield return (point.X, before.Y);
                yield return point;
                before = point;
            }
        }
    }

    private static double Position(double micros) => Math.Log10(Math.Max(SmallestMicros, micros));

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
    }

    private static string FormatMicros(double micros) => micros switch
    {
        >= 1e6 => string.Create(CultureInfo.InvariantCulture, $"{micros / 1e6:0.##} s"),
        >= 1e3 => string.Create(CultureInfo.InvariantCulture, $"{micros / 1e3:0.##} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{micros:0.##} µs"),
    };
}
