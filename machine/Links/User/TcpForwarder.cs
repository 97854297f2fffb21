using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Spec = RedLeafSharp.Machine.Links.User.UserSpec;

namespace RedLeafSharp.Machine.Links.User;

/// <summary>All connections of a user link, the published ports that make them from outside, and the policy for those from inside.</summary>
internal sealed class TcpForwarder : IDisposable
{
    internal const ulong FlowKind = 1UL << 56;
    internal const ulong ListenerKind = 2UL << 56;

    private const int SocketLevel = 1; // SOL_SOCKET
    private const int ReuseAddress = 2; // SO_REUSEADDR

    private readonly UserNetwork network;
    private readonly Dictionary<TcpFlowKey, TcpFlow> flows = [];
    private readonly List<TcpFlow> live = [];
    private readonly List<Socket> listeners = [];
    private ulong lastNumber;
    private int nextPort = LinkLimits.GatewayPortFirst;

    /// <exception cref="IOException">A published port is taken, or may not be listened at.</exception>
    internal TcpForwarder(UserNetwork network, FrameComposer composer, HostPoll poll)
    {
        this.network = network;
        Composer = composer;
        Poll = poll;
        foreach (PublishedPort port in network.Published)
        {
            Publish(port);
        }
    }

    internal FrameComposer Composer { get; }

    internal HostPoll Poll { get; }

