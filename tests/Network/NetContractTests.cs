using RedLeafSharp.Contracts;
using Xunit;

namespace RedLeafSharp.Tests.Network;

/// <summary>What the plain data of the network contract decides by itself.</summary>
public class NetContractTests
{
    private const TransmitOffloads Cut = TransmitOffloads.Segmentation | TransmitOffloads.TcpChecksum;

    private static readonly NetDeviceInfo Info = new()
    {
        MtuBytes = 1500,
        SegmentsMax = 4,
        HeaderBytesMax = 240,
        SegmentationBytesMax = 1 << 16,
        Offloads = TransmitOffloads.IPv4Checksum | Cut | TransmitOffloads.UdpChecksum | TransmitOffloads.IPv6
            | TransmitOffloads.Vlan,
    };

    [Theory]
    [InlineData(13, TransmitOffloads.None, false)]
    [InlineData(14, TransmitOffloads.None, true)]
    [InlineData(1518, TransmitOffloads.None, true)]
    [InlineData(1519, TransmitOffloads.None, false)]
    [InlineData(1514, TransmitOffloads.Vlan, true)]
    [InlineData(1515, TransmitOffloads.Vlan, false)]
    public void Frame_WithoutHeaderOffloads_IsJudgedByItsLength(int lengthBytes, TransmitOffloads offloads, bool isAdmitted) =>
        Assert.Equal(isAdmitted, Admits(new TransmitFrame { SegmentCount = 1, Offloads = offloads }, lengthBytes));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 0)]
    [InlineData(-1, 1)]
    [InlineData(1, 1)]
    [InlineData(0, 5)]
    [InlineData(int.MaxValue, 2)]
    public void Frame_WithPiecesThatAreNotThere_IsRefused(int first, int count)
    {
        FrameSegment[] segments = count == 1 && first == 0 ? [] : [new FrameSegment { LengthBytes = 100 }];
        Assert.False(Info.Admits(new TransmitFrame { FirstSegment = first, SegmentCount = count }, segments));
    }

    [Theory]
    [InlineData(100, 0)]
    [InlineData(100, -4)]
    [InlineData(100, 65537)]
    public void Frame_WithAPieceOfNoLength_IsRefused(params int[] lengths) =>
        Assert.False(Admits(new TransmitFrame { SegmentCount = lengths.Length }, lengths));

    [Theory]
    [InlineData(Cut | TransmitOffloads.IPv4Checksum, 20, 20, 1460, 60000, true)]
    [InlineData(Cut | TransmitOffloads.IPv6, 40, 20, 1440, 60000, true)]
    [InlineData(Cut | TransmitOffloads.IPv6, 20, 20, 1440, 60000, false)]
    [InlineData(Cut, 20, 32, 1448, 65536, true)]
    [InlineData(Cut, 20, 32, 1448, 65537, false)]
    [InlineData(Cut, 20, 32, 1449, 60000, false)]
    [InlineData(Cut, 20, 32, 0, 60000, false)]
    [InlineData(Cut, 20, 16, 1448, 60000, false)]
    [InlineData(Cut, 20, 20, 1460, 54, false)]
    [InlineData(TransmitOffloads.Segmentation, 20, 20, 1460, 60000, false)]
    [InlineData(TransmitOffloads.TcpChecksum, 20, 20, 0, 1514, true)]
    [InlineData(TransmitOffloads.TcpChecksum, 20, 20, 0, 1515, false)]
    [InlineData(TransmitOffloads.TcpChecksum, 20, 20, 0, 53, false)]
    [InlineData(TransmitOffloads.TcpChecksum | TransmitOffloads.UdpChecksum, 20, 20, 0, 100, false)]
    [InlineData(TransmitOffloads.UdpChecksum, 20, 8, 0, 42, true)]
    [InlineData(TransmitOffloads.UdpChecksum, 20, 20, 0, 100, false)]
    [InlineData(TransmitOffloads.IPv4Checksum, 24, 0, 0, 60, true)]
    [InlineData(TransmitOffloads.IPv4Checksum | TransmitOffloads.IPv6, 226, 0, 0, 300, true)]
    [InlineData(TransmitOffloads.IPv4Checksum | TransmitOffloads.IPv6, 227, 0, 0, 300, false)]
    [InlineData((TransmitOffloads)64, 20, 20, 0, 100, false)]
    public void Frame_WithHeaderOffloads_IsJudgedByItsHeaders(
        TransmitOffloads offloads, int network, int transport, int segmentBytes, int lengthBytes, bool isAdmitted)
    {
        var frame = new TransmitFrame
        {
            SegmentCount = 1,
            Offloads = offloads,
            LinkHeaderBytes = 14,
            NetworkHeaderBytes = (ushort)network,
            TransportHeaderBytes = (byte)transport,
            SegmentBytes = (ushort)segmentBytes,
        };
        Assert.Equal(isAdmitted, Admits(frame, lengthBytes));
    }

    [Fact]
    public void Frame_WhoseHeadersLieInTwoPieces_IsRefusedWithOffloads()
    {
        var frame = new TransmitFrame
        {
            SegmentCount = 2,
            Offloads = TransmitOffloads.IPv4Checksum,
            LinkHeaderBytes = 14,
            NetworkHeaderBytes = 20,
        };
        Assert.True(Admits(frame, 34, 100));
        Assert.False(Admits(frame, 33, 101));
    }

    [Fact]
    public void MacAddress_FromBytes_KeepsThemInOrder()
    {
        byte[] bytes = [0x52, 0x54, 0x00, 0x12, 0x34, 0x56];
        MacAddress address = MacAddress.From(bytes);
        byte[] copy = new byte[6];
        address.CopyTo(copy);
        Assert.Equal("52:54:00:12:34:56", address.ToString());
        Assert.Equal(bytes, copy);
        Assert.False(address.IsMulticast);
        Assert.True(MacAddress.Broadcast.IsMulticast);
        Assert.True(new MacAddress(0x01005E000001).IsMulticast);
    }

    private static bool Admits(TransmitFrame frame, params int[] lengths) =>
        Info.Admits(frame, [.. lengths.Select(length => new FrameSegment { LengthBytes = length })]);
}
