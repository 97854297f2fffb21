namespace RedLeafSharp.Machine.Links;

/// <summary>
/// A network interface's end of a wire. What is sent goes to whatever the link is; what arrives waits here until the device
/// takes it, and is dropped when too much waits.
/// </summary>
/// <remarks>All of a port runs on the thread that works the device, unless its link says otherwise.</remarks>
internal abstract class LinkPort : IDisposable
{
    /// <summary>Whether the other end is there.</summary>
    internal virtual bool IsUp => true;

    /// <summary>Whether <see cref="Send(ReadOnlySpan{byte}, in FrameState)"/> takes frames that are still to be cut, or whose checksum is still to be made.</summary>
    internal virtual bool TakesUnfinished => false;

    /// <summary>Whether it can be given a frame in pieces.</summary>
    internal virtual bool TakesPieces => false;

    /// <summary>Frames that could not be kept for the device, since the port was made.</summary>
    internal long OverrunCount { get; private protected set; }

    /// <summary>Sends a frame, without the link's checksum. The bytes are read before this returns.</summary>
    internal abstract void Send(ReadOnlySpan<byte> frame, in FrameState state);

    /// <summary>As the other one, for a port that <see cref="TakesPieces"/>.</summary>
    /// <param name="head">The frame's first bytes.</param>
    /// <param name="tail">Those that follow, where they lie.</param>
    /// <param name="state">What is unfinished.</param>
    internal virtual void Send(ReadOnlySpan<byte> head, FramePieces tail, in FrameState state) => throw new NotSupportedException();

    /// <summary>The frame that has arrived first; it stays first until <see cref="Take"/>.</summary>
    /// <param name="frame">Valid until the next call.</param>
    /// <param name="state">What the sender has left to do: a checksum that is known to be right without being there.</param>
    internal abstract bool TryPeek(out ReadOnlySpan<byte> frame, out FrameState state);

    /// <summary>Removes the frame that <see cref="TryPeek"/> has shown.</summary>
    internal abstract void Take();

    /// <summary>A descriptor of the host that can be read when something may have arrived; -1 when there is none.</summary>
    internal virtual int Descriptor => -1;

    /// <summary>Whether time alone will bring something here: a frame that is on its way.</summary>
    internal virtual bool HasInFlight => false;

    /// <summary>When the first of them arrives, by the clock that it goes by; the end of time if none is on its way, or nobody can tell.</summary>
    internal virtual long NextDueMicros => long.MaxValue;

    public virtual void Dispose()
    {
    }
}

/// <summary>
/// What is unfinished in a frame: a checksum that holds the pseudo-header's sum only, and TCP payload for several frames. The
/// same as a virtio-net header says (VIRTIO 1.1 section 5.1.6).
/// </summary>
internal struct FrameState
{
    /// <summary>Whether the checksum is unfinished.</summary>
    internal bool NeedsChecksum;

    /// <summary>Whether the checksum is right, whatever the field holds: received from a sender that left it out.</summary>
    internal bool IsChecksumValid;

    /// <summary>Whether the packet is one of IPv6.</summary>
    internal bool IsIPv6;

    /// <summary>Where the checksummed part begins.</summary>
    internal ushort ChecksumStart;

    /// <summary>Where the checksum is, from <see cref="ChecksumStart"/>.</summary>
    internal ushort ChecksumOffset;

    /// <summary>Length of all headers; with <see cref="SegmentBytes"/>.</summary>
    internal ushort HeaderBytes;

    /// <summary>Payload of each frame; 0 when the frame is one.</summary>
    internal ushort SegmentBytes;
}
