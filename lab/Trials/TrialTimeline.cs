namespace RedLeafSharp.Lab.Trials;

/// <summary>How a trial went on over its virtual time.</summary>
/// <param name="BucketMicros">The length of a bucket.</param>
/// <param name="Answers">Operations that were answered without an error in each bucket, from the begin of the first round.</param>
/// <param name="Recoveries">The times from a death until the next generation took over, counted from the same moment.</param>
internal sealed record TrialTimeline(long BucketMicros, IReadOnlyList<long> Answers, IReadOnlyList<RecoverySpan> Recoveries);

/// <summary>A recovery.</summary>
/// <param name="FromMicros">The death.</param>
/// <param name="ToMicros">When the next generation took over; -1 if none did.</param>
internal sealed record RecoverySpan(long FromMicros, long ToMicros);
