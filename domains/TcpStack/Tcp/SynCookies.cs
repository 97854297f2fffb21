using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Tcp;

/// <summary>
/// SYN cookies (Bernstein 1996; RFC 4987 section 3.6): under a flood of SYNs nothing is kept, and all that is needed stands in
/// the
/// sequence number of the SYN-ACK: a counter of minutes, the MSS, and a keyed hash. Other options go into the timestamp.
/// </summary>
internal sealed class SynCookies(KeyedHash hash)
{
    private const long CounterMicros = 64_000_000;
    private const uint OptionMask = 0x3F;
    private const uint NoScale = 15;
    private const uint SackBit = 16;

    /// <summary>The MSS values that most peers have, in ascending order.</summary>
    private static readonly ushort[] MssTable = [536, 1200, 1300, 1380, 1440, 1452, 1460, 8960];

    internal uint Make(in FlowKey flow, uint peerSequence, int mss, long nowMicros)
    {
        int index = 0;
        while (index + 1 < MssTable.Length && MssTable[index + 1] <= mss)
        {
            index++;
        }

        uint counter = (uint)(nowMicros / CounterMicros);
        return (counter << 27) | ((uint)index << 24) | HashOf(in flow, peerSequence, counter);
    }

    /// <summary>Whether an ACK answers a cookie of the last two minutes.</summary>
    internal bool TryRead(in FlowKey flow, in TcpSegment segment, long nowMicros, out int mss)
    {
        uint cookie = segment.Header.Acknowledgment - 1;
        uint counter = (uint)(nowMicros / CounterMicros);
        mss = MssTable[(cookie >> 24) & 7];
        for (uint age = 0; age < 2; age++)
        {
            if (cookie >> 27 == ((counter - age) & 31)
                && (cookie & 0xFF_FFFF) == HashOf(in flow, segment.Start - 1, counter - age))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The timestamp of the SYN-ACK: not later than the clock's, with the options in its low bits.</summary>
    internal static uint EncodeOptions(in TcpOptions options, uint timestamp)
    {
        uint scale = options.HasWindowScale ? Math.Min(options.WindowScale, 14U) : NoScale;
        uint bits = scale | (options.IsSackPermitted ? SackBit : 0);
        uint encoded = (timestamp & ~OptionMask) | bits;
        return Sequence.IsAfter(encoded, timestamp) ? encoded - (OptionMask + 1) : encoded;
    }

    internal static CookieOptions DecodeOptions(in TcpOptions options) => options.HasTimestamps
        ? new CookieOptions
        {
            HasTimestamps = true,
            IsSackPermitted = (options.TimestampEcho & SackBit) != 0,
            HasWindowScale = (options.TimestampEcho & NoScale) != NoScale,
            WindowScale = (int)((options.TimestampEcho & NoScale) == NoScale ? 0 : options.TimestampEcho & NoScale),
        }
        : default;

    private uint HashOf(in FlowKey flow, uint peerSequence, uint counter) =>
        (uint)hash.Of(hash.Of(in flow, purpose: 0xc0), peerSequence, counter) & 0xFF_FFFF;
}

/// <summary>What a cookie has kept of a SYN's options.</summary>
internal struct CookieOptions
{
    internal bool HasTimestamps;
    internal bool IsSackPermitted;
    internal bool HasWindowScale;
    internal int WindowScale;
}
