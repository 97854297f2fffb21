namespace RedLeafSharp.Contracts;

/// <summary>What a block shadow has gone through; provided beside <see cref="IBlockDevice"/>.</summary>
[DomainContract]
public interface IShadowStatistics
{
    /// <summary>The counts since the shadow was started.</summary>
    /// <param name="context">The caller.</param>
    Reply<ShadowStatistics, BlockError> GetStatistics(CallContext context);
}

/// <summary>Counts of a block shadow.</summary>
public struct ShadowStatistics
{
    /// <summary>Driver generations brought up after the first.</summary>
    public long Recoveries;

    /// <summary>Requests handed to a driver again because its predecessor died with them.</summary>
    public long Replayed;

    /// <summary>Requests handed to the driver again because it had given them up (<see cref="BlockError.Aborted"/>).</summary>
    public long Retried;

    /// <summary>Completions that named no request in flight, or one twice: ignored, and the driver replaced.</summary>
    public long Ignored;

    /// <summary>Requests that had to wait for an earlier one on the same blocks.</summary>
    public long Held;

    /// <summary>Requests accepted.</summary>
    public long Accepted;

    /// <summary>Requests whose completion has been delivered.</summary>
    public long Delivered;

    /// <summary>Longest time from the detection of a fault to the end of the replay, in microseconds.</summary>
    public long RecoveryMicrosMax;

    /// <summary>Whether the driver's restart budget was spent: every request fails now.</summary>
    public bool HasGivenUp;
}
