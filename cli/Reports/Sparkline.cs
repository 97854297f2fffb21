using RedLeafSharp.Cli.Demo;

namespace RedLeafSharp.Cli.Reports;

/// <summary>A throughput curve in one line of text, with a line of crash marks above.</summary>
internal static class Sparkline
{
    private const string Levels = "▁▂▃▄▅▆▇█";

    /// <summary>Bars for samples, averaged to at most <paramref name="width"/> columns; the scale is a full block.</summary>
    internal static string Bars(IReadOnlyList<ThroughputSample> samples, int width, double scale)
    {
        int columns = Math.Min(width, samples.Count);
        return string.Create(columns, (samples, scale), static (text, state) =>
        {
            for (int column = 0; column < text.Length; column++)
            {
                int first = column * state.samples.Count / text.Length;
                int end = (column + 1) * state.samples.Count / text.Length;
                double mean = state.samples.Skip(first).Take(end - first).Average(sample => sample.BytesPerSecond);
                int level = state.scale <= 0 ? 0 : (int)(mean / state.scale * Levels.Length);
                text[column] = Levels[Math.Clamp(level, 0, Levels.Length - 1)];
            }
        });
    }

    /// <summary>A mark over each column in which a crash fell.</summary>
    internal static string Marks(IReadOnlyList<ThroughputSample> samples, int width, IEnumerable<TimeSpan> crashes)
    {
        int columns = Math.Min(width, samples.Count);
        char[] text = [.. Enumerable.Repeat(' ', columns)];
        foreach (TimeSpan crash in crashes)
        {
            int sample = samples.Count(one => one.At < crash);
            if (sample < samples.Count)
            {
                text[sample * columns / samples.Count] = '▼';
            }
        }

        return new string(text);
    }
}
