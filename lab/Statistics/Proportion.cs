using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace RedLeafSharp.Lab.Statistics;

/// <summary>How often something happened in independent trials.</summary>
/// <param name="Events">How often it happened: 0 to <paramref name="Trials"/>.</param>
/// <param name="Trials">How often it could have.</param>
internal readonly record struct Proportion(long Events, long Trials)
{
    /// <summary>The share that was observed; not a number without a trial.</summary>
    internal double Value => (double)Events / Trials;

    /// <summary>
    /// Wilson's score interval (Wilson 1927), which unlike the textbook one keeps its coverage near 0 and 1, where rates of
    /// recovery are.
    /// </summary>
    /// <param name="confidence">Between 0 and 1.</param>
    /// <exception cref="InvalidOperationException">There was no trial, or more events than trials.</exception>
    internal Interval Wilson(double confidence = 0.95)
    {
        Check();
        double z = Normal.InvCDF(0, 1, (1 + confidence) / 2);
        double n = Trials;
        double center = (Value + (z * z / (2 * n))) / (1 + (z * z / n));
        double half = z / (1 + (z * z / n)) * Math.Sqrt((Value * (1 - Value) / n) + (z * z / (4 * n * n)));
        return new Interval(Events == 0 ? 0 : Math.Max(0, center - half), Events == Trials ? 1 : Math.Min(1, center + half));
    }

    /// <summary>
    /// The exact one-sided upper bound (Clopper and Pearson 1934): with a larger rate, so few events would have a probability
    /// below 1 - <paramref name="confidence"/>. Without an event it is close to 3/n at 0.95, the rule of three.
    /// </summary>
    /// <param name="confidence">Between 0 and 1.</param>
    /// <exception cref="InvalidOperationException">There was no trial, or more events than trials.</exception>
    internal double UpperBound(double confidence = 0.95)
    {
        Check();
        return Events == Trials ? 1
            : Events == 0 ? -SpecialFunctions.Expm1(Math.Log(1 - confidence) / Trials)
            : Beta.InvCDF(Events + 1, Trials - Events, confidence);
    }

    private void Check()
    {
        if (Trials <= 0 || Events < 0 || Events > Trials)
        {
            throw new InvalidOperationException($"{Events} events in {Trials} trials have no rate");
        }
    }
}
