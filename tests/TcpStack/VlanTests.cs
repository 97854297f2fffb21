using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Links;
using RedLeafSharp.Domains.TcpStack.Udp;
using RedLeafSharp.Domains.TcpStack.Wire;
using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>VLANs of a link: what is tagged goes to them, and what they send has their tag.</summary>
public sealed class VlanTests : IDisposable
{
    private static readonly IpAddress Own = IpAddress.FromV4(10, 5, 0, 1);
    private static readonly IpAddress Peer = IpAddress.FromV4(10, 5, 0, 2);
    private static readonly IpAddress OwnUntagged = IpAddress.FromV4(10, 0, 0, 1);
    private static readonly MacAddress PeerMac = new(0x020000000002);

    private readonly StackRig rig = new(OwnUntagged, hasLinkHeader: true);
    private readonly VlanInterface vlan;

    public VlanTests()
    {
        Assert.Equal(SocketError.None, rig.Stack.AddVlan(rig.Wire, "eth0.5", 5, out VlanInterface? added));
        vlan = added!;
        vlan.IsTakenUp = true;
        Assert.True(rig.Stack.TryAddAddress(vlan, Own, 24, isTentative: false));
        rig.RunUntil(5_000_000);
        rig.Wire.Sent.Clear();
    }

    public void Dispose() => rig.Dispose();

    [Fact]
    public void Request_InTheVlan_IsAnsweredInIt()
    {
        Inject(Arp(ArpPacket.Request, Peer, Own), tag: 0xE005);
        EthernetHeader answer = NextHeader(out byte[] payload);
        Assert.Equal((true, (ushort)5, EthernetHeader.TypeArp, PeerMac), (answer.HasTag, answer.Tag, answer.Type, answer.Destination));
        Assert.True(ArpPacket.TryParse(payload, out ArpPacket arp));
        Assert.Equal(Own, arp.SenderAddress);
        Assert.Equal(vlan.Index, Assert.Single(rig.Stack.Neighbors.Entries).InterfaceIndex);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(0xE000)]
    [InlineData(6)]
    [InlineData(4095)]
    public void Request_OutsideTheVlan_IsNotAnswered(int tag)
    {
        Inject(Arp(ArpPacket.Request, Peer, Own), tag);
        Assert.Empty(rig.Wire.Sent);
    }

    /// <summary>Identifier 0 is a priority, and the frame is the link's own (IEEE 802.1Q section 9.6).</summary>
    [Fact]
    public void Request_WithAPriorityOnly_IsTheLinksOwn()
    {
        Inject(Arp(ArpPacket.Request, IpAddress.FromV4(10, 0, 0, 2), OwnUntagged), tag: 0x6000);
        Assert.False(NextHeader(out _).HasTag);
    }

    [Fact]
    public void Frame_WithTwoTags_IsDropped()
    {
        byte[] inner = new byte[4 + 46];
        (inner[1], inner[2], inner[3]) = (5, 0x08, 0x06);
        Inject((0x8100, inner), tag: 5);
        Assert.Empty(rig.Wire.Sent);
        rig.AssertNoLeak();
    }

    [Fact]
    public void Datagram_IsSentWithTheTag_AndTheAnswerIsReceived()
    {
        var socket = new DatagramSocket(rig.Stack.Pool);
        Assert.Equal(SocketError.None, rig.Stack.Udp.Bind(socket, IpAddress.AnyV4, 7000));
        rig.Stack.Udp.Send(rig.Context, socket, new byte[100], Peer, 7);
        rig.Poll();
        Assert.Equal(5, NextHeader(out _).Tag);
        Inject(Arp(ArpPacket.Answer, Peer, Own), tag: 5);
        EthernetHeader header = NextHeader(out byte[] packet);
        Assert.Equal((EthernetHeader.TypeIpv4, (ushort)5, 128), (header.Type, header.Tag, packet.Length));

        // The same back: addresses and ports change places.
        byte[] echo = [.. packet];
        packet.AsSpan(12, 4).CopyTo(echo.AsSpan(16));
        packet.AsSpan(16, 4).CopyTo(echo.AsSpan(12));
        packet.AsSpan(20, 2).CopyTo(echo.AsSpan(22));
        packet.AsSpan(22, 2).CopyTo(echo.AsSpan(20));
        Inject((EthernetHeader.TypeIpv4, echo), tag: 5);
        Assert.Equal(1, socket.Count);
        Assert.True(vlan.Counters is { ReceivedPackets: 2, SentPackets: > 2 });
    }

    [Fact]
    public void Link_TakenDown_NeitherSendsNorReceives()
    {
        vlan.IsTakenUp = false;
        Inject(Arp(ArpPacket.Request, Peer, Own), tag: 5);
        var socket = new DatagramSocket(rig.Stack.Pool);
        Assert.Equal(SocketError.NetworkUnreachable, rig.Stack.Udp.Send(rig.Context, socket, new byte[9], Peer, 7));
        Assert.Empty(rig.Wire.Sent);
    }

