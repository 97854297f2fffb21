namespace RedLeafSharp.Drivers.E1000e;

/// <summary>What the driver bounds, and why.</summary>
internal static class E1000eLimits
{
    /// <summary>Descriptors of a ring unless a setting says otherwise: 256 frames are 3 ms of full-sized ones at 1 Gbit/s.</summary>
    internal const int RingEntriesDefault = 256;

    /// <summary>A ring's length is a multiple of 8 descriptors (section 10.2.5.4).</summary>
    internal const int RingEntriesMin = 64;

    /// <summary>4,096 descriptors are 16 pages; more would only lengthen queues.</summary>
    internal const int RingEntriesMax = 4096;

    /// <summary>Receive buffers as RCTL.BSIZE can say it: a frame of 1,518 bytes fits one.</summary>
    internal const int ReceiveBufferBytes = 2048;

    /// <summary>Pieces of one frame: 64 KiB in buffers of 2 KiB, a partly used one at each end, and a header apart.</summary>
    internal const int PiecesMax = 35;

    /// <summary>Bytes that one descriptor names: less than what the transmit FIFO holds beside a frame (section 7.2.2).</summary>
    internal const int DescriptorBytesMax = 16 << 10;

    /// <summary>Descriptors that one frame takes: its pieces, those cut for length, and a context.</summary>
    internal const int DescriptorsPerFrameMax = PiecesMax + (SegmentationBytesMax / DescriptorBytesMax) + 1;

    /// <summary>A frame to be cut, with headers: what the length field of IP can say.</summary>
    internal const int SegmentationBytesMax = 65535;

    /// <summary>Headers must end here: their length is told in eight bits (section 7.3.6.2), 240 is what hardware stores.</summary>
    internal const int HeaderBytesMax = 240;

    /// <summary>MTU of a setting: jumbo frames have 9,018 bytes with header and checksum (section 1.5).</summary>
    internal const int MtuMax = 9000;

    /// <summary>Least that IPv4 allows a link (RFC 791 section 3.2).</summary>
    internal const int MtuMin = 68;

    /// <summary>Multicast addresses in exact filters; further ones are matched by a hash, up to <see cref="MulticastMax"/>.</summary>
    internal const int ExactMulticastMax = E1000eSpec.AddressCount - 1;

    /// <summary>Beyond this the hash lets most groups pass, and all may.</summary>
    internal const int MulticastMax = 1024;

    /// <summary>Age of an unsent frame at which the device is reset. A frame takes microseconds; pause frames can stop it for a while.</summary>
    internal const long SendTimeoutMicros = 5_000_000;

    /// <summary>
    /// Time without a frame received after which the device is asked for missed ones. Idle links are asked once in it, and before that in
    /// the middle of the first.
    /// </summary>
    internal const long ReceiveTimeoutMicros = 1_000_000;

    /// <summary>How often, in polls that find nothing, link and health are looked at: a register read costs more than a poll.</summary>
    internal const int IdlePollsPerCheck = 256;

    /// <summary>A reset takes a millisecond, reading the EEPROM afterwards some more (section 4.6.2).</summary>
    internal const long ResetTimeoutMicros = 1_000_000;

    /// <summary>Reads of EERD until a word must be there.</summary>
    internal const int EepromReadsMax = 10_000;

    /// <summary>Pauses while the driver waits for a register.</summary>
    internal const long PauseMicros = 10;

    /// <summary>Resets within <see cref="ResetWindowMicros"/> after which the device counts as failed.</summary>
    internal const int ResetsMax = 3;

    /// <inheritdoc cref="ResetsMax"/>
    internal const long ResetWindowMicros = 60_000_000;
}
