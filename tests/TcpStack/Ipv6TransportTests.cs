using System.Buffers.Binary;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Ip;
using RedLeafSharp.Domains.TcpStack.Tcp;
using RedLeafSharp.Domains.TcpStack.Udp;
using RedLeafSharp.Domains.TcpStack.Wire;
using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>TCP and UDP over IPv6: lengths, sums, errors, path MTU (RFC 8201), sources (RFC 6724).</summary>
public sealed class Ipv6TransportTests : IDisposable
{
    private static readonly IpAddress Own = Ipv6Peer.Own;
    private static readonly IpAddress Peer = Ipv6Peer.Peer;

    private readonly Ipv6Peer peer = new();

    public Ipv6TransportTests() => peer.Introduce(Peer);

    public void Dispose() => peer.Dispose();

    [Fact]
    public void Syn_OverEthernet_OffersWhatIpv6Leaves()
    {
        TcpConnection connection = Connect();
        SentPacket syn = peer.Next();
        Assert.True(TcpHeader.TryParse(syn.Payload, out TcpHeader header) && header.IsSyn);
        Assert.True(TcpOptions.TryParse(syn.Payload.AsSpan(TcpHeader.LengthBytes), out TcpOptions options));
        Assert.Equal(1_440, options.Mss);
        uint pseudo = InternetChecksum.PseudoHeader(Own, Peer, 6, syn.Payload.Length);
        Assert.True(InternetChecksum.IsIntact(InternetChecksum.Sum(syn.Payload) + pseudo));
        connection.Abort(peer.Rig.Context, SocketError.None);
    }

