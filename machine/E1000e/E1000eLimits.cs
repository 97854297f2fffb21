namespace RedLeafSharp.Machine.E1000e;

/// <summary>The bounds of the model, and why each has its value.</summary>
internal static class E1000eLimits
{
    /// <summary>Longest frame that is gathered: 64 KiB of TCP segmentation (section 7.2) with headers and a tag.</summary>
    internal const int GatheredBytesMax = (1 << 16) + 256;

    /// <summary>Longest frame on the wire: jumbo frames of 9,018 bytes and a tag (section 1.5); with more the FIFO would be too short.</summary>
    internal const int WireBytesMax = 9022;

    /// <summary>Descriptors that one tail write or step works off; a ring has 65,536 at most, and a step must end.</summary>
    internal const int DescriptorsPerStep = 4096;

    /// <summary>Frames that one step receives: the poll loop has others to serve.</summary>
    internal const int FramesPerStep = 256;

    /// <summary>Words of the EEPROM: 64, of which the address is the first three (section 6.1).</summary>
    internal const int EepromWords = 64;
}
