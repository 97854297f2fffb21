using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Ip;
using RedLeafSharp.Domains.TcpStack.Udp;

namespace RedLeafSharp.Domains.TcpStack.Sockets;

/// <summary>
/// Which stream sockets have which ports. Two may have the same one if their addresses differ, or both have SO_REUSEADDR and neither
/// listens; or if both have SO_REUSEPORT. A connection that its socket has left (TIME-WAIT) counts as one that does not listen. So Linux has it.
/// </summary>
internal sealed class BoundPorts(NetworkStack stack)
{
    private readonly Dictionary<ushort, List<StreamSocket>> sockets = [];

    /// <summary>Takes a port for a socket; 0 chooses one.</summary>
    internal SocketError Bind(StreamSocket socket, IpAddress address, ushort wanted, out ushort port)
    {
        port = wanted;
        if (wanted == 0 && !TryChoose(out port))
        {
            return SocketError.AddressInUse;
        }

        if (HasConflict(socket, address, port))
        {
            return SocketError.AddressInUse;
        }

        Add(socket, port);
        return SocketError.None;
    }

    /// <summary>A connection has been accepted: it has the port of its listener.</summary>
    internal void Share(StreamSocket accepted) => Add(accepted, accepted.LocalPort);

    internal void Release(StreamSocket socket)
    {
        if (sockets.TryGetValue(socket.LocalPort, out List<StreamSocket>? there) && there.Remove(socket) && there.Count == 0)
        {
            sockets.Remove(socket.LocalPort);
        }
    }

    private void Add(StreamSocket socket, ushort port)
    {
        if (!sockets.TryGetValue(port, out List<StreamSocket>? there))
        {
            there = [];
            sockets.Add(port, there);
        }

        there.Add(socket);
    }

    private bool HasConflict(StreamSocket socket, IpAddress address, ushort port)
    {
        if (sockets.TryGetValue(port, out List<StreamSocket>? there))
        {
            foreach (StreamSocket other in there)
            {
                bool overlaps = AddressMatch.Overlaps(other.LocalAddress, other.IsV6Only, address, socket.IsV6Only);
                bool isShared = (socket.MayShareAddress && other.MayShareAddress && !other.IsListening)
                    || (socket.MaySharePort && other.MaySharePort);
                if (overlaps && !isShared)
                {
                    return true;
                }
            }
        }

        return stack.Tcp.HasConnectionAt(address, socket.IsV6Only, port, socket.MayShareAddress, socket.MaySharePort);
    }

    /// <summary>A port that is hard to guess (RFC 6056 section 3.3.1).</summary>
    private bool TryChoose(out ushort port)
    {
        ulong start = stack.NextRandom();
        for (ulong attempt = 0; attempt < PortSpec.Count; attempt++)
        {
            port = (ushort)(PortSpec.First + ((start + attempt) % PortSpec.Count));
            if (!sockets.ContainsKey(port)
                && !stack.Tcp.HasConnectionAt(IpAddress.AnyV6, isV6Only: false, port, mayShare: false, isEqual: false))
            {
                return true;
            }
        }

        port = 0;
        return false;
    }
}
