namespace RedLeafSharp.Domains.TcpStack.Tcp;

/// <summary>
/// How much may be in the network. This class has what all algorithms share: slow start and the answer to losses
/// (RFC 5681 section 3.1); what they differ in is how the window grows and by how much it shrinks.
/// </summary>
internal abstract class CongestionControl
{
    protected int Mss { get; private set; }

    /// <summary>Bytes that may be in flight.</summary>
    internal int Window { get; set; }

    /// <summary>Below it the window grows by slow start; "arbitrarily high" at first (RFC 5681 section 3.1).</summary>
    internal int Threshold { get; set; } = int.MaxValue;

    internal bool IsInSlowStart => Window < Threshold;

    /// <summary>
    /// The connection knows its MSS: the initial window of RFC 6928, or one segment after a lost SYN (RFC 5681 section 3.1).
    /// </summary>
    internal void Begin(int mss, bool wasSynLost)
    {
        Mss = mss;
        Window = wasSynLost ? mss : Math.Min(TcpSpec.InitialWindowSegments * mss, Math.Max(2 * mss, 14_600));
    }

    internal void SetMss(int mss) => Mss = mss;

    /// <summary>New data has been acknowledged outside of recovery, and the window was used.</summary>
    internal void OnAcknowledged(int bytes, long nowMicros, long rttMicros)
    {
        if (IsInSlowStart)
        {
            // Appropriate byte counting (RFC 3465 section 2.2), bounded so that one ACK opens at most two segments.
            Window += Math.Min(bytes, 2 * Mss);
            return;
        }

        Grow(bytes, nowMicros, rttMicros);
    }

    /// <summary>A loss was detected: the threshold for the recovery that begins now.</summary>
    internal void OnLoss(int flightBytes, long nowMicros) => Threshold = Math.Max(2 * Mss, Reduce(flightBytes, nowMicros));

    /// <summary>The retransmission timer has expired (RFC 5681 section 3.1): start over with one segment.</summary>
    internal void OnTimeout(int flightBytes, bool isFirst, long nowMicros)
    {
        if (isFirst)
        {
            OnLoss(flightBytes, nowMicros);
        }

        Window = Mss;
    }

    /// <summary>
    /// Nothing was sent for longer than a time-out: the window is not what the path has shown lately (RFC 5681 section 4.1).
    /// </summary>
    internal void OnIdle() => Window = Math.Min(Window, TcpSpec.InitialWindowSegments * Mss);

    protected abstract void Grow(int bytes, long nowMicros, long rttMicros);

    protected abstract int Reduce(int flightBytes, long nowMicros);
}

/// <summary>NewReno: one segment more each round trip, half at a loss (RFC 5681 section 3.1).</summary>
internal sealed class NewReno : CongestionControl
{
    private int acknowledged;

    protected override void Grow(int bytes, long nowMicros, long rttMicros)
    {
        acknowledged += bytes;
        if (acknowledged >= Window)
        {
            acknowledged -= Window;
            Window += Mss;
        }
    }

    protected override int Reduce(int flightBytes, long nowMicros)
    {
        acknowledged = 0;
        return flightBytes / 2;
    }
}

/// <summary>
/// CUBIC (RFC 9438): the window follows a cubic of the time since the last loss, and is never below what Reno would have.
/// </summary>
internal sealed class Cubic : CongestionControl
{
    /// <summary>RFC 9438 section 4.6.</summary>
    private const double Beta = 0.7;

    /// <summary>RFC 9438 section 5, in segments per second cubed.</summary>
    private const double C = 0.4;

    private const double AlphaReno = 3 * (1 - Beta) / (1 + Beta);

    private double maxSegments;
    private double renoSegments;
    private double epochSegments;
    private double k;
    private long epochMicros = -1;

    protected override void Grow(int bytes, long nowMicros, long rttMicros)
    {
        double window = (double)Window / Mss;
        if (epochMicros < 0)
        {
            epochMicros = nowMicros;
            epochSegments = window;
            renoSegments = window;
            maxSegments = Math.Max(maxSegments, window);
            k = Math.Cbrt((maxSegments - epochSegments) / C);
        }

        double seconds = (nowMicros - epochMicros) / 1e6;
        double target = Math.Clamp(At(seconds + (rttMicros / 1e6)), window, 1.5 * window);
        double acknowledged = (double)bytes / Mss;
        renoSegments += (renoSegments >= maxSegments ? 1 : AlphaReno) * acknowledged / window;
        double grown = At(seconds) < renoSegments ? renoSegments : window + ((target - window) / window * acknowledged);
        Window = (int)Math.Min(Math.Max(grown, window) * Mss, StackLimits.StreamBytesMax * 2.0);
    }

    protected override int Reduce(int flightBytes, long nowMicros)
    {
        double window = (double)Window / Mss;

        // Fast convergence (RFC 9438 section 4.7): leave room for newcomers when the maximum is falling.
        maxSegments = window < maxSegments ? window * (1 + Beta) / 2 : window;
        epochMicros = -1;
        return (int)(Math.Min(Window, Math.Max(flightBytes, Mss)) * Beta);
    }

    /// <summary>The cubic (RFC 9438 section 4.2).</summary>
    private double At(double seconds) => (C * (seconds - k) * (seconds - k) * (seconds - k)) + maxSegments;
}
