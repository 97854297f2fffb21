namespace RedLeafSharp.Domains.TcpStack.Tcp;

/// <summary>Round trips and the retransmission time-out (RFC 6298 section 2).</summary>
internal struct RttEstimator
{
    /// <summary>0 before the first measurement.</summary>
    internal long SmoothedMicros { get; private set; }

    /// <summary>How much round trips differ (RTTVAR).</summary>
    internal long VariationMicros { get; private set; }

    /// <summary>The shortest round trip seen; 0 before the first one.</summary>
    internal long MinMicros { get; private set; }

    /// <summary>The time-out without back-off.</summary>
    internal long BaseMicros;

    internal readonly bool HasSample => SmoothedMicros > 0;

    internal void Add(long rttMicros)
    {
        rttMicros = Math.Max(1, rttMicros);
        MinMicros = MinMicros == 0 ? rttMicros : Math.Min(MinMicros, rttMicros);
        if (SmoothedMicros == 0)
        {
            SmoothedMicros = rttMicros;
            VariationMicros = rttMicros / 2;
        }
        else
        {
            VariationMicros += (Math.Abs(SmoothedMicros - rttMicros) - VariationMicros) / 4;
            SmoothedMicros = Math.Max(1, SmoothedMicros + ((rttMicros - SmoothedMicros) / 8));
        }

        BaseMicros = Math.Clamp(SmoothedMicros + (4 * VariationMicros), TcpSpec.RtoMinMicros, TcpSpec.RtoMaxMicros);
    }

    /// <summary>The time-out after so many expiries in a row (RFC 6298 rule 5.5).</summary>
    internal readonly long WithBackoff(int expiries) => Math.Min(BaseMicros << Math.Min(expiries, 16), TcpSpec.RtoMaxMicros);
}
