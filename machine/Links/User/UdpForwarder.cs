using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Spec = RedLeafSharp.Machine.Links.User.UserSpec;

namespace RedLeafSharp.Machine.Links.User;

/// <summary>
/// Carries datagrams between the system and ports of the host, and questions to the host's name server: a socket of the host for each pair
/// of ports. When there are too many, the one that has been used least recently goes.
/// </summary>
internal sealed class UdpForwarder(UserNetwork network, FrameComposer composer, HostPoll poll) : IDisposable
{
    internal const ulong Kind = 4UL << 56;

    private readonly List<Flow> flows = [];
    private readonly byte[] buffer = new byte[ushort.MaxValue];
    private ulong lastNumber;

    internal int Count => flows.Count;

    /// <summary>Takes a datagram; false when nobody is there for it.</summary>
    internal bool TryReceive(in GuestPacket packet)
    {
        int source = BinaryPrimitives.ReadUInt16BigEndian(packet.Payload);
        int destination = BinaryPrimitives.ReadUInt16BigEndian(packet.Payload[2..]);
        int lengthBytes = BinaryPrimitives.ReadUInt16BigEndian(packet.Payload[4..]);
        if (lengthBytes < Spec.UdpHeaderBytes || lengthBytes > packet.Payload.Length)
        {
            return true; // Damaged, and not worth an answer.
        }

        Flow? flow = Find(packet.Destination, destination, source) ?? Open(packet.Destination, destination, source, packet.Source);
        if (flow is null)
        {
            return false;
        }

        flows.Remove(flow);
        flows.Add(flow);
        _ = flow.Socket.Send(packet.Payload[Spec.UdpHeaderBytes..lengthBytes], SocketFlags.None, out SocketError error);
        return error != SocketError.ConnectionRefused;
    }

    internal void HostReady(ulong token)
    {
        if (flows.Find(one => one.Token == token) is not { } flow)
        {
            return;
        }

        for (int round = 0; round < LinkLimits.DatagramsPerRound && composer.HasRoom; round++)
        {
            int count = flow.Socket.Receive(buffer, SocketFlags.None, out SocketError error);
            if (error != SocketError.Success)
            {
                return;
            }

            // A datagram that would have to be cut into fragments is lost; no name server sends one unasked.
            if (count <= Spec.MtuBytes - Spec.IpHeaderBytes - Spec.UdpHeaderBytes)
            {
                buffer.AsSpan(0, count).CopyTo(composer.Payload[Spec.UdpHeaderBytes..]);
                composer.SendUdp(flow.Remote, flow.RemotePort, flow.Guest, flow.GuestPort, count);
            }
        }
    }

    public void Dispose() => flows.ForEach(flow => flow.Socket.Dispose());

    private Flow? Find(uint remote, int remotePort, int guestPort) =>
        flows.Find(one => one.Remote == remote && one.RemotePort == remotePort && one.GuestPort == guestPort);

    private Flow? Open(uint remote, int remotePort, int guestPort, uint guest)
    {
        bool isQuestion = remote == UserNetwork.NameServer && remotePort == Spec.DnsPort;
        IPEndPoint? target = isQuestion ? network.Resolver
            : remote == UserNetwork.Gateway && network.CanReach(remotePort) ? new IPEndPoint(IPAddress.Loopback, remotePort)
            : null;
        if (target is null)
        {
            return null;
        }

        if (flows.Count == LinkLimits.DatagramFlowsMax)
        {
            poll.Forget(flows[0].Socket);
            flows[0].Socket.Dispose();
            flows.RemoveAt(0);
        }

        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        try
        {
            socket.Connect(target);
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }

        var flow = new Flow(socket, remote, remotePort, guest, guestPort, Kind | (++lastNumber & uint.MaxValue));
        poll.Watch(socket, HostPoll.Readable, flow.Token);
        flows.Add(flow);
        return flow;
    }

    private sealed record Flow(Socket Socket, uint Remote, int RemotePort, uint Guest, int GuestPort, ulong Token);
}