    [Fact]
    public void Datagram_WithoutAChecksum_IsDropped()
    {
        DatagramSocket socket = new(peer.Rig.Stack.Pool) { Local = IpAddress.AnyV6 };
        Assert.Equal(SocketError.None, peer.Rig.Stack.Udp.Bind(socket, IpAddress.AnyV6, 7));
        byte[] datagram = [0, 9, 0, 7, 0, 10, 0, 0, 0, 0];
        uint pseudo = InternetChecksum.PseudoHeader(Peer, Own, Ipv4Header.ProtocolUdp, datagram.Length);

        // The data makes the sum right without the field.
        ushort rest = InternetChecksum.Complement(InternetChecksum.Sum(datagram) + pseudo);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(8), rest);
        peer.Inject(Ipv6Peer.Packet(Peer, Own, Ipv4Header.ProtocolUdp, datagram));
        Assert.Equal((0, 1), (socket.Count, peer.Rig.Stack.Udp.BadCount));
        peer.Rig.Stack.Udp.Close(socket);
    }

    [Fact]
    public void Segments_PathGetsNarrow_AreSentAgainShorter()
    {
        TcpConnection connection = Establish();
        connection.Send(peer.Rig.Context, new byte[5_000], out _);
        SentPacket first = peer.Next();
        Assert.Equal(1_440 + TcpHeader.LengthBytes, first.Payload.Length);
        TooBig(first, 1_400);
        SentPacket again = peer.Next();
        while (again.Payload.Length > 1_400 - 40)
        {
            again = peer.Next();
        }

        Assert.Equal(1_400 - 60, connection.SegmentBytesMax);
        connection.Abort(peer.Rig.Context, SocketError.None);
        connection.Close(peer.Rig.Context);
        peer.Rig.AssertNoLeak();
    }

    [Theory]
    [InlineData(1_279, 0)] // less than every link carries
    [InlineData(1_400, 100_000)] // a segment that is not in flight
    public void TooBig_NotToBeBelieved_ChangesNothing(int mtu, uint distance)
    {
        TcpConnection connection = Establish();
        connection.Send(peer.Rig.Context, new byte[5_000], out _);
        SentPacket first = peer.Next();
        BinaryPrimitives.WriteUInt32BigEndian(
            first.Payload.AsSpan(4), BinaryPrimitives.ReadUInt32BigEndian(first.Payload.AsSpan(4)) + distance);
        TooBig(first, mtu);
        Assert.Equal(1_440, connection.SegmentBytesMax);
        Assert.Equal(0, peer.Rig.Stack.Destinations.Count);
        connection.Abort(peer.Rig.Context, SocketError.None);
    }

    [Fact]
    public void Datagrams_PathGetsNarrow_AreCutUntilItIsForgotten()
    {
        DatagramSocket socket = new(peer.Rig.Stack.Pool) { Local = IpAddress.AnyV6 };
        Send(socket);
        SentPacket whole = peer.Next();
        Assert.Equal(Ipv4Header.ProtocolUdp, whole.Header.NextHeader);
        TooBig(whole, 1_280);
        Send(socket);
        SentPacket part = peer.Next();
        Assert.Equal((44, 1_280 - 40), ((int)part.Header.NextHeader, part.Payload.Length));
        Assert.Equal(44, peer.Next().Header.NextHeader);
        peer.AssertSilent();
        peer.Rig.RunUntil(peer.Rig.Now + IpSpec.PathMtuMicros);
        peer.Introduce(Peer);
        Send(socket);
        Assert.Equal(Ipv4Header.ProtocolUdp, peer.Next().Header.NextHeader);
        peer.Rig.Stack.Udp.Close(socket);
    }

    [Fact]
    public void Datagram_WithoutChecksum_IsDropped()
    {
        DatagramSocket socket = new(peer.Rig.Stack.Pool) { Local = IpAddress.AnyV6 };
        Assert.Equal(SocketError.None, peer.Rig.Stack.Udp.Bind(socket, IpAddress.AnyV6, 7));
        byte[] datagram = new byte[UdpHeader.LengthBytes + 4];
        new UdpHeader { SourcePort = 9, DestinationPort = 7, TotalBytes = datagram.Length }.Write(datagram);
        peer.Inject(Ipv6Peer.Packet(Peer, Own, Ipv4Header.ProtocolUdp, datagram));
        Assert.Equal((0, 1L), (socket.Count, peer.Rig.Stack.Udp.BadCount));
        peer.Rig.Stack.Udp.Close(socket);
    }

    [Fact]
    public void Datagram_ToAPortThatIsClosed_IsAnsweredWithTheWholePacket()
    {
        byte[] datagram = new byte[UdpHeader.LengthBytes + 4];
        uint pseudo = InternetChecksum.PseudoHeader(Peer, Own, Ipv4Header.ProtocolUdp, datagram.Length);
        var header = new UdpHeader { SourcePort = 9, DestinationPort = 7, TotalBytes = datagram.Length };
        header.Write(datagram);
        header.Checksum = InternetChecksum.Complement(InternetChecksum.Sum(datagram) + pseudo);
        header.Write(datagram);
        byte[] packet = Ipv6Peer.Packet(Peer, Own, Ipv4Header.ProtocolUdp, datagram);
        peer.Inject(packet);
        byte[] error = peer.Next().Payload;
        Assert.Equal((1, 4), (error[0], error[1]));
        Assert.Equal(packet, error[8..]);
    }

    [Theory]
    [InlineData(0, SocketError.NetworkUnreachable)]
    [InlineData(1, SocketError.AccessDenied)]
    [InlineData(3, SocketError.HostUnreachable)]
    [InlineData(4, SocketError.ConnectionRefused)]
    public void Connect_RouterSaysUnreachable_Fails(byte code, SocketError expected)
    {
        TcpConnection connection = Connect();
        SentPacket syn = peer.Next();
        byte[] error = [1, code, 0, 0, 0, 0, 0, 0, .. Ipv6Peer.Packet(syn.Header.Source, syn.Header.Destination, 6, syn.Payload)];
        peer.InjectIcmp(Ipv6Peer.Parse("2001:db8:7::1"), Own, error);
        Assert.Equal((TcpState.Closed, expected), (connection.State, connection.TakeError()));
    }

    [Theory]
    [InlineData("2001:db8::2", "2001:db8::1")] // rule 8: the longest prefix
    [InlineData("2001:db8:5::9", "2001:db8:5::1")]
    [InlineData("fe80::9", "fe80::1")] // rule 2: the scope
    [InlineData("ff02::9", "fe80::1")]
    [InlineData("ff0e::9", "2001:db8::1")]
    [InlineData("fd00::9", "fd00::1")] // rule 6: the label
    public void Source_OfAPacket_IsChosenByTheRules(string destination, string expected)
    {
        peer.Rig.Stack.TryAddAddress(peer.Rig.Wire, Ipv6Peer.Parse("2001:db8:5::1"), 64, isTentative: false);
        peer.Rig.Stack.TryAddAddress(peer.Rig.Wire, Ipv6Peer.Parse("fd00::1"), 64, isTentative: false);
        Assert.True(SourceSelection.TryChoose(peer.Rig.Stack, peer.Rig.Wire, Ipv6Peer.Parse(destination), out IpAddress source));
        Assert.Equal(Ipv6Peer.Parse(expected), source);
    }

    [Fact]
    public void Source_ThatIsDeprecated_IsNotChosen()
    {
        IpAddress added = Ipv6Peer.Parse("2001:db8:5::1");
        peer.Rig.Stack.TryAddAddress(peer.Rig.Wire, added, 64, isTentative: false);
        peer.Rig.Wire.Addresses[peer.Rig.Wire.FindAddress(added)].PreferredUntilMicros = 1;
        Assert.True(SourceSelection.TryChoose(peer.Rig.Stack, peer.Rig.Wire, Ipv6Peer.Parse("2001:db8:5::9"), out IpAddress source));
        Assert.Equal(Own, source);
    }

    private void Send(DatagramSocket socket) => Assert.Equal(
        SocketError.None, peer.Rig.Stack.Udp.Send(peer.Rig.Context, socket, new byte[1_400], Peer, 7));

    private TcpConnection Connect()
    {
        Assert.Equal(SocketError.None, peer.Rig.Stack.Tcp.Connect(
            peer.Rig.Context, IpAddress.AnyV6, 0, Peer, 80, TcpOptionsOfSocket.Default, out TcpConnection? connection));
        return connection!;
    }

    /// <summary>A connection whose peer has answered, with a large window and no options but the MSS.</summary>
    private TcpConnection Establish()
    {
        TcpConnection connection = Connect();
        SentPacket syn = peer.Next();
        Assert.True(TcpHeader.TryParse(syn.Payload, out TcpHeader header));
        var options = new TcpOptions { Mss = 1_440 };
        var answer = new TcpHeader
        {
            SourcePort = 80,
            DestinationPort = header.SourcePort,
            Sequence = 1_000,
            Acknowledgment = header.Sequence + 1,
            HeaderBytes = TcpHeader.LengthBytes + options.LengthBytes,
            Flags = TcpFlags.Syn | TcpFlags.Ack,
            Window = 65_535,
        };
        byte[] segment = new byte[answer.HeaderBytes];
        answer.Write(segment);
        options.Write(segment.AsSpan(TcpHeader.LengthBytes));
        uint sum = InternetChecksum.Sum(segment) + InternetChecksum.PseudoHeader(Peer, Own, 6, segment.Length);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(TcpHeader.ChecksumOffset), InternetChecksum.Complement(sum));
        peer.Inject(Ipv6Peer.Packet(Peer, Own, 6, segment));
        Assert.Equal(TcpState.Established, connection.State);
        peer.Rig.Wire.Sent.Clear();
        return connection;
    }

    private void TooBig(SentPacket packet, int mtu)
    {
        byte[] quoted = Ipv6Peer.Packet(packet.Header.Source, packet.Header.Destination, packet.Header.NextHeader, packet.Payload);
        byte[] message = [2, 0, 0, 0, 0, 0, (byte)(mtu >> 8), (byte)mtu, .. quoted.AsSpan(0, Math.Min(quoted.Length, 1_232))];
        peer.InjectIcmp(Ipv6Peer.Parse("2001:db8:7::1"), Own, message);
    }
}
