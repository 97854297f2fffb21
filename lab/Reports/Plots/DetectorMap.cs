using System.Globalization;
using RedLeafSharp.Lab.Campaigns;

namespace RedLeafSharp.Lab.Reports;

/// <summary>
/// Who noticed which kind of fault first: a cell for each pair, darker the larger its share of the kind's trials.
/// </summary>
internal static class DetectorMap
{
    private const int Width = 960;
    private const int Left = 220;
    private const int Top = 26;
    private const int CellHeight = 22;
    private const double Palest = 0.06;
    private const double Darkest = 0.8;

    internal static string Render(CampaignSummary summary)
    {
        string[] detectors = [.. summary.Detections.Keys.Select(key => key.Detector).Distinct().Order(StringComparer.Ordinal)];
        string[] kinds = [.. summary.Detections.Keys.Select(key => key.Class).Distinct().Order(StringComparer.Ordinal)];
        var svg = new Svg(Width, Top + (CellHeight * Math.Max(1, kinds.Length)) + 8, "who noticed which kind of fault");
        if (kinds.Length == 0)
        {
            svg.Text(Width / 2.0, Top, "middle", "no fault manifested itself");
            return svg.Close();
        }

        double cellWidth = Math.Min(110, (double)(Width - Left) / detectors.Length);
        for (int column = 0; column < detectors.Length; column++)
        {
            svg.Text(Left + ((column + 0.5) * cellWidth), Top - 8, "middle", detectors[column]);
        }

        for (int row = 0; row < kinds.Length; row++)
        {
            DrawRow(svg, summary, detectors, kinds[row], Top + (row * CellHeight), cellWidth);
        }

        return svg.Close();
    }

    private static void DrawRow(Svg svg, CampaignSummary summary, string[] detectors, string kind, double y, double cellWidth)
    {
        svg.Text(Left - 8, y + 15, "end", kind);
        long all = detectors.Sum(detector => summary.Detections.GetValueOrDefault((detector, kind)));
        for (int column = 0; column < detectors.Length; column++)
        {
            long count = summary.Detections.GetValueOrDefault((detectors[column], kind));
            double x = Left + (column * cellWidth);
            string tip = $"{kind}: {detectors[column]} {count} of {all}";
            svg.Rectangle(x, y, cellWidth - 2, CellHeight - 2, "cell", tip, Palest + ((Darkest - Palest) * count / all));
            svg.Text(x + (cellWidth / 2), y + 15, "middle", count == 0 ? "·" : count.ToString(CultureInfo.InvariantCulture));
        }
    }
}
