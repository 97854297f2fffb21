using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using RedLeafSharp.Machine.Links;
using RedLeafSharp.Machine.Links.User;
using Xunit;

namespace RedLeafSharp.Tests.Network;

/// <summary>What the gateway of a user link answers, frame by frame.</summary>
public sealed class GatewayTests : IDisposable
{
    private readonly UserLink link;
    private readonly Socket server;
    private readonly int port;

    public GatewayTests()
    {
        server = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        server.ReceiveTimeout = 30_000;
        port = ((IPEndPoint)server.LocalEndPoint!).Port;
        var network = new UserNetwork
        {
            Reachable = new HashSet<int> { port },
            Resolver = new IPEndPoint(IPAddress.Loopback, port),
        };
        link = new UserLink(network, () => 0);
    }

    public void Dispose()
    {
        link.Dispose();
        server.Dispose();
    }

    [Fact]
    public void Arp_ForTheGateway_IsAnswered()
    {
        byte[] arp = new byte[28];
        BinaryPrimitives.WriteUInt64BigEndian(arp, 0x0001_0800_0604_0001);
        BinaryPrimitives.WriteUInt64BigEndian(arp.AsSpan(8), Frames.Other << 16);
        BinaryPrimitives.WriteUInt32BigEndian(arp.AsSpan(14), UserNetwork.Guest);
        BinaryPrimitives.WriteUInt32BigEndian(arp.AsSpan(24), UserNetwork.Gateway);
        link.Send(Frames.Ethernet(0xFFFF_FFFF_FFFF, 0x0806, arp), default);
        ReadOnlySpan<byte> reply = Next();
        Assert.Equal(2, BinaryPrimitives.ReadUInt16BigEndian(reply[20..]));
        Assert.Equal(UserNetwork.Station, BinaryPrimitives.ReadUInt64BigEndian(reply[22..]) >> 16);
        Assert.Equal(UserNetwork.Gateway, BinaryPrimitives.ReadUInt32BigEndian(reply[28..]));
        BinaryPrimitives.WriteUInt32BigEndian(arp.AsSpan(24), UserNetwork.Gateway + 50);
        link.Send(Frames.Ethernet(0xFFFF_FFFF_FFFF, 0x0806, arp), default);
        Assert.False(link.TryPeek(out _, out _));
    }

