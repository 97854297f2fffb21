using RedLeafSharp.Contracts;
using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Lab.Workloads.Network;

/// <summary>
/// A stream socket of a party, which judges what the stack answers: errors that a bad network may cause end the socket, others are
/// violations, and a stack that does not answer has died.
/// </summary>
internal sealed class TrialSocket
{
    private const string Oracle = "sockets";
    private const int NoSocket = -1;

    private readonly WorkloadContext trial;
    private readonly ISocketStack stack;
    private readonly string name;
    private readonly int socket;
    private bool isClosed;

    private TrialSocket(WorkloadContext trial, ISocketStack stack, string name, Reply<int, SocketError> opened)
    {
        this.trial = trial;
        this.stack = stack;
        this.name = name;
        IsOpen = Judge(opened, out int number) == SocketError.None;
        socket = IsOpen ? number : NoSocket;
    }

    /// <summary>Whether it can be used: it has no error, and has not been closed.</summary>
    internal bool IsOpen { get; private set; }

    /// <summary>What ended it; none while it is open, or after it was closed in order.</summary>
    internal SocketError Error { get; private set; }

    /// <summary>A socket that connects.</summary>
    internal static TrialSocket Connect(CallContext context, RoundTable table, ISocketStack stack, SocketAddress local, SocketAddress remote)
    {
        var one = Open(context, table, stack, $"the client at port {local.Port}");
        one.Configure(context);
        one.Judge(one.IsOpen ? stack.Bind(context, one.socket, in local) : default);
        one.Judge(one.IsOpen ? stack.Connect(context, one.socket, in remote) : default);
        return one;
    }

    /// <summary>A socket that takes connections.</summary>
    internal static TrialSocket Listen(CallContext context, RoundTable table, ISocketStack stack, SocketAddress local, int backlog)
    {
        var one = Open(context, table, stack, $"the server at port {local.Port}");
        one.Judge(one.IsOpen ? stack.Bind(context, one.socket, in local) : default);
        one.Judge(one.IsOpen ? stack.Listen(context, one.socket, backlog) : default);
        return one;
    }

    /// <summary>The connection that has waited longest; null when none does.</summary>
    internal TrialSocket? Accept(CallContext context, KernelEvent signal, out SocketAddress peer)
    {
        peer = default;
        if (!IsOpen)
        {
            return null;
        }

        Reply<int, SocketError> reply = stack.Accept(context, socket, signal, out peer);
        if (!reply.IsOk && reply.Error is SocketError.TryAgain or SocketError.ConnectionAborted)
        {
            return null;
        }

        if (!reply.IsOk)
        {
            _ = Judge(reply, out _);
            return null;
        }

        var accepted = new TrialSocket(trial, stack, $"the server's end of port {peer.Port}", reply);
        accepted.Configure(context);
        return accepted;
    }

    /// <summary>Sends what there is room for.</summary>
    /// <returns>How many bytes; 0 when there is none, or the socket has ended.</returns>
    internal int Send(CallContext context, ReadOnlySpan<byte> data) =>
        IsOpen && Judge(stack.Send(context, socket, data, SocketFlags.NoSignal), out int count) == SocketError.None ? count : 0;

    /// <summary>Receives what is there.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="buffer">Room.</param>
    /// <param name="isEnd">Whether the peer has ended the stream.</param>
    internal int Receive(CallContext context, Span<byte> buffer, out bool isEnd)
    {
        isEnd = false;
        if (!IsOpen || Judge(stack.Receive(context, socket, buffer, SocketFlags.None, out _), out int count) != SocketError.None)
        {
            return 0;
        }

        isEnd = count == 0;
        return count;
    }

    /// <summary>Sends the end of the stream.</summary>
    internal void EndSending(CallContext context) => Judge(IsOpen ? stack.Shutdown(context, socket, ShutdownHow.Send) : default);

    /// <summary>Gives the socket up, and notes how often it has sent again.</summary>
    internal void Close(CallContext context)
    {
        if (socket == NoSocket || isClosed)
        {
            return;
        }

        trial.CountRetries(stack.GetConnectionInfo(context, socket) is { IsOk: true, Value: var info } ? info.Retransmissions : 0);
        _ = stack.Close(context, socket);
        (IsOpen, isClosed) = (false, true);
    }

    private static TrialSocket Open(CallContext context, RoundTable table, ISocketStack stack, string name) => new(
        table.Trial, stack, name, stack.Open(context, AddressFamily.InterNetwork, SocketKind.Stream, 0, table.Wake));

    /// <summary>Somebody who only listens notices by keepalive that nobody is there any more.</summary>
    private void Configure(CallContext context)
    {
        Set(context, SocketOption.NoDelay, 1);
        Set(context, SocketOption.UserTimeoutMicros, WorkloadLimits.UserTimeoutMicros);
        Set(context, SocketOption.KeepAlive, 1);
        Set(context, SocketOption.KeepAliveIdleMicros, WorkloadLimits.KeepAliveMicros);
        Set(context, SocketOption.KeepAliveIntervalMicros, WorkloadLimits.KeepAliveMicros);
    }

    private void Set(CallContext context, SocketOption option, long value) =>
        Judge(IsOpen ? stack.SetOption(context, socket, option, value) : default);

    private void Judge(Reply<Unit, SocketError> reply) => _ = Judge(reply, out _);

    /// <returns>None, or an error; one that only asks for patience leaves the socket open.</returns>
    private SocketError Judge<T>(Reply<T, SocketError> reply, out T value)
        where T : unmanaged
    {
        value = reply.Value;
        if (reply.IsFault)
        {
            trial.Report(ViolationKind.Propagated, Oracle, $"{name}: the stack has died ({reply.Fault})");
            (IsOpen, Error) = (false, SocketError.ConnectionAborted);
            return Error;
        }

        if (reply.IsOk || reply.Error is SocketError.TryAgain or SocketError.InProgress)
        {
            return reply.IsOk ? SocketError.None : reply.Error;
        }

        (IsOpen, Error) = (false, reply.Error);
        bool isLegal = Error is SocketError.ConnectionReset or SocketError.TimedOut or SocketError.HostUnreachable
            or SocketError.NetworkUnreachable or SocketError.BrokenPipe or SocketError.ConnectionAborted or SocketError.ConnectionRefused;
        if (!isLegal)
        {
            trial.Report(ViolationKind.WrongError, Oracle, $"{name}: a call that is right was answered {Error}");
        }

        return Error;
    }
}
