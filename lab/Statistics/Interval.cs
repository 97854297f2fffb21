namespace RedLeafSharp.Lab.Statistics;

/// <summary>A closed interval.</summary>
/// <param name="Low">Its lower end.</param>
/// <param name="High">Its upper end; not below <paramref name="Low"/>.</param>
internal readonly record struct Interval(double Low, double High)
{
    internal bool Contains(double value) => value >= Low && value <= High;
}
