using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Packets;

namespace RedLeafSharp.Domains.TcpStack.Tcp;

/// <content>Pages that others have lent, sent where they lie.</content>
internal sealed partial class TcpConnection
{
    /// <summary>
    /// As <see cref="Send"/>, of ranges of pages that others have lent: as many as there is room for, each as a whole, at most
    /// <see cref="StackLimits.LentRangesPerCallMax"/>.
    /// </summary>
    /// <returns>Ranges queued.</returns>
    internal int SendLent(
        CallContext context, DomainId lender, ReadOnlySpan<PageRange> ranges, SocketFlags flags, out SocketError error)
    {
        error = TakeSendError();
        if (error == SocketError.None && ((flags & SocketFlags.OutOfBand) != 0 || !path.Interface.TakesLentOf(path.IsV4)))
        {
            error = SocketError.NotSupported;
        }

        error = error == SocketError.None && sendQueue.FreeBytes == 0 ? SocketError.TryAgain : error;
        if (error != SocketError.None)
        {
            return 0;
        }

        ReadOnlySpan<LentRange> taken = stack.Lent.Take(
            context, path.Interface.Physical, lender, ranges, sendQueue.FreeBytes, out int takenCount, out error);
        foreach (LentRange range in taken)
        {
            sendQueue.AppendLent(range.Packet, range.LengthBytes);
        }

        isMoreComing = (flags & SocketFlags.More) != 0 && takenCount == ranges.Length;
        Output(context);
        return takenCount;
    }
}
