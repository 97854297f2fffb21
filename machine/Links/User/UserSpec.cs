namespace RedLeafSharp.Machine.Links.User;

/// <summary>Numbers of the protocols that the gateway speaks.</summary>
internal static class UserSpec
{
    // Ethernet and ARP: RFC 826.
    internal const int LinkHeaderBytes = 14;
    internal const ushort TypeIpv4 = 0x0800;
    internal const ushort TypeArp = 0x0806;
    internal const int ArpBytes = 28;
    internal const ushort ArpRequest = 1;
    internal const ushort ArpReply = 2;

    // IPv4: RFC 791 section 3.1.
    internal const int IpHeaderBytes = 20;
    internal const byte ProtocolIcmp = 1;
    internal const byte ProtocolTcp = 6;
    internal const byte ProtocolUdp = 17;
    internal const byte TimeToLive = 64;
    internal const int FragmentMask = 0x3FFF; // MF and the offset.
    internal const ushort DontFragment = 0x4000;
    internal const uint LimitedBroadcast = uint.MaxValue;
    internal const int MtuBytes = 1500;

    // ICMP: RFC 792.
    internal const byte EchoReply = 0;
    internal const byte EchoRequest = 8;
    internal const byte Unreachable = 3;
    internal const byte PortUnreachable = 3;
    internal const int IcmpHeaderBytes = 8;

    // UDP: RFC 768.
    internal const int UdpHeaderBytes = 8;

    // DHCP: RFC 2131 figure 1, RFC 2132.
    internal const int DhcpServerPort = 67;
    internal const int DhcpClientPort = 68;
    internal const int DhcpFixedBytes = 240; // up to and with the magic cookie
    internal const uint DhcpMagic = 0x63825363;
    internal const byte DhcpOptionMask = 1;
    internal const byte DhcpOptionRouter = 3;
    internal const byte DhcpOptionNameServer = 6;
    internal const byte DhcpOptionRequested = 50;
    internal const byte DhcpOptionLease = 51;
    internal const byte DhcpOptionType = 53;
    internal const byte DhcpOptionServer = 54;
    internal const byte DhcpOptionEnd = 255;
    internal const byte DhcpDiscover = 1;
    internal const byte DhcpOffer = 2;
    internal const byte DhcpRequest = 3;
    internal const byte DhcpAcknowledge = 5;
    internal const byte DhcpRefuse = 6;
    internal const byte DhcpInform = 8;
    internal const uint DhcpLeaseSeconds = 86_400;
    internal const int DnsPort = 53;

    // TCP: RFC 9293 section 3.1; options of RFC 9293 section 3.2 and RFC 7323 section 2.
    internal const int TcpHeaderBytes = 20;
    internal const byte Fin = 1;
    internal const byte Syn = 2;
    internal const byte Rst = 4;
    internal const byte Psh = 8;
    internal const byte Ack = 16;
    internal const byte OptionEnd = 0;
    internal const byte OptionNop = 1;
    internal const byte OptionMss = 2;
    internal const byte OptionScale = 3;
    internal const int MssDefault = 536;
    internal const int MssOwn = MtuBytes - IpHeaderBytes - TcpHeaderBytes;
    internal const int ScaleMax = 14;
}
