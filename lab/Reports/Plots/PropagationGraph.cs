using RedLeafSharp.Lab.Campaigns;

namespace RedLeafSharp.Lab.Reports;

/// <summary>
/// Faults in what (left) were followed by whose death (right); a line is the thicker the more trials it stands for.
/// </summary>
internal static class PropagationGraph
{
    private const int Width = 960;
    private const int Pitch = 36;
    private const int Top = 34;
    private const int LeftNode = 240;
    private const int RightNode = 720;
    private const double WidestPixels = 12;
    private const int LabelColumns = 4;
    private const int LabelPitch = 110;

    internal static string Render(CampaignSummary summary)
    {
        string[] targets = [.. summary.Propagation.Keys.Select(key => key.From).Distinct().Order(StringComparer.Ordinal)];
        string[] dead = [.. summary.Propagation.Keys.Select(key => key.To).Distinct().Order(StringComparer.Ordinal)];
        var svg = new Svg(Width, Top + (Pitch * Math.Max(1, Math.Max(targets.Length, dead.Length))), "how far faults went");
        if (targets.Length == 0)
        {
            svg.Text(Width / 2.0, Top, "middle", "no fault struck");
            return svg.Close();
        }

        svg.Text(LeftNode, 14, "end", "fault in");
        svg.Text(RightNode, 14, "start", "died");
        long most = summary.Propagation.Values.Max();
        int line = 0;
        foreach (((string from, string to), long count) in summary.Propagation.OrderBy(pair => pair.Key))
        {
            double y1 = Y(targets, from);
            double y2 = Y(dead, to);
            string style = from == to || to == CampaignSummary.Nobody ? "contained" : "edge";
            double width = Math.Max(1, WidestPixels * count / most);
            svg.Edge(LeftNode + 8, y1, RightNode - 8, y2, width, style, $"{from} → {to}: {count} trials");

            // Where the curve is still flat, each a little further, so that numbers do not lie upon each other.
            svg.Text(LeftNode + 24 + (line++ % LabelColumns * LabelPitch), y1 - 6, "start", $"{count}× {to}");
        }

        DrawNodes(svg, targets, LeftNode, "end");
        DrawNodes(svg, dead, RightNode, "start");
        return svg.Close();
    }

    private static double Y(string[] nodes, string node) => Top + (Pitch * Array.IndexOf(nodes, node)) + 8;

    private static void DrawNodes(Svg svg, string[] nodes, double x, string anchor)
    {
        foreach (string node in nodes)
        {
            svg.Text(x, Y(nodes, node) + 4, anchor, node);
        }
    }
}
