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
        PiecesMax = 4,
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
        Assert.Equal(isAdmitted, Admits(new FrameOffload { Kinds = offloads }, lengthBytes));

    [Theory]
    [InlineData(100, 0)]
    [InlineData(100, -4)]
    [InlineData(100, 65537)]
    [InlineData]
    [InlineData(100, 100, 100, 100, 100)]
    public void Frame_WithPiecesThatCannotBe_IsRefused(params int[] lengths)
    {
        Assert.False(Admits(default, lengths));
        Assert.False(Admits(new FrameOffload { Kinds = TransmitOffloads.Vlan }, lengths));
    }

    [Fact]
    public void Frame_OfSeveral_EndsWhereItsLastPieceIs()
    {
        TransmitEntry[] entries = [.. Entries(new FrameOffload { Kinds = TransmitOffloads.Vlan }, 10, 20), .. Entries(default, 30, 40, 50)];
        Assert.True(Info.Admits(entries, out int first));
        Assert.True(Info.Admits(entries.AsSpan(first), out int second));
        Assert.Equal((3, 3), (first, second));
        Assert.False(Info.Admits([], out _));
        Assert.False(Info.Admits(entries.AsSpan(0, 2), out _));
    }

    [Theory]
    [InlineData(0, EntryFlags.Offload)]
    [InlineData(1, EntryFlags.Offload | EntryFlags.Continues)]
    [InlineData(2, EntryFlags.Offload)]
    [InlineData(2, EntryFlags.Continues)]
    [InlineData(2, (EntryFlags)4)]
    [InlineData(0, (EntryFlags)7)]
    public void Frame_WithAnEntryOutOfPlace_IsRefused(int place, EntryFlags flags)
    {
        TransmitEntry[] entries = Entries(new FrameOffload { Kinds = TransmitOffloads.Vlan }, 100, 100);
        Assert.True(Info.Admits(entries, out _));
        entries[place].Flags = flags;
        Assert.False(Info.Admits(entries, out _));
    }

    [Fact]
    public void Entry_OfAnOffload_SaysAllOfIt()
    {
        var offload = new FrameOffload
        {
            Kinds = Cut | TransmitOffloads.Vlan,
            VlanTag = 0xF123,
            SegmentBytes = 0x8456,
            NetworkHeaderBytes = 0x9789,
            LinkHeaderBytes = 0x8E,
            TransportHeaderBytes = 0xFE,
        };
        Assert.Equal(offload, FrameOffload.Of(offload.Entry));
        TransmitEntry[] entries = Entries(new FrameOffload { Kinds = TransmitOffloads.Vlan }, 100);
        entries[0].LengthBytes |= 1 << 16;
        Assert.False(Info.Admits(entries, out _));
    }

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
        var offload = new FrameOffload
        {
            Kinds = offloads,
            LinkHeaderBytes = 14,
            NetworkHeaderBytes = (ushort)network,
            TransportHeaderBytes = (byte)transport,
            SegmentBytes = (ushort)segmentBytes,
        };
        Assert.Equal(isAdmitted, Admits(offload, lengthBytes));
    }

    [Fact]
    public void Frame_WhoseHeadersLieInTwoPieces_IsRefusedWithOffloads()
    {
        var offload = new FrameOffload
        {
            Kinds = TransmitOffloads.IPv4Checksum,
            LinkHeaderBytes = 14,
            NetworkHeaderBytes = 20,
        };
        Assert.True(Admits(offload, 34, 100));
        Assert.False(Admits(offload, 33, 101));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(31)]
    public void Received_AddedUp_IsJudgedFrameByFrame(int count)
    {
        const int most = 2048;
        var random = new Random(count);
        for (int round = 0; round < 1000; round++)
        {
            ReceivedFrame[] frames = [.. Enumerable.Range(0, count).Select(_ => new ReceivedFrame
            {
                LengthBytes = random.Next(most + 1),
                Flags = (ReceiveFlags)(1 << random.Next(7)),
                VlanTag = (ushort)random.Next(1 << 16),
            })];
            Assert.True(ReceivedFrame.TrySum(frames, most, out long bytes, out ReceiveFlags flags));
            Assert.Equal(frames.Sum(frame => frame.LengthBytes), bytes);
            Assert.Equal(frames.Aggregate(ReceiveFlags.None, (sum, frame) => sum | frame.Flags), flags);
            if (count > 0)
            {
                int[] wrong = [most + 1, -1, int.MinValue, int.MaxValue, random.Next(most + 1, int.MaxValue), random.Next(int.MinValue, 0)];
                frames[random.Next(count)].LengthBytes = wrong[random.Next(wrong.Length)];
                Assert.False(ReceivedFrame.TrySum(frames, most, out _, out _));
            }
        }
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

    private static bool Admits(FrameOffload offload, params int[] lengths)
    {
        TransmitEntry[] entries = Entries(offload, lengths);
        bool isAdmitted = Info.Admits(entries, out int count);
        Assert.True(!isAdmitted || count == entries.Length);
        Assert.True(entries.Length != 1 || Info.AdmitsPlain(in entries[0]) == isAdmitted);
        return isAdmitted;
    }

    private static TransmitEntry[] Entries(FrameOffload offload, params int[] lengths)
    {
        IEnumerable<TransmitEntry> pieces = lengths.Select((length, index) => new TransmitEntry
        {
            LengthBytes = length,
            Flags = index < lengths.Length - 1 ? EntryFlags.Continues : EntryFlags.None,
        });
        return offload.Kinds == TransmitOffloads.None ? [.. pieces] : [offload.Entry, .. pieces];
    }
}
