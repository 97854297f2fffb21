using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.TcpStack.Sockets;

/// <summary>
/// What a number of <see cref="ISocketStack"/> stands for. A kind of socket overrides what it can do; the rest answers as POSIX says
/// for sockets that cannot.
/// </summary>
internal abstract class StackSocket(NetworkStack stack, DomainId owner, KernelEvent signal, AddressFamily family, byte protocol)
{
    private KernelEvent?[] watchers = new KernelEvent?[StackLimits.WatchersPerSocketUsual];
    private int watcherCount;
    private bool isArmed;
    private uint changeCount;

    internal DomainId Owner { get; } = owner;

    internal AddressFamily Family { get; } = family;

    internal byte Protocol { get; } = protocol;

    /// <summary>IPV6_V6ONLY: the socket is none of IPv4's, though :: would stand for its addresses.</summary>
    internal bool IsV6Only { get; private protected set; }

    protected bool IsV6 => Family == AddressFamily.InterNetworkV6;

    /// <summary>No address, of the socket's family.</summary>
    protected IpAddress Any => IsV6 ? IpAddress.AnyV6 : IpAddress.AnyV4;

    protected NetworkStack Stack { get; } = stack;

    protected abstract SocketKind Kind { get; }

    /// <summary>What it is ready for.</summary>
    protected abstract SocketEvents Events { get; }

    internal virtual SocketAddress Local => new(Any, 0);

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

    internal virtual int SendLent(
        CallContext context, DomainId lender, ReadOnlySpan<PageRange> ranges, SocketFlags flags, out SocketError error)
    {
        error = SocketError.NotSupported;
        return 0;
    }

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
            SocketOption.V6Only => IsV6Only ? 1 : 0,
            _ => 0,
        };
        if (option == SocketOption.V6Only && IsV6)
        {
            return SocketError.None;
        }

        return option is SocketOption.Kind or SocketOption.Protocol or SocketOption.IsListening
            ? SocketError.None
            : SocketError.NoOption;
    }

    internal virtual SocketError SetOption(CallContext context, SocketOption option, long value)
    {
        if (option != SocketOption.V6Only || !IsV6)
        {
            return SocketError.NoOption;
        }

        if (Local.Port != 0)
        {
            return SocketError.InvalidArgument;
        }

        IsV6Only = value != 0;
        return SocketError.None;
    }

    /// <summary>
    /// Whether a socket may have an address or talk to one: a mapped one is none of a socket's of IPv6 only, and a link-local one has to
    /// come with its link.
    /// </summary>
    protected SocketError Check(in SocketAddress address, SocketError otherwise) =>
        IsV6 && address.Address.IsV4 && IsV6Only ? otherwise
            : address.Address.IsLinkLocal && !address.Address.IsV4 && address.Scope == 0 ? SocketError.InvalidArgument
            : SocketError.None;

    /// <summary>Where to connect to: the unspecified address stands for this host, as it does on all systems that come from BSD.</summary>
    protected static IpAddress Target(IpAddress address) => !address.IsUnspecified ? address
        : address.IsV4 ? IpAddress.FromV4(127, 0, 0, 1)
        : IpAddress.LoopbackV6;

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
        if (watcherCount == StackLimits.WatchersPerSocketMax)
        {
            return SocketError.TooMany;
        }

        if (watcherCount == watchers.Length)
        {
            var more = new KernelEvent?[Math.Min(2 * watcherCount, StackLimits.WatchersPerSocketMax)];
            Array.Copy(watchers, more, watcherCount);
            watchers = more;
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
