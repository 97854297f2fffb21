using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Ip;

/// <summary>Looks past the extension headers of IPv6 (RFC 8200 section 4) without doing what they ask for.</summary>
internal static class ExtensionHeaders
{
    /// <summary>What the lengths of the headers count in.</summary>
    internal const int UnitBytes = 8;

    /// <summary>The protocol of a packet, and where its header lies; offset 0 when there is none, or it is not in these bytes.</summary>
    /// <param name="packet">From the fixed header on.</param>
    /// <param name="offset">The offset.</param>
    internal static byte FindTransport(ReadOnlySpan<byte> packet, out int offset)
    {
        byte protocol = FindTransport(packet[Ipv6Header.NextHeaderOffset], packet[Ipv6Header.LengthBytes..], out offset);
        offset = offset < 0 ? 0 : offset + Ipv6Header.LengthBytes;
        return protocol;
    }

    /// <summary>
    /// Whether all headers up to the transport's are in the first fragment (RFC 7112 section 5): what filters look at has to be there.
    /// </summary>
    internal static bool IsWholeChain(byte nextHeader, ReadOnlySpan<byte> bytes)
    {
        byte protocol = FindTransport(nextHeader, bytes, out int offset);
        int headerBytes = protocol switch
        {
            Ipv4Header.ProtocolTcp => TcpHeader.LengthBytes,
            Ipv4Header.ProtocolUdp => UdpHeader.LengthBytes,
            Ipv6Header.NextIcmp => IcmpHeader.LengthBytes,
            _ => 0,
        };
        return offset >= 0 && bytes.Length >= offset + headerBytes;
    }

    private static byte FindTransport(byte nextHeader, ReadOnlySpan<byte> bytes, out int offset)
    {
        offset = 0;
        for (int count = 0; count <= StackLimits.ExtensionHeadersMax; count++)
        {
            bool isExtension = nextHeader is Ipv6Header.NextHopByHop or Ipv6Header.NextRouting or Ipv6Header.NextFragment
                or Ipv6Header.NextDestination;
            if (!isExtension)
            {
                return nextHeader;
            }

            // Of later fragments nothing can be known.
            if (bytes.Length < offset + UnitBytes
                || (nextHeader == Ipv6Header.NextFragment
                    && FragmentHeader.TryParse(bytes[offset..], out FragmentHeader fragment) && fragment.OffsetBytes > 0))
            {
                break;
            }

            byte before = nextHeader;
            nextHeader = bytes[offset];
            offset += before == Ipv6Header.NextFragment ? FragmentHeader.LengthBytes : (bytes[offset + 1] + 1) * UnitBytes;
        }

        offset = -1;
        return Ipv6Header.NextNone;
    }
}