    [Fact]
    public void Ping_OfTheGateway_IsAnsweredWithItsData()
    {
        byte[] data = Frames.Pattern(64, 1);
        (data[0], data[1], data[2], data[3]) = (8, 0, 0, 0);
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(2), (ushort)~Frames.Sum(data));
        Send(1, data, UserNetwork.Gateway);
        ReadOnlySpan<byte> reply = Next();
        Assert.Equal(0, reply[34]);
        Assert.Equal(data[4..], reply[38..].ToArray());
        Assert.Equal(0xFFFF, Frames.Sum(reply[34..]));
    }

    [Fact]
    public void Dhcp_Conversation_GivesTheAddress()
    {
        SendDhcp(1, requested: 0);
        AssertOffered(Next(), type: 2);
        SendDhcp(3, UserNetwork.Guest);
        AssertOffered(Next(), type: 5);
        SendDhcp(3, UserNetwork.Guest + 1);
        Assert.Equal(6, Option(Next(), 53)[0]);
        Assert.False(link.TryPeek(out _, out _));
    }

    [Fact]
    public void Question_ToTheNameServer_GoesToTheHosts()
    {
        SendUdp(UserNetwork.NameServer, 53, "who"u8);
        byte[] buffer = new byte[100];
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        Assert.Equal(3, server.ReceiveFrom(buffer, ref from));
        server.SendTo("he"u8.ToArray(), from);
        ReadOnlySpan<byte> reply = Next();
        Assert.Equal(UserNetwork.NameServer, BinaryPrimitives.ReadUInt32BigEndian(reply[26..]));
        Assert.Equal(53, BinaryPrimitives.ReadUInt16BigEndian(reply[34..]));
        Assert.Equal("he"u8, reply[42..]);
        Assert.True(Frames.IsRight(reply));
    }

    [Fact]
    public void Datagram_ToAPortThatMayNotBeReached_IsAnsweredByIcmp()
    {
        SendUdp(UserNetwork.Gateway, port == 9 ? 10 : 9, "?"u8);
        ReadOnlySpan<byte> reply = Next();
        Assert.Equal(1, reply[23]);
        Assert.Equal((3, 3), (reply[34], reply[35]));
        SendUdp(UserNetwork.Gateway, port, "!"u8);
        Assert.Equal(1, server.Receive(new byte[10]));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 7)]
    [InlineData(6, 19)]
    [InlineData(17, 0)]
    [InlineData(17, 7)]
    public void Packet_TooShortForItsProtocol_IsDroppedThoughItsSumIsLeftOut(byte protocol, int lengthBytes)
    {
        byte[] payload = new byte[lengthBytes];
        payload.AsSpan().Fill(8);
        Send(protocol, payload, UserNetwork.Gateway, needsChecksum: true);
        Assert.False(link.TryPeek(out _, out _));
    }

    [Fact]
    public void RandomFrames_AreSurvived()
    {
        var random = new Random(1);
        byte[] frame = new byte[1514];
        for (int round = 0; round < 50_000; round++)
        {
            random.NextBytes(frame);
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), round % 8 == 0 ? (ushort)0x0806 : (ushort)0x0800);
            frame[14] = 0x45;
            int length = random.Next(frame.Length + 1);
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(16), (ushort)Math.Max(length - 14, 0));
            frame.AsSpan(20, 4).Clear();
            frame[23] = (byte)(round % 3 == 0 ? 6 : round % 3 == 1 ? 17 : 1);
            BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(30), UserNetwork.Gateway);
            frame.AsSpan(24, 2).Clear();
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(24), (ushort)~Frames.Sum(frame.AsSpan(14, 20)));
            link.Send(frame.AsSpan(0, length), new FrameState { NeedsChecksum = true });
            if (link.TryPeek(out _, out _))
            {
                link.Take();
            }
        }
    }

    private byte[] Next()
    {
        SpinWait.SpinUntil(() => link.TryPeek(out _, out _), TimeSpan.FromSeconds(30));
        Assert.True(link.TryPeek(out ReadOnlySpan<byte> frame, out _));
        byte[] copy = frame.ToArray();
        link.Take();
        return copy;
    }

    private void Send(
        byte protocol, ReadOnlySpan<byte> payload, uint destination, uint source = UserNetwork.Guest, bool needsChecksum = false)
    {
        byte[] packet = new byte[20 + payload.Length];
        packet[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        packet[8] = 64;
        packet[9] = protocol;
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(12), source);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(16), destination);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), (ushort)~Frames.Sum(packet.AsSpan(0, 20)));
        payload.CopyTo(packet.AsSpan(20));
        link.Send(Frames.Ethernet(UserNetwork.Station, 0x0800, packet), new FrameState { NeedsChecksum = needsChecksum });
    }

    private void SendUdp(uint destination, int destinationPort, ReadOnlySpan<byte> data, int sourcePort = 4000, uint source = UserNetwork.Guest)
    {
        byte[] datagram = new byte[8 + data.Length];
        BinaryPrimitives.WriteUInt16BigEndian(datagram, (ushort)sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(2), (ushort)destinationPort);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(4), (ushort)datagram.Length);
        data.CopyTo(datagram.AsSpan(8));
        Send(17, datagram, destination, source);
    }

    private void SendDhcp(byte type, uint requested)
    {
        byte[] message = new byte[252];
        message[0] = 1;
        message[1] = 1;
        message[2] = 6;
        message[4] = 0x77;
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(236), 0x63825363);
        byte[] options = [53, 1, type, 50, 4, 0, 0, 0, 0, 255];
        BinaryPrimitives.WriteUInt32BigEndian(options.AsSpan(5), requested);
        options.CopyTo(message, 240);
        SendUdp(uint.MaxValue, 67, message, sourcePort: 68, source: 0);
    }

    private static void AssertOffered(byte[] frame, byte type)
    {
        Assert.Equal(0x77, frame[42 + 4]);
        Assert.Equal(UserNetwork.Guest, BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(42 + 16)));
        Assert.Equal(type, Option(frame, 53)[0]);
        Assert.Equal(0xFFFFFF00, BinaryPrimitives.ReadUInt32BigEndian(Option(frame, 1)));
        Assert.Equal(UserNetwork.Gateway, BinaryPrimitives.ReadUInt32BigEndian(Option(frame, 3)));
        Assert.Equal(UserNetwork.NameServer, BinaryPrimitives.ReadUInt32BigEndian(Option(frame, 6)));
        Assert.True(Frames.IsRight(frame));
    }

    private static byte[] Option(byte[] frame, byte code)
    {
        int at = 42 + 240;
        while (frame[at] != code)
        {
            Assert.NotEqual(255, frame[at]);
            at += 2 + frame[at + 1];
        }

        return frame[(at + 2)..(at + 2 + frame[at + 1])];
    }
}
