namespace RedLeafSharp.Contracts;

/// <summary>What a network shadow has gone through; provided beside <see cref="INetDevice"/>.</summary>
[DomainContract]
public interface INetShadowStatistics
{
    /// <summary>The counts since the shadow was started.</summary>
    /// <param name="context">The caller.</param>
    Reply<NetShadowStatistics, NetError> GetShadowStatistics(CallContext context);
}

/// <summary>Counts of a network shadow.</summary>
public struct NetShadowStatistics
{
    /// <summary>Driver generations brought up after the first.</summary>
    public long Recoveries;

    /// <summary>Receive buffers that were posted again because a driver died with them.</summary>
    public long Reposted;

    /// <summary>Frames that were handed to a driver again because its predecessor died with them.</summary>
    public long Resent;

    /// <summary>Frames that were given back unsent because two drivers have died with them.</summary>
    public long Abandoned;

    /// <summary>Times that a driver told of a buffer or frame that it did not have, and was replaced.</summary>
    public long Lies;

    /// <summary>Longest time from the detection of a fault to the end of the recovery, in microseconds.</summary>
    public long RecoveryMicrosMax;

    /// <summary>Whether the driver's restart budget was spent: every call fails now.</summary>
    public bool HasGivenUp;
}
