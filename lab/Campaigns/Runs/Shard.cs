using System.Globalization;

namespace RedLeafSharp.Lab.Campaigns;

/// <summary>A part of a campaign: of every <paramref name="Count"/> trials one, so that all parts are alike.</summary>
/// <param name="Number">Which part: 1 to <paramref name="Count"/>.</param>
/// <param name="Count">How many parts there are.</param>
internal readonly record struct Shard(int Number, int Count)
{
    /// <summary>The campaign in one piece.</summary>
    internal static Shard Whole { get; } = new(1, 1);

    internal bool IsWhole => Count == 1;

    /// <summary>How many of the campaign's trials are in this part.</summary>
    internal long LengthOf(long trials) => (trials - Number + Count) / Count;

    /// <summary>The number of a trial of this part.</summary>
    /// <param name="position">From 0.</param>
    internal long TrialAt(long position) => Number - 1 + (position * Count);

    /// <summary>Reads "2/8".</summary>
    internal static bool TryParse(string text, out Shard shard)
    {
        string[] parts = text.Split('/');
        bool isPart = parts.Length == 2
            & int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            & int.TryParse(parts.ElementAtOrDefault(1), NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            && number >= 1 && number <= count && count <= CampaignLimits.ShardsMax;
        shard = isPart ? new Shard(number, count) : default;
        return isPart;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number}/{Count}");
}
