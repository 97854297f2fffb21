using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>A UNIX-domain socket: between processes of this system, with a path or an abstract name for a name.</summary>
internal abstract class UnixSocket(PersonalityState state, OpenFlags flags, Session session, SocketKind kind)
    : SocketFile(flags, session.OpenFiles, AddressFamily.Unix, kind)
{
    /// <summary>Options that have been set and do nothing here.</summary>
    private readonly Dictionary<SocketOption, long> settings = [];

    private Vnode? place;

    /// <summary>What getsockname tells; the family alone when it has no name.</summary>
    public byte[] Name { get; set; } = [(byte)AddressFamily.Unix, 0];

    public bool IsBound => Name.Length > SocketNames.FamilyBytes;

    /// <summary>How many of its references are in messages under way.</summary>
    public int PassedCount { get; private set; }

    protected PersonalityState State { get; } = state;

    protected Session Session { get; } = session;

    /// <summary>Those who wait for it among several files.</summary>
    protected Watchers Watchers { get; } = new();

    public static Errno TryMake(
        CallContext context, PersonalityState state, Session session, SocketKind kind, OpenFlags flags, int protocol, out SocketFile? made)
    {
        made = null;
        if (protocol is not (0 or (int)AddressFamily.Unix))
        {
            return Errno.ProtocolNotSupported;
        }

        // Linux takes a raw UNIX socket for one of datagrams.
        made = kind == SocketKind.Stream
            ? new UnixStream(context, state, flags, session)
            : new UnixDatagram(context, state, flags, session);
        return Errno.None;
    }

    public static Errno TryMakePair(
        CallContext context, PersonalityState state, Session session, SocketKind kind, OpenFlags flags, int protocol,
        out SocketFile? one, out SocketFile? other)
    {
        other = null;
        Errno error = TryMake(context, state, session, kind, flags, protocol, out one);
        error = error != Errno.None ? error : TryMake(context, state, session, kind, flags, protocol, out other);
        return error != Errno.None ? error
            : one is UnixStream stream ? stream.Pair(context, (UnixStream)other!)
            : ((UnixDatagram)one!).Pair((UnixDatagram)other!);
    }

    /// <summary>A message has been given a reference.</summary>
    public void EnterMessage()
    {
        if (PassedCount++ == 0)
        {
            State.UnixCycles.Add(this);
        }
    }

    /// <summary>A message has lost a reference.</summary>
    public void LeaveMessage()
    {
        if (--PassedCount == 0)
        {
            State.UnixCycles.Remove(this);
        }
    }

    /// <summary>One of its descriptors is no more: it, or what it was the last to hold, may be out of reach.</summary>
    public void NoteDescriptorClosed(CallContext context) => State.UnixCycles.Collect(context);

    /// <summary>Adds the messages with files that wait to be received.</summary>
    public abstract void AddQueued(List<PassedFiles> queued);

    /// <summary>Closes the files that wait to be received: nobody will.</summary>
    public abstract void DropQueued(CallContext context);

    /// <summary>The call finds the socket that a name means, and <see cref="ConnectTo"/> does the rest.</summary>
    public sealed override Errno Bind(CallContext context, Process process, ReadOnlySpan<byte> name) => Errno.InvalidArgument;

    public sealed override Errno Connect(CallContext context, Process process, ReadOnlySpan<byte> name) => Errno.InvalidArgument;

    public abstract Errno ConnectTo(CallContext context, UnixSocket target);

    /// <summary>A name of no family: a datagram socket loses its peer.</summary>
    public virtual Errno Disconnect() => Errno.InvalidArgument;

    /// <summary>The inode that stands for the socket; held as long as the socket is open.</summary>
    public void BindTo(Vnode vnode)
    {
        place = vnode;
        vnode.Socket = this;
    }

    public override Reply<int, Errno> GetName(CallContext context, Span<byte> name) => CopyName(Name, name);

    public override Reply<long, Errno> GetOption(CallContext context, SocketOption option) => option switch
    {
        SocketOption.PendingError or SocketOption.Protocol or SocketOption.IsListening => 0L,
        SocketOption.SendBytes or SocketOption.ReceiveBytes => settings.GetValueOrDefault(option, Limits.PipeBytes),
        SocketOption.LingerSeconds => settings.GetValueOrDefault(option, -1),
        _ when IsSwitch(option) => settings.GetValueOrDefault(option, 0),
        _ => base.GetOption(context, option),
    };

    public override Errno SetOption(CallContext context, SocketOption option, long value)
    {
        bool isNumber = option is SocketOption.SendBytes or SocketOption.ReceiveBytes or SocketOption.LingerSeconds;
        if (!isNumber && !IsSwitch(option))
        {
            return base.SetOption(context, option, value);
        }

        settings[option] = isNumber ? value : value != 0 ? 1 : 0;
        return Errno.None;
    }

    public override Errno Watch(CallContext context, KernelEvent watcher) => Watchers.Add(watcher);

    public override void Unwatch(CallContext context, KernelEvent watcher) => Watchers.Remove(watcher);

    private static bool IsSwitch(SocketOption option) =>
        option is SocketOption.ReuseAddress or SocketOption.KeepAlive or SocketOption.Broadcast or SocketOption.UrgentInline;

    protected override Errno OnClose(CallContext context)
    {
        State.UnixNames.Remove(this);
        if (place is null)
        {
            return Errno.None;
        }

        place.Socket = null;
        return State.Vnodes.Close(context, place);
    }
}
