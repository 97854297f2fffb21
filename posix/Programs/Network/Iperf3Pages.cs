using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Network;

/// <summary>
/// What tests with -Z send: pages of the program's own, where they lie. They stay lent: the same ones are sent again and again, and the
/// peer may not have acknowledged them when a test ends.
/// </summary>
internal sealed class Iperf3Pages
{
    private readonly Cell<PageBuffer>[] pages = new Cell<PageBuffer>[Iperf3Spec.BlockBytesDefault / PageBuffer.PageBytes];
    private readonly PageRange[] ranges = new PageRange[Iperf3Spec.BlockBytesDefault / PageBuffer.PageBytes];
    private int count;

    /// <summary>Sends as many pages as there is room for; bytes sent, or EOPNOTSUPP when they have to be copied.</summary>
    public Reply<int, Errno> Send(Libc libc, int socket)
    {
        while (count < pages.Length && PageBuffer.TryAllocate(libc.Context, 1, out PageBuffer page))
        {
            ranges[count] = new PageRange { BusAddress = page.Lend(libc.Context, LoanAccess.DeviceReads), LengthBytes = PageBuffer.PageBytes };
            pages[count++].Put(ref page);
        }

        if (count == 0)
        {
            return Errno.NotSupported;
        }

        Reply<int, Errno> taken = libc.System.SendLent(libc.Context, socket, ranges.AsSpan(0, count), SocketFlags.DontWait);
        return taken.IsOk ? taken.Value * PageBuffer.PageBytes : taken;
    }
}
