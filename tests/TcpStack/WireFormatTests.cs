using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Wire;
using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

public sealed class WireFormatTests
{
    // The header worked out in Wikipedia's "Internet checksum" article, the usual example: checksum b861.
    private const string KnownIpv4 = "4500007300004000" + "4011b861c0a80001" + "c0a800c7";

    private static readonly MacAddress One = new(0x020000000001);
    private static readonly MacAddress Two = new(0x020000000002);

    [Fact]
    public void Ipv4Header_KnownPacket_IsReadFieldByField()
    {
        byte[] bytes = [.. Convert.FromHexString(KnownIpv4), .. new byte[95]];
        Assert.True(Ipv4Header.TryParse(bytes, out Ipv4Header header));
        Assert.Equal(115, header.TotalBytes);
        Assert.Equal(Ipv4Header.ProtocolUdp, header.Protocol);
        Assert.True(header.DontFragment);
        Assert.False(header.IsFragment);
        Assert.Equal("192.168.0.1", header.Source.ToString());
        Assert.Equal("192.168.0.199", header.Destination.ToString());
    }

    [Fact]
    public void Ipv4Header_WrittenAgain_HasTheSameBytes()
    {
        byte[] bytes = [.. Convert.FromHexString(KnownIpv4), .. new byte[95]];
        Assert.True(Ipv4Header.TryParse(bytes, out Ipv4Header header));
        byte[] written = new byte[20];
        header.Write(written);
        Assert.Equal(KnownIpv4, Convert.ToHexStringLower(written));
    }

    [Theory]
    [InlineData(0, 0x55)]
    [InlineData(0, 0x44)]
    [InlineData(3, 0x72)]
    [InlineData(19, 0xc8)]
    public void Ipv4Header_OneByteChanged_IsRefused(int offset, int value)
    {
        byte[] bytes = [.. Convert.FromHexString(KnownIpv4), .. new byte[95]];
        bytes[offset] = (byte)value;
        Assert.False(Ipv4Header.TryParse(bytes, out _));
    }

    [Fact]
    public void Ipv4Header_PacketCutShort_IsRefused()
    {
        byte[] bytes = [.. Convert.FromHexString(KnownIpv4), .. new byte[94]];
        Assert.False(Ipv4Header.TryParse(bytes, out _));
    }

    [Fact]
    public void EthernetHeader_WithTag_IsReadAndWritten()
    {
        byte[] bytes = Convert.FromHexString("020000000002" + "020000000001" + "8100" + "6064" + "0800");
        Assert.True(EthernetHeader.TryParse(bytes, out EthernetHeader header));
        Assert.Equal((One, Two), (header.Source, header.Destination));
        Assert.Equal((0x6064, EthernetHeader.TypeIpv4, 18), (header.Tag, header.Type, header.HeaderBytes));
        byte[] written = new byte[18];
        header.Write(written);
        Assert.Equal(bytes, written);
        Assert.False(EthernetHeader.TryParse(bytes.AsSpan(0, 17), out _));
    }

    [Fact]
    public void ArpPacket_Request_IsReadAndWritten()
    {
        byte[] bytes = Convert.FromHexString(
            "0001" + "0800" + "06" + "04" + "0001" + "020000000001" + "0a000001" + "000000000000" + "0a000002");
        Assert.True(ArpPacket.TryParse(bytes, out ArpPacket packet));
        Assert.Equal("who-has 10.0.0.2 tell 10.0.0.1", packet.ToString());
        byte[] written = new byte[ArpPacket.LengthBytes];
        packet.Write(written);
        Assert.Equal(bytes, written);
    }

    [Theory]
    [InlineData(1, 6)]
    [InlineData(4, 8)]
    [InlineData(7, 3)]
    public void ArpPacket_OtherKindOrOperation_IsRefused(int offset, int value)
    {
        byte[] bytes = Convert.FromHexString(
            "0001" + "0800" + "06" + "04" + "0001" + "020000000001" + "0a000001" + "000000000000" + "0a000002");
        bytes[offset] = (byte)value;
        Assert.False(ArpPacket.TryParse(bytes, out _));
    }

    [Fact]
    public void Ipv6Header_IsReadAndWritten()
    {
        byte[] bytes = Convert.FromHexString(
            "60012345" + "0004" + "3a" + "ff" + "fe800000000000000000000000000001"
            + "ff020000000000000000000000000001" + "80000000");
        Assert.True(Ipv6Header.TryParse(bytes, out Ipv6Header header));
        Assert.Equal((0x12345U, 4, 58, 255), (header.FlowLabel, header.PayloadBytes, header.NextHeader, header.HopLimit));
        Assert.Equal("fe80::1", header.Source.ToString());
        byte[] written = new byte[Ipv6Header.LengthBytes];
        header.Write(written);
        Assert.Equal(bytes[..40], written);
        Assert.False(Ipv6Header.TryParse(bytes.AsSpan(0, 43), out _));
    }

    [Fact]
    public void Ipv6Header_WithMappedAddress_IsRefused()
    {
        byte[] bytes = Convert.FromHexString(
            "60000000" + "0000" + "3b" + "ff" + "00000000000000000000ffff0a000001" + "fe800000000000000000000000000001");
        Assert.False(Ipv6Header.TryParse(bytes, out _));
    }

