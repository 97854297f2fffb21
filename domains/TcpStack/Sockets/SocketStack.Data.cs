using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.TcpStack.Sockets;

/// <content>The calls that move data.</content>
internal sealed partial class SocketStack
{
    public Reply<int, SocketError> Send(CallContext context, int socket, ReadOnlySpan<byte> data, SocketFlags flags)
    {
        work.Enter(context);
        SocketError error = SocketError.BadSocket;
        int sent = table.TryFind(context, socket, out StackSocket? found) ? found.Send(context, data, flags, out error) : 0;
        work.Leave(context);
        return error == SocketError.None ? sent : error;
    }

    public Reply<int, SocketError> SendTo(
        CallContext context, int socket, ReadOnlySpan<byte> data, in SocketAddress destination, SocketFlags flags)
    {
        work.Enter(context);
        SocketError error = SocketError.BadSocket;
        int sent = 0;
        if (table.TryFind(context, socket, out StackSocket? found))
        {
            error = SocketError.FamilyNotSupported;
            sent = IsOfFamily(found, destination.Address) ? found.SendTo(context, data, in destination, flags, out error) : 0;
        }

        work.Leave(context);
        return error == SocketError.None ? sent : error;
    }

    public Reply<int, SocketError> SendLent(
        CallContext context, int socket, DomainId lender, ReadOnlySpan<PageRange> ranges, SocketFlags flags)
    {
        work.Enter(context);
        SocketError error = SocketError.BadSocket;
        int taken = table.TryFind(context, socket, out StackSocket? found) ? found.SendLent(context, lender, ranges, flags, out error) : 0;
        work.Leave(context);
        return error == SocketError.None ? taken : error;
    }

    public Reply<int, SocketError> Receive(
        CallContext context, int socket, Span<byte> buffer, SocketFlags flags, out ReceivedMessage message)
    {
        work.Enter(context);
        SocketError error = SocketError.BadSocket;
        message = default;
        int received = table.TryFind(context, socket, out StackSocket? found)
            ? found.Receive(context, buffer, flags, out message, out error)
            : 0;
        work.Leave(context);
        return error == SocketError.None ? received : error;
    }

    public Reply<PageBuffer, SocketError> ReceivePages(CallContext context, int socket, int lengthBytes, out int receivedBytes)
    {
        receivedBytes = 0;
        if (lengthBytes <= 0 || lengthBytes > PageBuffer.PageCountMax * PageBuffer.PageBytes)
        {
            return SocketError.InvalidArgument;
        }

        int pageCount = (lengthBytes + PageBuffer.PageBytes - 1) / PageBuffer.PageBytes;
        if (!PageBuffer.TryAllocate(context, pageCount, out PageBuffer pages))
        {
            return SocketError.NoBuffers;
        }

        Reply<int, SocketError> reply = Receive(
            context, socket, pages.BorrowMutable(context)[..lengthBytes], SocketFlags.None, out _);
        if (!reply.IsOk)
        {
            PageBuffer.Free(context, ref pages);
            return reply.Error;
        }

        receivedBytes = reply.Value;
        return pages;
    }
}
