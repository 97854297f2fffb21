using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Udp;

namespace RedLeafSharp.Domains.TcpStack.Sockets;

/// <summary>A socket of the packet family: it sees the frames of a link, or of all links, and sends none.</summary>
internal sealed class FrameEndpoint : StackSocket
{
    private readonly DatagramSocket socket;

    internal FrameEndpoint(NetworkStack stack, DomainId owner, KernelEvent signal)
        : base(stack, owner, signal, AddressFamily.Packet, protocol: 0)
    {
        socket = new DatagramSocket(stack.Pool) { Changed = NoteChange };
        stack.Taps.Open(socket);
    }

    protected override SocketKind Kind => SocketKind.Raw;

    protected override SocketEvents Events => socket.Count > 0 ? SocketEvents.Readable : SocketEvents.None;

    internal override SocketError Bind(in SocketAddress local) => SocketError.InvalidArgument;

    internal override SocketError Connect(CallContext context, in SocketAddress remote) => SocketError.NotSupported;

    internal override int Send(CallContext context, ReadOnlySpan<byte> data, SocketFlags flags, out SocketError error)
    {
        error = SocketError.NotSupported;
        return 0;
    }

    internal override int Receive(
        CallContext context, Span<byte> buffer, SocketFlags flags, out ReceivedMessage message, out SocketError error)
    {
        message = default;
        error = socket.Count == 0 ? SocketError.TryAgain : SocketError.None;
        if (socket.Count == 0)
        {
            Arm();
            return 0;
        }

        ref readonly Datagram first = ref socket.First;
        message.Source = new SocketAddress(IpAddress.AnyV4, first.SourcePort, first.LinkIndex);
        message.FullLengthBytes = first.FrameBytes;
        return socket.Read(context, buffer, isPeek: (flags & SocketFlags.Peek) != 0);
    }

    internal override SocketError Shutdown(CallContext context, ShutdownHow how) => SocketError.NotSupported;

    internal override void Close(CallContext context) => Stack.Taps.Close(socket);

    internal override bool TryGetRemote(out SocketAddress remote)
    {
        remote = default;
        return false;
    }

    internal override SocketError GetOption(SocketOption option, out long value)
    {
        value = option == SocketOption.BoundLink ? socket.BoundLink : 0;
        return option is SocketOption.BoundLink or SocketOption.PendingError ? SocketError.None : base.GetOption(option, out value);
    }

    internal override SocketError SetOption(CallContext context, SocketOption option, long value)
    {
        bool isLink = value == 0 || (value is > 0 and <= int.MaxValue && Stack.TryFindInterface((int)value - 1, out _));
        if (option == SocketOption.BoundLink && isLink)
        {
            socket.BoundLink = (int)value;
        }

        return option != SocketOption.BoundLink ? SocketError.NoOption : isLink ? SocketError.None : SocketError.NoDevice;
    }
}
