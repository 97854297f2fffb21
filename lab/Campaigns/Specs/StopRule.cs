namespace RedLeafSharp.Lab.Campaigns;

/// <summary>When a campaign ends before its last trial.</summary>
/// <remarks>
/// It is decided on the trials before and including one, in their order. So a campaign stops at the same trial whoever ran which
/// part of it; a shard, which does not see the others' trials, does not stop early, and the merge cuts off what is behind the
/// stop.
/// </remarks>
/// <param name="Activated">Behind so many trials with a fault that struck; null: not for that.</param>
/// <param name="OnFirst">Behind the first trial that ends so.</param>
internal sealed record StopRule(long? Activated, IReadOnlyList<Outcome> OnFirst)
{
    internal static StopRule Parse(SpecFields fields) => new(
        fields.OptionalNumber("activated"), [.. fields.Texts("onFirst").Select(Outcomes.Parse)]);

    /// <summary>Whether the campaign ends behind a trial.</summary>
    /// <param name="last">How it ended.</param>
    /// <param name="activated">How many trials there were with a fault that struck, this one included.</param>
    internal bool IsReached(Outcome last, long activated) => OnFirst.Contains(last) || activated >= Activated;
}