    /// <summary>The host's ports in the order of their description, as Linux has given them.</summary>
    internal IReadOnlyList<int> PublishedPorts => [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndPoint!).Port)];

    /// <summary>Connections that there are.</summary>
    internal int Count => live.Count;

    internal static void WriteHeader(
        Span<byte> header, int source, int destination, uint sequence, uint acknowledgment, byte flags, int window, int optionBytes)
    {
        BinaryPrimitives.WriteUInt16BigEndian(header, (ushort)source);
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)destination);
        BinaryPrimitives.WriteUInt32BigEndian(header[4..], sequence);
        BinaryPrimitives.WriteUInt32BigEndian(header[8..], acknowledgment);
        header[12] = (byte)((Spec.TcpHeaderBytes + optionBytes) / 4 << 4);
        header[13] = flags;
        BinaryPrimitives.WriteUInt16BigEndian(header[14..], (ushort)window);
        header[18] = 0;
        header[19] = 0;
    }

    /// <summary>Takes a segment of the system.</summary>
    internal void Receive(in GuestPacket packet, long now)
    {
        if (!GuestSegment.TryParse(packet.Payload, out GuestSegment segment))
        {
            return;
        }

        var key = new TcpFlowKey(packet.Destination, segment.DestinationPort, segment.SourcePort);
        bool isThere = flows.TryGetValue(key, out TcpFlow? flow) && !flow.IsClosed;
        if (isThere && flow!.IsOver && segment.IsSyn)
        {
            flow.Dispose();
            isThere = false;
        }

        if (isThere)
        {
            flow!.Receive(in segment, now);
        }
        else if (!segment.IsSyn || segment.IsAck || segment.IsRst || !TryOpen(in key, packet.Source, in segment))
        {
            Refuse(in key, packet.Source, in segment);
        }
    }

    internal void HostReady(uint events, ulong token, long now)
    {
        if ((token & ListenerKind) != 0)
        {
            Accept(listeners[(int)(token & int.MaxValue)], network.Published[(int)(token & int.MaxValue)], now);
            return;
        }

        foreach (TcpFlow flow in live)
        {
            if (flow.Token == token && !flow.IsClosed)
            {
                flow.HostReady(events, now);
                return;
            }
        }
    }

    /// <summary>Timers of all connections; those that have ended leave the table.</summary>
    internal void Work(long now)
    {
        for (int index = live.Count - 1; index >= 0; index--)
        {
            live[index].Work(now);
        }

        Sweep();
    }

    public void Dispose()
    {
        live.ForEach(flow => flow.Dispose());
        listeners.ForEach(listener => listener.Dispose());
    }

    /// <summary>Takes connections that are over out of the table.</summary>
    private void Sweep()
    {
        for (int index = live.Count - 1; index >= 0; index--)
        {
            TcpFlow flow = live[index];
            if (flow.IsClosed)
            {
                live.RemoveAt(index);
                if (flows.TryGetValue(flow.Key, out TcpFlow? there) && there == flow)
                {
                    flows.Remove(flow.Key);
                }
            }
        }
    }

    private void Publish(PublishedPort port)
    {
        var listener = new Socket(port.HostAddress.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        try
        {
            // SO_REUSEADDR alone: .NET's option sets SO_REUSEPORT, too, and two systems would share the port without a word.
            listener.SetRawSocketOption(SocketLevel, ReuseAddress, BitConverter.GetBytes(1));
            listener.Bind(new IPEndPoint(port.HostAddress, port.HostPort));
            listener.Listen(LinkLimits.PublishedBacklog);
        }
        catch (SocketException exception)
        {
            listener.Dispose();
            Dispose();
            throw new IOException($"port {port.HostPort} of {port.HostAddress} cannot be published: {exception.Message}");
        }

        Poll.Watch(listener, HostPoll.Readable, ListenerKind | (uint)listeners.Count);
        listeners.Add(listener);
    }

    private void Accept(Socket listener, PublishedPort port, long now)
    {
        Socket socket;
        try
        {
            socket = listener.Accept();
        }
        catch (SocketException)
        {
            return; // It has gone again.
        }

        if (!TryMakeRoom() || !TryChoosePort(port.GuestPort, out TcpFlowKey key))
        {
            socket.Dispose();
            return;
        }

        Add(in key, Composer.GuestAddress, socket).Connect(now);
    }

    /// <summary>Room for one more connection; for that the first one that only lingers is given up.</summary>
    private bool TryMakeRoom()
    {
        if (live.Count < LinkLimits.FlowsMax)
        {
            return true;
        }

        TcpFlow? over = live.Find(flow => flow.IsOver);
        over?.Dispose();
        Sweep();
        return over is not null;
    }

    private bool TryChoosePort(int guestPort, out TcpFlowKey key)
    {
        for (int attempt = 0; attempt <= LinkLimits.FlowsMax; attempt++)
        {
            nextPort = nextPort >= ushort.MaxValue ? LinkLimits.GatewayPortFirst : nextPort + 1;
            key = new TcpFlowKey(UserNetwork.Gateway, nextPort, guestPort);
            if (!flows.ContainsKey(key))
            {
                return true;
            }
        }

        key = default;
        return false;
    }

    /// <summary>The system connects to a port of the host.</summary>
    private bool TryOpen(in TcpFlowKey key, uint guest, in GuestSegment segment)
    {
        if (key.Remote != UserNetwork.Gateway || !network.CanReach(key.RemotePort) || !TryMakeRoom())
        {
            return false;
        }

        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        try
        {
            socket.Connect(new IPEndPoint(IPAddress.Loopback, key.RemotePort));
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            // Its outcome is told by HostPoll.
        }
        catch (SocketException)
        {
            socket.Dispose();
            return false;
        }

        Add(in key, guest, socket).AcceptSyn(in segment);
        return true;
    }

    private TcpFlow Add(in TcpFlowKey key, uint guest, Socket socket)
    {
        socket.Blocking = false;
        socket.NoDelay = true;
        uint initialSequence = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4));
        var flow = new TcpFlow(this, in key, guest, socket, initialSequence) { Token = FlowKind | (++lastNumber & uint.MaxValue) };
        flows[key] = flow;
        live.Add(flow);
        return flow;
    }

    /// <summary>A reset for a segment that belongs to nothing (RFC 9293 section 3.10.7.1).</summary>
    private void Refuse(in TcpFlowKey key, uint guest, in GuestSegment segment)
    {
        if (segment.IsRst)
        {
            return;
        }

        int length = segment.Data.Length + (segment.IsSyn ? 1 : 0) + (segment.IsFin ? 1 : 0);
        WriteHeader(
            Composer.Payload, key.RemotePort, key.GuestPort,
            segment.IsAck ? segment.Acknowledgment : 0,
            segment.IsAck ? 0 : segment.Sequence + (uint)length,
            segment.IsAck ? Spec.Rst : (byte)(Spec.Rst | Spec.Ack), 0, 0);
        Composer.SendIp(key.Remote, guest, Spec.ProtocolTcp, Spec.TcpHeaderBytes);
    }
}
