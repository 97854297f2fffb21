using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.TcpStack.Sockets;

/// <summary>
/// What a number of <see cref="ISocketStack"/> stands for. A kind of socket overrides what it can do; the rest answers as POSIX says
/// for sockets that cannot.
/// </summary>
internal abstract class StackSocket(NetworkStack stack, DomainId owner, KernelEvent signal, AddressFamily family, byte protocol)
{
    private readonly KernelEvent?[] watchers = new KernelEvent?[StackLimits.WatchersPerSocketMax];
    private int watcherCount;
    private bool isArmed;
    private uint changeCount;

    internal DomainId Owner { get; } = owner;

    internal AddressFamily Family { get; } = family;

    internal byte Protocol { get; } = protocol;

    protected NetworkStack Stack { get; } = stack;

    protected abstract SocketKind Kind { get; }

    /// <summary>What it is ready for.</summary>
    protected abstract SocketEvents Events { get; }

    internal virtual SocketAddress Local => new(IpAddress.AnyV4, 0);

    internal abstract SocketError Bind(in SocketAddress local);

    internal virtual SocketError Listen(int backlog) => SocketError.NotSupported;

    internal virtual SocketError Accept(SocketTable table, KernelEvent signal, out int socket, out SocketAddress peer)
    {
        (socket, peer) = (0, default);
        return SocketError.NotSupported;
    }

    internal abstract SocketError Connect(CallContext context, in SocketAddress remote);

    internal virtual SocketError Disconnect(CallContext context) => SocketError.NotSupported;

    internal abstract int Send(CallContext context, ReadOnlySpan<byte> data, SocketFlags flags, out SocketError error);

    internal virtual int SendTo(
        CallContext context, ReadOnlySpan<byte> data, in SocketAddress destination, SocketFlags flags, out SocketError error) =>
        Send(context, data, flags, out error);

    internal abstract int Receive(
        CallContext context, Span<byte> buffer, SocketFlags flags, out ReceivedMessage message, out SocketError error);

    internal abstract SocketError Shutdown(CallContext context, ShutdownHow how);

    /// <summary>Joins a group, or leaves it; a link of 0 is the one of the route.</summary>
    internal virtual SocketError ChangeGroup(IpAddress group, int link, bool isLeft) => SocketError.NoOption;

    internal abstract void Close(CallContext context);

    /// <summary>The peer's address; false when there is none.</summary>
    internal abstract bool TryGetRemote(out SocketAddress remote);

    internal virtual SocketError GetOption(SocketOption option, out long value)
    {
        value = option switch
        {
            SocketOption.Kind => (long)Kind,
            SocketOption.Protocol => Protocol,
            _ => 0,
        };
        return option is SocketOption.Kind or SocketOption.Protocol or SocketOption.IsListening
            ? SocketError.None
            : SocketError.NoOption;
    }

    internal virtual SocketError SetOption(CallContext context, SocketOption option, long value) => SocketError.NoOption;

    /// <summary>What it is ready for, to whoever will wait for more.</summary>
    internal SocketReadiness GetReadiness()
    {
        isArmed = true;
        return new SocketReadiness { Events = Events, ChangeCount = changeCount };
    }

    /// <summary>A call would have had to wait: the next change is to be signaled.</summary>
    internal void Arm() => isArmed = true;

    internal SocketError Watch(KernelEvent watcher)
    {
        if (watcherCount == watchers.Length)
        {
            return SocketError.TooMany;
        }

        watchers[watcherCount++] = watcher;
        return SocketError.None;
    }

    internal void Unwatch(KernelEvent watcher)
    {
        int index = Array.IndexOf(watchers, watcher, 0, watcherCount);
        if (index >= 0)
        {
            watchers[index] = watchers[--watcherCount];
            watchers[watcherCount] = null;
        }
    }

    /// <summary>The socket may be ready for something that it was not ready for.</summary>
    protected internal void NoteChange()
    {
        changeCount++;
        if (isArmed)
        {
            isArmed = false;
            signal.SignalAll();
        }

        for (int index = 0; index < watcherCount; index++)
        {
            watchers[index]!.SignalAll();
        }
    }
}