    [Fact]
    public void Link_Removed_LeavesNothingBehind()
    {
        Inject(Arp(ArpPacket.Request, Peer, Own), tag: 5);
        rig.Wire.Sent.Clear();
        int routes = rig.Stack.Routes.Count;
        rig.Stack.RemoveVlan(vlan);
        Assert.Equal(routes - 1, rig.Stack.Routes.Count);
        Assert.Empty(rig.Stack.Neighbors.Entries);
        Assert.False(rig.Stack.IsOwn(Own));
        Assert.False(rig.Stack.TryFindInterface(vlan.Index, out _));
        Inject(Arp(ArpPacket.Request, Peer, Own), tag: 5);
        rig.RunUntil(rig.Now + 5_000_000);
        Assert.Empty(rig.Wire.Sent);
        rig.AssertNoLeak();
    }

    [Fact]
    public void Links_AddedAndRemovedForEver_FindPlaces()
    {
        for (int round = 0; round < 100; round++)
        {
            Assert.Equal(SocketError.None, rig.Stack.AddVlan(rig.Wire, "v", 100, out VlanInterface? added));
            Assert.Equal(added, rig.Stack.Interface(added!.Index));
            rig.Stack.RemoveVlan(added);
        }

        Assert.Equal(SocketError.None, rig.Stack.AddVlan(rig.Wire, "eth0.6", 6, out _));
        Assert.Equal(vlan, rig.Wire.FindVlan(5));
    }

    [Theory]
    [InlineData("eth0.5", 7, SocketError.Exists)]
    [InlineData("eth0", 7, SocketError.Exists)]
    [InlineData("other", 5, SocketError.Exists)]
    [InlineData("other", 0, SocketError.InvalidArgument)]
    [InlineData("other", 4095, SocketError.InvalidArgument)]
    public void Link_ThatCannotBe_IsRefused(string name, int identifier, SocketError expected) =>
        Assert.Equal(expected, rig.Stack.AddVlan(rig.Wire, name, identifier, out _));

    [Fact]
    public void Vlan_OfALoopbackOrAVlan_IsRefused()
    {
        Assert.Equal(SocketError.InvalidArgument, rig.Stack.AddVlan(rig.Stack.Interface(0), "lo.5", 5, out _));
        Assert.Equal(SocketError.InvalidArgument, rig.Stack.AddVlan(vlan, "eth0.5.6", 6, out _));
    }

    /// <summary>One device has one address; two links of a host must not have the same link-local one.</summary>
    [Fact]
    public void LinkLocalAddress_IsAnotherOneThanTheLinksBelow()
    {
        rig.Stack.Autoconfiguration.Enable(rig.Wire);
        rig.Stack.Autoconfiguration.Enable(vlan);
        rig.RunUntil(rig.Now + 3_000_000);
        IpAddress[] local = [.. rig.Stack.Interfaces.SelectMany(link => link.Addresses.ToArray()).Select(one => one.Address)
            .Where(address => !address.IsV4 && address.IsLinkLocal)];
        Assert.Equal(2, local.Distinct().Count());
        Assert.Contains(rig.Wire.Sent, frame => EthernetHeader.TryParse(frame, out EthernetHeader header) && header is { Type: EthernetHeader.TypeIpv6, Tag: 5 });
    }

    [Fact]
    public void Mtu_IsAtMostTheLinksBelow()
    {
        rig.Wire.MtuBytes = 1200;
        Assert.Equal(1200, vlan.MtuBytesMax);
    }

    private static (ushort Type, byte[] Payload) Arp(ushort operation, IpAddress sender, IpAddress target)
    {
        byte[] payload = new byte[46];
        new ArpPacket { Operation = operation, SenderMac = PeerMac, SenderAddress = sender, TargetAddress = target }.Write(payload);
        return (EthernetHeader.TypeArp, payload);
    }

    private EthernetHeader NextHeader(out byte[] payload)
    {
        byte[] frame = rig.Wire.Sent.Dequeue();
        Assert.True(EthernetHeader.TryParse(frame, out EthernetHeader header));
        payload = frame[header.HeaderBytes..];
        return header;
    }

    private void Inject((ushort Type, byte[] Payload) content, int tag)
    {
        var header = new EthernetHeader
        {
            Destination = rig.Wire.Mac,
            Source = PeerMac,
            Type = content.Type,
            HasTag = tag >= 0,
            Tag = (ushort)Math.Max(tag, 0),
        };
        byte[] frame = new byte[header.HeaderBytes + content.Payload.Length];
        header.Write(frame);
        content.Payload.CopyTo(frame, header.HeaderBytes);
        rig.Wire.Incoming.Enqueue(frame);
        rig.Poll();
    }
}
