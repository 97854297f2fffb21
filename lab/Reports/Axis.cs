namespace RedLeafSharp.Lab.Reports;

/// <summary>Maps a range of values to a range of pixels.</summary>
internal readonly record struct Axis(double Min, double Max, double FromPixel, double ToPixel)
{
    private const int TicksWanted = 6;

    /// <summary>Values at round steps of 1, 2 or 5 times a power of ten.</summary>
    internal IEnumerable<double> Ticks
    {
        get
        {
            double rough = (Max - Min) / TicksWanted;
            if (rough <= 0)
            {
                yield break;
            }

            double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
            double step = power * (rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
            for (double tick = Math.Ceiling(Min / step) * step; tick <= Max; tick += step)
            {
                yield return tick;
            }
        }
    }

    internal double Pixel(double value) =>
        Max <= Min ? FromPixel : FromPixel + ((value - Min) / (Max - Min) * (ToPixel - FromPixel));
}
