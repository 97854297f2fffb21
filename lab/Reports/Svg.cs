using System.Globalization;
using System.Net;
using System.Text;

namespace RedLeafSharp.Lab.Reports;

/// <summary>Writes SVG; coordinates are in pixels from the top left corner. Colours come from the page's style.</summary>
internal sealed class Svg
{
    private readonly StringBuilder text = new();

    internal Svg(int width, int height, string title) => text.Append(
        CultureInfo.InvariantCulture,
        $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" aria-label=\"{Escape(title)}\">\n");

    internal static string Escape(string text) => WebUtility.HtmlEncode(text);

    internal void Line(double x1, double y1, double x2, double y2, string style) => text.Append(
        CultureInfo.InvariantCulture,
        $"<line class=\"{style}\" x1=\"{x1:0.#}\" y1=\"{y1:0.#}\" x2=\"{x2:0.#}\" y2=\"{y2:0.#}\"/>\n");

    internal void Polyline(IEnumerable<(double X, double Y)> points, string style)
    {
        text.Append(CultureInfo.InvariantCulture, $"<polyline class=\"{style}\" points=\"");
        foreach ((double x, double y) in points)
        {
            text.Append(CultureInfo.InvariantCulture, $"{x:0.#},{y:0.#} ");
        }

        text.Append("\"/>\n");
    }

    /// <summary>A rectangle with a text that shows when it is pointed at.</summary>
    /// <param name="style">Its class.</param>
    /// <param name="opacity">Of its filling.</param>
    internal void Rectangle(double x, double y, double width, double height, string style, string tip, double opacity = 1) => text.Append(
        CultureInfo.InvariantCulture,
        $"<rect class=\"{style}\" x=\"{x:0.##}\" y=\"{y:0.##}\" width=\"{width:0.##}\" height=\"{height:0.##}\" fill-opacity=\"{opacity:0.###}\">"
            + $"<title>{Escape(tip)}</title></rect>\n");

    /// <summary>A line of some width with a text that shows when it is pointed at.</summary>
    internal void Edge(double x1, double y1, double x2, double y2, double width, string style, string tip) => text.Append(
        CultureInfo.InvariantCulture,
        $"<path class=\"{style}\" stroke-width=\"{width:0.#}\" d=\"M{x1:0.#} {y1:0.#}C{(x1 + x2) / 2:0.#} {y1:0.#} {(x1 + x2) / 2:0.#} {y2:0.#} {x2:0.#} {y2:0.#}\">"
            + $"<title>{Escape(tip)}</title></path>\n");

    /// <summary>A mark with a text that shows when it is pointed at.</summary>
    internal void Mark(double x, double y, string tip, string style) => text.Append(
        CultureInfo.InvariantCulture,
        $"<path class=\"{style}\" d=\"M{x - 4:0.#} {y - 7:0.#}h8l-4 7z\"><title>{Escape(tip)}</title></path>\n");

    internal void Text(double x, double y, string anchor, string content) => text.Append(
        CultureInfo.InvariantCulture, $"<text x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"{anchor}\">{Escape(content)}</text>\n");

    /// <summary>The finished drawing.</summary>
    internal string Close() => text.Append("</svg>\n").ToString();
}
