using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.TcpStack.Tcp;

/// <content>What can be known of a connection from outside.</content>
internal sealed partial class TcpConnection
{
    internal void Describe(ref ConnectionInfo info)
    {
        info.RoundTripMicros = rtt.SmoothedMicros;
        info.RoundTripVariationMicros = rtt.VariationMicros;
        info.MinRoundTripMicros = rtt.MinMicros;
        info.TimeoutMicros = rtt.BaseMicros;
        info.CongestionWindowBytes = congestion.Window;
        info.ThresholdBytes = congestion.Threshold;
        info.InFlightBytes = segments.TotalBytes;
        info.SegmentBytesMax = mss;
        info.ReceivedSegmentBytesMax = receiveMss;
        info.SendWindowBytes = sendWindow;
        info.ReceiveWindowBytes = advertisedEdge - receiveNext;
        info.Retransmissions = segments.RetransmittedCount;
        info.SpuriousTimeouts = SpuriousTimeouts;
        info.Backoff = expiries;
        info.SendScale = (byte)sendScale;
        info.ReceiveScale = (byte)receiveScale;
        info.Options = (usesTimestamps ? ConnectionOptions.Timestamps : 0) | (usesSack ? ConnectionOptions.Sack : 0)
            | (usesEcn ? ConnectionOptions.Ecn : 0) | (sendScale + receiveScale > 0 ? ConnectionOptions.WindowScale : 0);
    }
}
