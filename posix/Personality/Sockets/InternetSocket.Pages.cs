using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <content>Pages: sent where they lie, and received into.</content>
internal sealed partial class InternetSocket
{
    public override Reply<int, Errno> SendLent(CallContext context, ReadOnlySpan<PageRange> ranges, SocketFlags flags)
    {
        long deadline = DeadlineOf(context, SendTimeoutMicros);
        int taken = 0;
        while (taken < ranges.Length)
        {
            Reply<int, Errno> reply = TrySendLent(context, context.Caller, ranges[taken..], flags);
            taken += reply.Value;
            if (reply.IsOk && !Waits(flags))
            {
                return taken;
            }

            Errno error = reply.Error;
            error = error == Errno.TryAgain && Waits(flags) ? WaitUntil(context, changed, deadline) : error;
            if (error != Errno.None)
            {
                return taken > 0 ? taken : error;
            }
        }

        return taken;
    }

    /// <summary>The same without waiting: what the stack takes now, of pages that somebody has lent, or was lent.</summary>
    public Reply<int, Errno> TrySendLent(CallContext context, DomainId lender, ReadOnlySpan<PageRange> ranges, SocketFlags flags)
    {
        if (Kind != SocketKind.Stream)
        {
            return Errno.NotSupported;
        }

        Reply<int, SocketError> reply = stack.SendLent(context, number, lender, ranges, flags);
        return reply.IsOk ? reply.Value : ErrorOf(reply);
    }

    /// <summary>After <see cref="Errno.TryAgain"/>: waits until it may be worth another try.</summary>
    /// <returns><see cref="Errno.TryAgain"/> when the descriptor does not wait, or not longer.</returns>
    public Errno WaitForRoom(CallContext context) =>
        IsNonBlocking ? Errno.TryAgain : WaitUntil(context, changed, DeadlineOf(context, SendTimeoutMicros));

    public override Reply<PageBuffer, Errno> ReceivePages(CallContext context, int lengthBytes, out int receivedBytes)
    {
        receivedBytes = 0;
        long deadline = DeadlineOf(context, ReceiveTimeoutMicros);
        Errno error = Kind == SocketKind.Stream ? Errno.None : Errno.NotSupported;
        while (error == Errno.None)
        {
            Reply<PageBuffer, SocketError> reply = stack.ReceivePages(context, number, lengthBytes, out receivedBytes);
            if (reply.IsOk)
            {
                return reply.Value;
            }

            error = reply.IsFault ? Errno.InputOutput : (Errno)(int)reply.Error;
            error = error == Errno.TryAgain && !IsNonBlocking ? WaitUntil(context, changed, deadline) : error;
        }

        return error;
    }
}
