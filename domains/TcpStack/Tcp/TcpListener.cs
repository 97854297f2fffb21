using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.TcpStack.Tcp;

/// <summary>
/// A listening port: connections that are half open, and those that wait to be accepted. Both are bounded by the backlog.
/// </summary>
internal sealed class TcpListener(IpAddress local, ushort port, int backlog, bool isV6Only = false)
{
    private readonly Queue<TcpConnection> accepted = new();

    internal IpAddress Local { get; } = local;

    /// <summary>Whether it takes no connections of IPv4, though it listens at ::.</summary>
    internal bool IsV6Only { get; } = isV6Only;

    internal ushort Port { get; } = port;

    /// <summary>Whether several listen here, and connections are divided among them (SO_REUSEPORT).</summary>
    internal bool MayShare { get; init; }

    internal int Backlog { get; set; } = Math.Clamp(backlog, 1, StackLimits.BacklogMax);

    /// <summary>What connections of this listener begin with.</summary>
    internal TcpOptionsOfSocket Settings = TcpOptionsOfSocket.Default;

    internal int HalfOpenCount { get; set; }

    internal int WaitingCount => accepted.Count;

    internal Action? Changed { get; set; }

    /// <summary>Whether SYNs have to be answered by cookies, without keeping anything.</summary>
    internal bool NeedsCookies => HalfOpenCount >= Backlog;

    internal bool IsFull => accepted.Count >= Backlog;

    /// <summary>The handshake of a connection is complete; false when there is no room for it yet.</summary>
    internal bool TryEstablish(TcpConnection connection)
    {
        if (IsFull)
        {
            return false;
        }

        HalfOpenCount--;
        accepted.Enqueue(connection);
        connection.Listener = null;
        Changed?.Invoke();
        return true;
    }

    /// <summary>Hands out the connection that waits longest. One that has been reset meanwhile is passed over.</summary>
    internal bool TryAccept(out TcpConnection? connection)
    {
        while (accepted.TryDequeue(out connection))
        {
            if (connection.State != TcpState.Closed)
            {
                return true;
            }

            connection.Forget();
        }

        return false;
    }
}
