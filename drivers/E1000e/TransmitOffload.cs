using RedLeafSharp.Contracts;

namespace RedLeafSharp.Drivers.E1000e;

/// <summary>What a frame's offloads are in descriptors: the context that goes before it, and the bits of each piece.</summary>
internal readonly struct TransmitOffload
{
    /// <summary>Offset of the checksum in a TCP header (RFC 9293 section 3.1).</summary>
    private const int TcpChecksumOffset = 16;

    /// <summary>Offset of the checksum in a UDP header (RFC 768).</summary>
    private const int UdpChecksumOffset = 6;

    /// <summary>Offset of the checksum in an IPv4 header (RFC 791 section 3.1).</summary>
    private const int IPv4ChecksumOffset = 10;

    /// <summary>Command bits of a piece of a frame that is finished.</summary>
    internal const uint PlainCommand = TransmitDescriptor.Extension | TransmitDescriptor.TypeData | TransmitDescriptor.InsertLinkChecksum;

    /// <summary>The context, as the device is to find it; all zero when none is needed.</summary>
    internal readonly TransmitDescriptor Context;

    /// <summary>Command bits of each piece.</summary>
    internal readonly uint Command;

    /// <summary>Status half of each piece: options and tag.</summary>
    internal readonly uint Status;

    internal TransmitOffload(in FrameOffload asked, int lengthBytes)
    {
        TransmitOffloads offloads = asked.Kinds;
        Command = PlainCommand;
        if ((offloads & TransmitOffloads.Vlan) != 0)
        {
            Command |= TransmitDescriptor.InsertVlan;
            Status = (uint)asked.VlanTag << 16;
        }

        if ((offloads & TransmitOffloads.Headers) == 0)
        {
            return;
        }

        bool isTcp = (offloads & TransmitOffloads.TcpChecksum) != 0;
        bool hasTransport = isTcp || (offloads & TransmitOffloads.UdpChecksum) != 0;
        bool isIPv4 = (offloads & TransmitOffloads.IPv6) == 0;
        bool isCut = (offloads & TransmitOffloads.Segmentation) != 0;
        bool hasIpChecksum = isIPv4 && (isCut || (offloads & TransmitOffloads.IPv4Checksum) != 0);
        Status |= (hasIpChecksum ? TransmitDescriptor.OptionIp : 0) | (hasTransport ? TransmitDescriptor.OptionTransport : 0);
        Command |= isCut ? TransmitDescriptor.Segmentation : 0;
        Context = MakeContext(in asked, isTcp, isIPv4, isCut, lengthBytes);
    }

    internal bool HasContext => Context.Command != 0;

    private static TransmitDescriptor MakeContext(in FrameOffload asked, bool isTcp, bool isIPv4, bool isCut, int lengthBytes)
    {
        uint ipStart = asked.LinkHeaderBytes;
        uint transportStart = ipStart + asked.NetworkHeaderBytes;
        uint ipOffset = isIPv4 ? ipStart + IPv4ChecksumOffset : 0;
        uint transportOffset = transportStart + (uint)(isTcp ? TcpChecksumOffset : UdpChecksumOffset);

        // The IPv4 checksum ends with its header; that of TCP and UDP with the packet, which is told by 0.
        uint ipEnd = isIPv4 ? transportStart - 1 : 0;
        var context = new TransmitDescriptor
        {
            Address = ipStart | (ipOffset << 8) | (ipEnd << 16) | ((ulong)(transportStart | (transportOffset << 8)) << 32),
            Command = TransmitDescriptor.Extension | (isTcp ? TransmitDescriptor.ContextTcp : 0)
                | (isIPv4 ? TransmitDescriptor.ContextIPv4 : 0),
        };
        if (isCut)
        {
            uint headerBytes = transportStart + asked.TransportHeaderBytes;
            context.Command |= TransmitDescriptor.Segmentation | ((uint)lengthBytes - headerBytes);
            context.Status = (headerBytes << 8) | ((uint)asked.SegmentBytes << 16);
        }

        return context;
    }
}
