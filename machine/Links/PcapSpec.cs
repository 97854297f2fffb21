namespace RedLeafSharp.Machine.Links;

/// <summary>The pcap file format (draft-ietf-opsawg-pcap): a header, then each packet with a header of its own.</summary>
internal static class PcapSpec
{
    /// <summary>Magic number of a file with microseconds, written by a host of the reader's byte order (section 4).</summary>
    internal const uint MagicMicroseconds = 0xA1B2C3D4;

    /// <summary>The same with nanoseconds.</summary>
    internal const uint MagicNanoseconds = 0xA1B23C4D;

    internal const int FileHeaderBytes = 24;
    internal const int VersionOffset = 4;
    internal const int SnapLengthOffset = 16;
    internal const int LinkTypeOffset = 20;
    internal const ushort VersionMajor = 2;
    internal const ushort VersionMinor = 4;

    /// <summary>LINKTYPE_ETHERNET; the upper half of the field holds other things.</summary>
    internal const int LinkTypeEthernet = 1;

    /// <summary>A packet's header: seconds, fraction, bytes in the file, bytes on the wire (section 5).</summary>
    internal const int RecordHeaderBytes = 16;

    internal const int FractionOffset = 4;
    internal const int CapturedOffset = 8;
    internal const int OriginalOffset = 12;
}
