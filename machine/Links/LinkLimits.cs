namespace RedLeafSharp.Machine.Links;

/// <summary>What the links bound, and why.</summary>
internal static class LinkLimits
{
    /// <summary>
    /// Frames that wait for a device: two of its rings of 256, so that a burst of a whole ring is not lost while the receiver
    /// still works off the last one.
    /// </summary>
    internal const int FramesPerPort = 512;

    /// <summary>Memory of a frame that has to be kept, unless it is longer: an Ethernet frame with a tag.</summary>
    internal const int FrameBytesUsual = 1536;

    /// <summary>Longest frame that another process may send: what a frame uncut by its sender has, with room for its header.</summary>
    internal const int DatagramBytesMax = (1 << 16) + 256;

    /// <summary>Frames on their way through a bad network: 200 ms of full-sized ones at 500 Mbit/s.</summary>
    internal const int FramesInFlightMax = 8192;
}