    [Fact]
    public void TcpHeader_Syn_IsReadAndWritten()
    {
        // A SYN as Linux sends it: MSS 1460, SACK permitted, timestamps, window scale 7.
        byte[] bytes = Convert.FromHexString(
            "d0ba0050" + "01020304" + "00000000" + "a002faf0" + "00000000"
            + "020405b4" + "0402080a00112233" + "00000000" + "01030307");
        Assert.True(TcpHeader.TryParse(bytes, out TcpHeader header));
        Assert.Equal((53434, 80), (header.SourcePort, header.DestinationPort));
        Assert.Equal((0x01020304U, 40), (header.Sequence, header.HeaderBytes));
        Assert.Equal(TcpFlags.Syn, header.Flags);
        Assert.True(TcpOptions.TryParse(bytes.AsSpan(20), out TcpOptions options));
        Assert.Equal((1460, (byte)7, true), (options.Mss, options.WindowScale, options.IsSackPermitted));
        Assert.Equal(0x00112233U, options.TimestampValue);
        byte[] written = new byte[20];
        header.Write(written);
        Assert.Equal(bytes[..20], written);
    }

    [Fact]
    public void TcpOptions_WithSack_AreReadAsWritten()
    {
        var options = new TcpOptions { HasTimestamps = true, TimestampValue = 1, TimestampEcho = 2 };
        options.AddSack(new SequenceRange(10, 20));
        options.AddSack(new SequenceRange(30, 40));
        options.AddSack(new SequenceRange(0xFFFFFFF0, 5));
        byte[] bytes = new byte[options.LengthBytes];
        options.Write(bytes);
        Assert.Equal(40, bytes.Length);
        Assert.True(TcpOptions.TryParse(bytes, out TcpOptions read));
        Assert.Equal((3, 0xFFFFFFF0U, 5U, 21U), (read.SackCount, read.Sack(2).Start, read.Sack(2).End, read.Sack(2).LengthBytes));
        Assert.Equal((1U, 2U), (read.TimestampValue, read.TimestampEcho));
    }

    [Theory]
    [InlineData("02")]
    [InlineData("0200")]
    [InlineData("0201")]
    [InlineData("020405")]
    [InlineData("0203050505")]
    [InlineData("080a00000000")]
    [InlineData("0509000000010000000200")]
    [InlineData("fd05aabb")]
    public void TcpOptions_Malformed_AreRefused(string hex)
    {
        Assert.False(TcpOptions.TryParse(Convert.FromHexString(hex), out _));
    }

    [Theory]
    [InlineData("00ff")]
    [InlineData("010101")]
    [InlineData("fd04aabb01")]
    public void TcpOptions_PaddingAndUnknown_AreSkipped(string hex)
    {
        Assert.True(TcpOptions.TryParse(Convert.FromHexString(hex), out TcpOptions options));
        Assert.Equal(0, options.LengthBytes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Parsers_RandomBytes_NeitherThrowNorReachBeyond(int seed)
    {
        var random = new Random(seed);
        byte[] bytes = new byte[80];
        int accepted = 0;
        for (int round = 0; round < 200_000; round++)
        {
            random.NextBytes(bytes);
            ReadOnlySpan<byte> part = bytes.AsSpan(0, random.Next(bytes.Length + 1));
            bytes[0] = random.Next(3) == 0 ? (byte)0x45 : bytes[0];
            accepted += EthernetHeader.TryParse(part, out _) ? 1 : 0;
            accepted += ArpPacket.TryParse(part, out _) ? 1 : 0;
            accepted += Ipv4Header.TryParse(part, out _) ? 1 : 0;
            accepted += Ipv6Header.TryParse(part, out _) ? 1 : 0;
            accepted += IcmpHeader.TryParse(part, out _) ? 1 : 0;
            accepted += UdpHeader.TryParse(part, part.Length, out _) ? 1 : 0;
            accepted += TcpOptions.TryParse(part, out _) ? 1 : 0;
            if (TcpHeader.TryParse(part, out TcpHeader tcp))
            {
                accepted++;
                Assert.InRange(tcp.HeaderBytes, 20, part.Length);
            }
        }

        Assert.True(accepted > 1000);
    }

    [Fact]
    public void IpAddress_Networks_AreComparedByPrefix()
    {
        var address = IpAddress.FromV4(10, 1, 2, 3);
        Assert.True(address.IsIn(IpAddress.FromV4(10, 0, 0, 0), 8));
        Assert.False(address.IsIn(IpAddress.FromV4(10, 0, 0, 0), 16));
        Assert.True(address.IsIn(IpAddress.AnyV4, 0));
        Assert.False(address.IsIn(new IpAddress(0, 0), 0));
        Assert.True(new IpAddress(0xfe80000000000001, 7).IsIn(new IpAddress(0xfe80000000000000, 0), 10));
        Assert.False(new IpAddress(0xfe80000000000001, 7).IsIn(new IpAddress(0xfe80000000000000, 0), 64));
    }
}
