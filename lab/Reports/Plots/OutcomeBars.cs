using System.Globalization;
using RedLeafSharp.Lab.Campaigns;

namespace RedLeafSharp.Lab.Reports;

/// <summary>A bar for each kind of fault, divided by outcome.</summary>
internal static class OutcomeBars
{
    private const int Width = 960;
    private const int Left = 220;
    private const int Right = 70;
    private const int Top = 46;
    private const int BarHeight = 18;
    private const int Pitch = 24;
    private const int LegendPitch = 136;

    internal static string Render(CampaignSummary summary)
    {
        ClassSummary[] lines = [.. summary.Classes.Where(line => line.Counts.Trials > 0)];
        var svg = new Svg(Width, Top + (Pitch * Math.Max(1, lines.Length)) + 8, "outcomes by kind of fault");
        DrawLegend(svg);
        for (int index = 0; index < lines.Length; index++)
        {
            DrawBar(svg, lines[index], Top + (Pitch * index));
        }

        return svg.Close();
    }

    /// <summary>The class of an outcome's colour in the page's style.</summary>
    internal static string StyleOf(Outcome outcome) => $"outcome-{(int)outcome}";

    private static void DrawLegend(Svg svg)
    {
        int perRow = Width / LegendPitch;
        for (int index = 0; index < Outcomes.All.Count; index++)
        {
            Outcome outcome = Outcomes.All[index];
            double x = (index % perRow * LegendPitch) + 4;
            double y = index / perRow * 18;
            svg.Rectangle(x, y, 10, 10, StyleOf(outcome), outcome.Name());
            svg.Text(x + 14, y + 9, "start", outcome.Name());
        }
    }

    private static void DrawBar(Svg svg, ClassSummary line, double y)
    {
        svg.Text(Left - 8, y + 13, "end", line.Name);
        svg.Text(Width - Right + 6, y + 13, "start", line.Counts.Trials.ToString(CultureInfo.InvariantCulture));
        double x = Left;
        foreach (Outcome outcome in Outcomes.All.Where(outcome => line.Counts[outcome] > 0))
        {
            double width = (double)line.Counts[outcome] / line.Counts.Trials * (Width - Left - Right);
            string tip = $"{line.Name}: {outcome.Name()} {line.Counts[outcome]} of {line.Counts.Trials}";
            svg.Rectangle(x, y, width, BarHeight, StyleOf(outcome), tip);
            x += width;
        }
    }
}
