using RedLeafSharp.Contracts;

namespace RedLeafSharp.Tests.Posix;

/// <summary>
/// A network stack that sends lent pages where they lie, or refuses to, as a test says. It counts the calls that send, and keeps what
/// is sent instead of passing it on, if told to.
/// </summary>
/// <param name="inner">The stack behind it.</param>
/// <param name="memory">Who has lent what is sent; null when nobody looks at the bytes.</param>
internal sealed class LendingStack(ISocketStack inner, LentMemory? memory) : ISocketStack
{
    /// <summary>What becomes of the ranges of a call: how many are taken, or an error.</summary>
    internal Func<CallContext, PageRange[], Reply<int, SocketError>>? OnLent { get; set; }

    /// <summary>Bytes that <see cref="Send"/> may take in one call, and an error when it is 0; only of what is kept.</summary>
    internal Func<int>? OnSend { get; set; }

    /// <summary>What was sent, if it is kept.</summary>
    internal List<byte>? Kept { get; set; }

    /// <summary>Each call that sent: its kind, how many bytes or ranges it took, and whether more was said to follow.</summary>
    internal List<string> Calls { get; } = [];

    /// <summary>By whose right pages were to be sent the last time.</summary>
    internal DomainId Lender { get; private set; }

    /// <summary>The event of the socket that was opened last.</summary>
    internal KernelEvent? Signal { get; private set; }

    public Reply<int, SocketError> Open(CallContext context, AddressFamily family, SocketKind kind, int protocol, KernelEvent signal)
    {
        Signal = signal;
        return inner.Open(context, family, kind, protocol, signal);
    }

    public Reply<int, SocketError> Send(CallContext context, int socket, ReadOnlySpan<byte> data, SocketFlags flags)
    {
        int length = Kept is null ? data.Length : Math.Min(OnSend?.Invoke() ?? data.Length, data.Length);
        if (Kept is not null && length == 0 && data.Length > 0)
        {
            return SocketError.TryAgain;
        }

        Note("send", length, flags);
        Kept?.AddRange(data[..length]);
        return Kept is null ? inner.Send(context, socket, data, flags) : length;
    }

    public Reply<int, SocketError> SendLent(
        CallContext context, int socket, DomainId lender, ReadOnlySpan<PageRange> ranges, SocketFlags flags)
    {
        Lender = lender;
        Reply<int, SocketError> reply = OnLent?.Invoke(context, ranges.ToArray()) ?? TakeFitting(context, socket, ranges);
        Note("lent", reply.IsOk ? reply.Value : -(int)reply.Error, flags);
        if (memory is null)
        {
            return reply;
        }

        byte[] bytes = [.. ranges[..reply.Value].ToArray().SelectMany(memory.Read)];
        Kept?.AddRange(bytes);
        return Kept is not null || !reply.IsOk || inner.Send(context, socket, bytes, flags).Value == bytes.Length ? reply : SocketError.NoBuffers;
    }

    public Reply<Unit, SocketError> Bind(CallContext context, int socket, in SocketAddress local) => inner.Bind(context, socket, in local);

    public Reply<Unit, SocketError> Listen(CallContext context, int socket, int backlog) => inner.Listen(context, socket, backlog);

    public Reply<int, SocketError> Accept(CallContext context, int socket, KernelEvent signal, out SocketAddress peer) =>
        inner.Accept(context, socket, signal, out peer);

    public Reply<Unit, SocketError> Connect(CallContext context, int socket, in SocketAddress remote) =>
        inner.Connect(context, socket, in remote);

    public Reply<Unit, SocketError> Disconnect(CallContext context, int socket) => inner.Disconnect(context, socket);

    public Reply<int, SocketError> SendTo(
        CallContext context, int socket, ReadOnlySpan<byte> data, in SocketAddress destination, SocketFlags flags) =>
        inner.SendTo(context, socket, data, in destination, flags);

    public Reply<int, SocketError> Receive(
        CallContext context, int socket, Span<byte> buffer, SocketFlags flags, out ReceivedMessage message) =>
        inner.Receive(context, socket, buffer, flags, out message);

    public Reply<PageBuffer, SocketError> ReceivePages(CallContext context, int socket, int lengthBytes, out int receivedBytes) =>
        inner.ReceivePages(context, socket, lengthBytes, out receivedBytes);

    public Reply<Unit, SocketError> Shutdown(CallContext context, int socket, ShutdownHow how) => inner.Shutdown(context, socket, how);

    public Reply<Unit, SocketError> Close(CallContext context, int socket) => inner.Close(context, socket);

    public Reply<SocketAddress, SocketError> GetLocal(CallContext context, int socket) => inner.GetLocal(context, socket);

    public Reply<SocketAddress, SocketError> GetRemote(CallContext context, int socket) => inner.GetRemote(context, socket);

    public Reply<long, SocketError> GetOption(CallContext context, int socket, SocketOption option) =>
        inner.GetOption(context, socket, option);

    public Reply<Unit, SocketError> SetOption(CallContext context, int socket, SocketOption option, long value) =>
        inner.SetOption(context, socket, option, value);

    public Reply<Unit, SocketError> ChangeGroup(CallContext context, int socket, IpAddress group, int link, bool isLeft) =>
        inner.ChangeGroup(context, socket, group, link, isLeft);

    public Reply<ConnectionInfo, SocketError> GetConnectionInfo(CallContext context, int socket) =>
        inner.GetConnectionInfo(context, socket);

    public Reply<SocketReadiness, SocketError> GetReadiness(CallContext context, int socket) => inner.GetReadiness(context, socket);

    public Reply<Unit, SocketError> CollectReadiness(
        CallContext context, ReadOnlySpan<int> sockets, Span<SocketReadiness> readiness) =>
        inner.CollectReadiness(context, sockets, readiness);

    public Reply<Unit, SocketError> Watch(CallContext context, int socket, KernelEvent signal) => inner.Watch(context, socket, signal);

    public Reply<Unit, SocketError> Unwatch(CallContext context, int socket, KernelEvent signal) =>
        inner.Unwatch(context, socket, signal);

    /// <summary>Those for which the stack behind has room; without any its event is armed.</summary>
    private Reply<int, SocketError> TakeFitting(CallContext context, int socket, ReadOnlySpan<PageRange> ranges)
    {
        long room = inner.GetOption(context, socket, SocketOption.SendBytes).Value - inner.GetOption(context, socket, SocketOption.UnsentBytes).Value;
        int count = 0;
        while (count < ranges.Length && (Kept is not null || ranges[count].LengthBytes <= room))
        {
            room -= ranges[count++].LengthBytes;
        }

        return count > 0 || !inner.GetReadiness(context, socket).IsOk ? count : SocketError.TryAgain;
    }

    private void Note(string kind, int count, SocketFlags flags) =>
        Calls.Add($"{kind} {count}{((flags & SocketFlags.More) != 0 ? " more" : "")}");
}
