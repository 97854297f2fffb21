namespace RedLeafSharp.Contracts;

/// <content>The plain forms of the calls on sockets; sendmsg and recvmsg gather and scatter on the program's side.</content>
public static partial class PlainCalls
{
    /// <summary>send(2).</summary>
    public static Reply<int, Errno> Send(
        this ISystem system, CallContext context, int descriptor, ReadOnlySpan<byte> data, SocketFlags flags = SocketFlags.None) =>
        system.Send(context, descriptor, data, default, flags);

    /// <summary>sendto(2).</summary>
    public static Reply<int, Errno> SendTo(
        this ISystem system, CallContext context, int descriptor, ReadOnlySpan<byte> data, SocketAddress destination) =>
        system.Send(context, descriptor, data, SocketNames.Of(destination), SocketFlags.None);

    /// <summary>recv(2).</summary>
    public static Reply<int, Errno> Receive(
        this ISystem system, CallContext context, int descriptor, Span<byte> buffer, SocketFlags flags = SocketFlags.None) =>
        system.Receive(context, descriptor, buffer, default, flags, out _);

    /// <summary>recvfrom(2) of an internet socket.</summary>
    public static Reply<int, Errno> ReceiveFrom(
        this ISystem system, CallContext context, int descriptor, Span<byte> buffer, out SocketAddress source)
    {
        Span<byte> name = new byte[SocketNames.InternetV6Bytes];
        Reply<int, Errno> reply = system.Receive(context, descriptor, buffer, name, SocketFlags.None, out MessageInfo message);
        _ = SocketNames.TryRead(name[..Math.Min(message.NameLength, name.Length)], out source);
        return reply;
    }

    /// <summary>sendmsg(2), without control messages.</summary>
    public static Reply<int, Errno> SendMessage(
        this ISystem system, CallContext context, int descriptor, ReadOnlySpan<byte[]> parts, ReadOnlySpan<byte> name, SocketFlags flags) =>
        TryGather(parts, out byte[] data) ? system.Send(context, descriptor, data, name, flags) : Errno.MessageTooLong;

    /// <summary>recvmsg(2), without control messages.</summary>
    public static Reply<int, Errno> ReceiveMessage(
        this ISystem system, CallContext context, int descriptor, ReadOnlySpan<byte[]> parts, Span<byte> name, SocketFlags flags,
        out MessageInfo message)
    {
        message = default;
        if (!TryMakeBuffer(parts, out byte[] buffer))
        {
            return Errno.MessageTooLong;
        }

        Reply<int, Errno> reply = system.Receive(context, descriptor, buffer, name, flags, out message);
        Scatter(buffer.AsSpan(0, Math.Min(reply.Value, buffer.Length)), parts);
        return reply;
    }

    /// <summary>connect(2) to an address.</summary>
    public static Reply<Unit, Errno> Connect(this ISystem system, CallContext context, int descriptor, SocketAddress remote) =>
        system.Connect(context, descriptor, SocketNames.Of(remote));

    /// <summary>bind(2) to an address.</summary>
    public static Reply<Unit, Errno> Bind(this ISystem system, CallContext context, int descriptor, SocketAddress local) =>
        system.Bind(context, descriptor, SocketNames.Of(local));

    /// <summary>accept(2).</summary>
    public static Reply<int, Errno> Accept(this ISystem system, CallContext context, int descriptor, out SocketAddress peer)
    {
        Span<byte> name = new byte[SocketNames.InternetV6Bytes];
        Reply<int, Errno> reply = system.Accept(context, descriptor, name, OpenFlags.ReadOnly, out int length);
        _ = SocketNames.TryRead(name[..Math.Min(length, name.Length)], out peer);
        return reply;
    }
}
