using System.Buffers.Binary;
using Spec = RedLeafSharp.Machine.Links.User.UserSpec;

namespace RedLeafSharp.Machine.Links.User;

/// <summary>
/// A link whose other end is a gateway in this process, made of ordinary sockets of the host: no rights and no set-up are needed. It
/// answers ARP, ping and DHCP, forwards questions to a name server, and connects ports of the host with ports of the system.
/// docs/network.md says what goes through and what does not.
/// </summary>
internal sealed class UserLink : LinkPort
{
    private readonly FrameQueue arrived = new(LinkLimits.FramesPerPort);
    private readonly FrameComposer composer;
    private readonly HostPoll poll = new();
    private readonly TcpForwarder tcp;
    private readonly UdpForwarder udp;
    private readonly DhcpServer dhcp;
    private readonly Func<long> uptimeMicros;

    /// <param name="network">What is published and what can be reached.</param>
    /// <param name="uptimeMicros">The time.</param>
    /// <exception cref="IOException">A port cannot be published.</exception>
    internal UserLink(UserNetwork network, Func<long> uptimeMicros)
    {
        this.uptimeMicros = uptimeMicros;
        composer = new FrameComposer(arrived);
        udp = new UdpForwarder(network, composer, poll);
        dhcp = new DhcpServer(composer);
        try
        {
            tcp = new TcpForwarder(network, composer, poll);
        }
        catch
        {
            poll.Dispose();
            throw;
        }
    }

    internal override bool TakesUnfinished => true;

    internal override int Descriptor => poll.Descriptor;

    /// <inheritdoc cref="TcpForwarder.PublishedPorts"/>
    internal IReadOnlyList<int> PublishedPorts => tcp.PublishedPorts;

    /// <summary>Connections that go through the gateway now.</summary>
    internal int ConnectionCount => tcp.Count;

    internal override void Send(ReadOnlySpan<byte> frame, in FrameState state)
    {
        if (frame.Length < Spec.LinkHeaderBytes)
        {
            return;
        }

        ReadOnlySpan<byte> payload = frame[Spec.LinkHeaderBytes..];
        composer.GuestStation = FrameComposer.Station(frame[6..]);
        switch (BinaryPrimitives.ReadUInt16BigEndian(frame[12..]))
        {
            case Spec.TypeArp:
                ReceiveArp(payload);
                break;
            case Spec.TypeIpv4 when GuestPacket.TryParse(payload, in state, out GuestPacket packet):
                Receive(in packet);
                break;
        }
    }

    internal override bool TryPeek(out ReadOnlySpan<byte> frame, out FrameState state)
    {
        if (arrived.Count == 0)
        {
            Work();
        }

        return arrived.TryPeek(out frame, out state);
    }

    internal override void Take() => arrived.Take();

    public override void Dispose()
    {
        tcp.Dispose();
        udp.Dispose();
        poll.Dispose();
    }

    /// <summary>Looks at the host's sockets and at the timers. The system has taken all there was, so it has room for more.</summary>
    private void Work()
    {
        long now = uptimeMicros();
        int count = poll.Ask();
        for (int index = 0; index < count; index++)
        {
            (uint events, ulong token) = poll.Ready(index);
            if ((token & UdpForwarder.Kind) != 0)
            {
                udp.HostReady(token);
            }
            else
            {
                tcp.HostReady(events, token, now);
            }
        }

        tcp.Work(now);
    }

    private void ReceiveArp(ReadOnlySpan<byte> arp)
    {
        if (arp.Length < Spec.ArpBytes || BinaryPrimitives.ReadUInt64BigEndian(arp) >> 16 != 0x0001_0800_0604)
        {
            return;
        }

        uint sender = BinaryPrimitives.ReadUInt32BigEndian(arp[14..]);
        uint target = BinaryPrimitives.ReadUInt32BigEndian(arp[24..]);
        composer.Learn(sender);
        if (BinaryPrimitives.ReadUInt16BigEndian(arp[6..]) == Spec.ArpRequest && IsOwn(target))
        {
            composer.SendArp(Spec.ArpReply, target, FrameComposer.Station(arp[8..]), sender);
        }
    }

    private static bool IsOwn(uint address) => address is UserNetwork.Gateway or UserNetwork.NameServer;

    private void Receive(in GuestPacket packet)
    {
        composer.Learn(packet.Source);
        switch (packet.Protocol)
        {
            case Spec.ProtocolTcp:
                tcp.Receive(in packet, uptimeMicros());
                break;
            case Spec.ProtocolIcmp when IsOwn(packet.Destination) && packet.Payload[0] == Spec.EchoRequest:
                AnswerPing(in packet);
                break;
            case Spec.ProtocolUdp when IsDhcp(in packet):
                dhcp.Receive(packet.Payload[Spec.UdpHeaderBytes..]);
                break;
            case Spec.ProtocolUdp when IsOwn(packet.Destination) && !udp.TryReceive(in packet):
                AnswerUnreachable(in packet);
                break;
        }
    }

    private static bool IsDhcp(in GuestPacket packet) =>
        BinaryPrimitives.ReadUInt16BigEndian(packet.Payload[2..]) == Spec.DhcpServerPort
        && packet.Destination is Spec.LimitedBroadcast or UserNetwork.Gateway;

    private void AnswerPing(in GuestPacket packet)
    {
        if (packet.Payload.Length > composer.Payload.Length)
        {
            return;
        }

        Span<byte> reply = composer.Payload[..packet.Payload.Length];
        packet.Payload.CopyTo(reply);
        reply[0] = Spec.EchoReply;
        FinishIcmp(reply, in packet);
    }

    private void AnswerUnreachable(in GuestPacket packet)
    {
        Span<byte> reply = composer.Payload[..(Spec.IcmpHeaderBytes + Spec.IpHeaderBytes + Spec.UdpHeaderBytes)];
        reply.Clear();
        reply[0] = Spec.Unreachable;
        reply[1] = Spec.PortUnreachable;
        packet.Header[..Spec.IpHeaderBytes].CopyTo(reply[Spec.IcmpHeaderBytes..]);
        packet.Payload[..Spec.UdpHeaderBytes].CopyTo(reply[(Spec.IcmpHeaderBytes + Spec.IpHeaderBytes)..]);
        FinishIcmp(reply, in packet);
    }

    private void FinishIcmp(Span<byte> message, in GuestPacket packet)
    {
        message.Slice(2, 2).Clear();
        InternetChecksum.Store(message[2..], (ushort)~InternetChecksum.Sum(message));
        composer.SendIp(packet.Destination, packet.Source, Spec.ProtocolIcmp, message.Length);
    }
}
