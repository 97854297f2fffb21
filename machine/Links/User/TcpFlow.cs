using System.Net.Sockets;
using Spec = RedLeafSharp.Machine.Links.User.UserSpec;

namespace RedLeafSharp.Machine.Links.User;

/// <summary>
/// One connection: a small TCP towards the system (RFC 9293), a socket of the host towards the other end, and a bounded queue for each
/// direction. What one side does to its half of the stream is done to the other.
/// </summary>
/// <remarks>
/// The wire between is a queue of this process. It has no congestion, so there is no congestion control; it loses frames only when a
/// driver dies or the system does not empty it, so going back to the first byte that is missing (on three duplicate acknowledgments or a
/// time-out) is enough. Segments out of order are answered and dropped.
/// </remarks>
internal sealed partial class TcpFlow : IDisposable
{
    private readonly TcpForwarder owner;
    private readonly Socket socket;
    private readonly ByteRing toGuest = new(LinkLimits.FlowBytes);
    private readonly ByteRing toHost = new(LinkLimits.FlowBytes);
    private FlowState state;
    private uint watched;
    private bool isWatched;
    private bool hasHostEnded;
    private bool hasGuestEnded;
    private bool isHostShut;

    /// <param name="owner">The table that the flow is in.</param>
    /// <param name="key">The system's side of the connection.</param>
    /// <param name="guest">The system's address.</param>
    /// <param name="socket">The host's side; disposed of with the flow.</param>
    /// <param name="initialSequence">The first sequence number to the system.</param>
    internal TcpFlow(TcpForwarder owner, in TcpFlowKey key, uint guest, Socket socket, uint initialSequence)
    {
        this.owner = owner;
        this.socket = socket;
        Key = key;
        Guest = guest;
        sendUnacknowledged = initialSequence;
        sendNext = initialSequence;
        sendMax = initialSequence;
    }

    internal TcpFlowKey Key { get; }

    internal uint Guest { get; }

    /// <summary>Names the flow to <see cref="HostPoll"/>.</summary>
    internal ulong Token { get; init; }

    internal bool IsClosed => state == FlowState.Closed;

    /// <summary>Whether the system may use its port for another connection.</summary>
    internal bool IsOver => state is FlowState.Closed or FlowState.Lingering;

    /// <summary>The host's side has come by itself: connects to the system.</summary>
    internal void Connect(long now)
    {
        state = FlowState.SynSent;
        sendNext++;
        SendHandshake(now);
    }

    /// <summary>The system connects: the host's side is under way, and what comes of it is the answer.</summary>
    internal void AcceptSyn(in GuestSegment segment)
    {
        state = FlowState.Connecting;
        TakeSyn(in segment);
        WatchHost();
    }

    /// <summary>The host's socket is ready for something.</summary>
    internal void HostReady(uint events, long now)
    {
        if (state == FlowState.Connecting)
        {
            FinishConnecting(now);
            return;
        }

        if ((events & (HostPoll.Readable | HostPoll.Broken)) != 0)
        {
            ReadHost();
        }

        if (state != FlowState.Closed && (events & HostPoll.Writable) != 0)
        {
            FlushHost();
        }

        if (state == FlowState.Open)
        {
            Output(now);
        }

        WatchHost();
    }

    /// <summary>Timers, and acknowledgments that have been put off to here.</summary>
    internal void Work(long now)
    {
        if (now >= deadlineMicros)
        {
            OnDeadline(now);
        }

        if (state == FlowState.Open && (mustAcknowledge || isHeldBack))
        {
            Output(now);
        }
    }

    public void Dispose()
    {
        if (state == FlowState.Closed)
        {
            return;
        }

        state = FlowState.Closed;
        Unwatch();
        socket.Dispose();
    }

    private void FinishConnecting(long now)
    {
        int error = (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
        if (error != 0)
        {
            ResetGuest();
            return;
        }

        state = FlowState.SynReceived;
        sendNext++;
        SendHandshake(now);
        WatchHost();
    }

    private void ReadHost()
    {
        while (!hasHostEnded && toGuest.FreeBytes > 0)
        {
            int count = socket.Receive(toGuest.Room, SocketFlags.None, out SocketError error);
            if (error == SocketError.WouldBlock)
            {
                return;
            }

            if (error != SocketError.Success)
            {
                ResetGuest();
                return;
            }

            hasHostEnded = count == 0;
            toGuest.Commit(count);
        }
    }

    /// <summary>Gives the host what the system has sent; then its end, if that has come.</summary>
    private void FlushHost()
    {
        while (toHost.Count > 0)
        {
            int count = socket.Send(toHost.First, SocketFlags.None, out SocketError error);
            if (error == SocketError.WouldBlock)
            {
                break;
            }

            if (error != SocketError.Success)
            {
                ResetGuest();
                return;
            }

            toHost.Discard(count);
        }

        mustAcknowledge |= toHost.FreeBytes - advertisedBytes >= LinkLimits.FlowBytes / 4;
        if (hasGuestEnded && toHost.Count == 0 && !isHostShut)
        {
            isHostShut = true;
            try
            {
                socket.Shutdown(SocketShutdown.Send);
            }
            catch (SocketException)
            {
                // The host's peer has gone already; its reset is found by the next read.
            }
        }
    }

    private void WatchHost()
    {
        if (state == FlowState.Closed)
        {
            return;
        }

        if (hasHostEnded && isHostShut)
        {
            Unwatch();
            return;
        }

        bool mayRead = state is not FlowState.Connecting && !hasHostEnded && toGuest.FreeBytes > 0;
        uint wanted = (mayRead ? HostPoll.Readable : 0)
            | (toHost.Count > 0 || state == FlowState.Connecting ? HostPoll.Writable : 0);
        if (!isWatched)
        {
            owner.Poll.Watch(socket, wanted, Token);
        }
        else if (wanted != watched)
        {
            owner.Poll.Rewatch(socket, wanted, Token);
        }

        isWatched = true;
        watched = wanted;
    }

    private void Unwatch()
    {
        if (isWatched)
        {
            owner.Poll.Forget(socket);
            isWatched = false;
        }
    }

    /// <summary>The system's side is gone: the host's peer is to see that, too.</summary>
    private void ResetHost()
    {
        socket.LingerState = new LingerOption(true, 0);
        Dispose();
    }

    /// <summary>The host's side is gone: the system is told by a reset.</summary>
    private void ResetGuest()
    {
        Emit(sendMax, Spec.Rst | Spec.Ack, 0, 0);
        Dispose();
    }
}

/// <summary>Where a connection stands.</summary>
internal enum FlowState
{
    /// <summary>Made, or over.</summary>
    Closed,

    /// <summary>The system's SYN has come; the host's socket is connecting.</summary>
    Connecting,

    /// <summary>A SYN has been sent to the system.</summary>
    SynSent,

    /// <summary>The system's SYN has been answered.</summary>
    SynReceived,

    /// <summary>Established, up to the end of both directions.</summary>
    Open,

    /// <summary>All is said; a repeated FIN still gets its answer.</summary>
    Lingering,
}

/// <summary>A connection as the system sees it.</summary>
/// <param name="Remote">The address that it talks to.</param>
/// <param name="RemotePort">That one's port.</param>
/// <param name="GuestPort">The system's port.</param>
internal readonly record struct TcpFlowKey(uint Remote, int RemotePort, int GuestPort);
