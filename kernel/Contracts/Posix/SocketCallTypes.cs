namespace RedLeafSharp.Contracts;

/// <summary>The two descriptors of socketpair(2).</summary>
/// <param name="First">One.</param>
/// <param name="Second">The other.</param>
public readonly record struct SocketPair(int First, int Second);

/// <summary>What recvmsg(2) tells beside the bytes.</summary>
public struct MessageInfo
{
    /// <summary>Bytes of the sender's name; 0 when it has none.</summary>
    public int NameLength;

    /// <summary>Whether the datagram had more bytes than the buffer (MSG_TRUNC).</summary>
    public bool IsTruncated;

    /// <summary>Descriptors received (SCM_RIGHTS).</summary>
    public int DescriptorCount;

    /// <summary>Whether some could not be received, and are closed (MSG_CTRUNC).</summary>
    public bool IsControlTruncated;
}

/// <summary>struct pollfd.</summary>
public struct PollEntry
{
    /// <summary>A descriptor; below 0 the entry is passed over.</summary>
    public int Descriptor;

    /// <summary>What to wait for. Errors, the end of both directions and bad descriptors are told without being asked for.</summary>
    public SocketEvents Events;

    /// <summary>What there is.</summary>
    public SocketEvents Returned;
}

/// <summary>struct epoll_event.</summary>
public struct EventPollEntry
{
    /// <summary>What to wait for, or what there is.</summary>
    public SocketEvents Events;

    /// <summary>How to wait.</summary>
    public EventPollFlags Flags;

    /// <summary>Comes back with the events.</summary>
    public ulong Data;
}

/// <summary>How a descriptor is waited for by epoll.</summary>
[Flags]
public enum EventPollFlags
{
    /// <summary>As long as it is ready it is told of.</summary>
    None = 0,

    /// <summary>EPOLLET: it is told of when something new has come.</summary>
    EdgeTriggered = 1,

    /// <summary>EPOLLONESHOT: it is told of once; then it has to be modified to be told of again.</summary>
    OneShot = 2,
}

/// <summary>Commands of epoll_ctl(2), with its numbers.</summary>
public enum EventPollCommand
{
    /// <summary>EPOLL_CTL_ADD.</summary>
    Add = 1,

    /// <summary>EPOLL_CTL_DEL.</summary>
    Delete = 2,

    /// <summary>EPOLL_CTL_MOD.</summary>
    Modify = 3,
}
