using System.Globalization;
using RedLeafSharp.Lab.Statistics;

namespace RedLeafSharp.Lab.Campaigns;

/// <summary>Rates as text, always with how sure they are.</summary>
internal static class Rates
{
    /// <summary>"313/317 = 98.74 % [96.81, 99.51]": events, trials, share, Wilson's 95 % interval. Of nothing: a dash.</summary>
    internal static string Text(Proportion share) => share.Trials == 0
        ? "–"
        : string.Create(CultureInfo.InvariantCulture, $"{share.Events}/{share.Trials} = {Percent(share.Value)} % {Text(share.Wilson())}");

    /// <summary>"[96.81, 99.51]", in per cent.</summary>
    internal static string Text(Interval interval) =>
        string.Create(CultureInfo.InvariantCulture, $"[{Percent(interval.Low)}, {Percent(interval.High)}]");

    /// <summary>How often something may happen at most, by the 95 % bound: without an event the rule of three.</summary>
    internal static string Bound(Proportion share) => share.Trials == 0
        ? "–"
        : string.Create(CultureInfo.InvariantCulture, $"{share.Events} (≤ {share.UpperBound():0.0e+0})");

    /// <summary>Two decimals, but never 100 for less than all, nor 0 for more than nothing.</summary>
    private static string Percent(double share)
    {
        double percent = share * 100;
        double rounded = Math.Round(percent, 2);
        int digits = (rounded is 100 && share < 1) || (rounded is 0 && share > 0) ? 5 : 2;
        return percent.ToString("F" + digits, CultureInfo.InvariantCulture);
    }
}
