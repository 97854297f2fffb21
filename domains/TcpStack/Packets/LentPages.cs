using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Links;

namespace RedLeafSharp.Domains.TcpStack.Packets;

/// <summary>
/// Pages of others that are being sent where they lie: the device of a link may read each of them from the first range that is queued for
/// it to the end of the last one. Neighbours: <see cref="PacketPool"/> names and counts the ranges; <see cref="NetworkInterface"/> tells the
/// devices.
/// </summary>
/// <remarks>Several ranges may lie in one page, and several streams may send the same one.</remarks>
internal sealed class LentPages(NetworkStack stack)
{
    /// <summary>How many ranges lie in each page, for each link; by the page's address and the link's index.</summary>
    private readonly Dictionary<ulong, int> uses = [];

    /// <summary>Pages whose first use has begun, or last one ended, and with which link: no device has been told yet.</summary>
    private readonly ulong[] changed = new ulong[StackLimits.LentRangesPerCallMax];
    private readonly int[] taken = new int[StackLimits.LentRangesPerCallMax];
    private int changedCount;

    /// <summary>Takes the first ranges of some, with a reference to each, until they have as many bytes as there is room for.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="link">Whose device is to send them.</param>
    /// <param name="lender">One of those who call: the pages' owner, or whom it has lent them to.</param>
    /// <param name="ranges">The ranges.</param>
    /// <param name="roomBytes">The room, at least 1; the last range may go beyond it.</param>
    /// <param name="error"><see cref="SocketError.NotSupported"/> when not even the first one is taken.</param>
    /// <returns>What the ranges taken are called, until the next call.</returns>
    internal ReadOnlySpan<int> Take(
        CallContext context, NetworkInterface link, DomainId lender, ReadOnlySpan<PageRange> ranges, int roomBytes, out SocketError error)
    {
        int count = 0;
        int countMax = Math.Min(Math.Min(ranges.Length, taken.Length), stack.Pool.FreeLentCount);
        for (int bytes = 0; count < countMax && bytes < roomBytes && IsTakeable(context, lender, in ranges[count]); count++)
        {
            bytes += ranges[count].LengthBytes;
            AddUse(KeyOf(ranges[count].BusAddress, link.Index));
        }

        if (!TryRegister(context, link))
        {
            DropUses(ranges[..count], link.Index);
            changedCount = 0;
            count = 0;
        }

        // To register may take time, in which loans end and others begin. Now they cannot.
        int lentCount = 0;
        while (lentCount < count && IsTakeable(context, lender, in ranges[lentCount]))
        {
            lentCount++;
        }

        if (lentCount < count)
        {
            DropUses(ranges[lentCount..count], link.Index);
            Unregister(context);
            count = lentCount;
        }

        for (int index = 0; index < count; index++)
        {
            taken[index] = stack.Pool.AddLent(ranges[index].BusAddress, link.Index);
        }

        error = count == 0 && ranges.Length > 0 ? SocketError.NotSupported : SocketError.None;
        return taken.AsSpan(0, count);
    }

    /// <summary>Takes pages back from the devices of which no range is in use any more.</summary>
    internal void GiveBack(CallContext context)
    {
        while (stack.Pool.TryTakeReturned(out ulong address, out int link))
        {
            DropUse(KeyOf(address, link));
            if (changedCount == changed.Length)
            {
                Unregister(context);
            }
        }

        Unregister(context);
    }

    /// <summary>
    /// Long enough, within one page, and the caller's to send: addresses are numbers that anybody can name, also those of packets here, and
    /// of pages that are being sent for others.
    /// </summary>
    private static bool IsTakeable(CallContext context, DomainId lender, in PageRange range) =>
        range.LengthBytes is >= StackLimits.LentBytesMin and <= PageBuffer.PageBytes
        && PageOf(range.BusAddress) == PageOf(range.BusAddress + (ulong)range.LengthBytes - 1)
        && PageBuffer.IsLentBy(context, lender, range.BusAddress, LoanAccess.DeviceReads);

    private static ulong PageOf(ulong address) => address & ~((ulong)PageBuffer.PageBytes - 1);

    private static ulong KeyOf(ulong address, int link) => PageOf(address) | (uint)link;

    private static int LinkOf(ulong key) => (int)(key % PageBuffer.PageBytes);

    private void AddUse(ulong key)
    {
        uses.TryGetValue(key, out int count);
        uses[key] = count + 1;
        if (count == 0)
        {
            changed[changedCount++] = key;
        }
    }

    private void DropUse(ulong key)
    {
        int count = uses[key] - 1;
        if (count > 0)
        {
            uses[key] = count;
            return;
        }

        uses.Remove(key);
        changed[changedCount++] = key;
    }

    private void DropUses(ReadOnlySpan<PageRange> ranges, int link)
    {
        foreach (ref readonly PageRange range in ranges)
        {
            DropUse(KeyOf(range.BusAddress, link));
        }
    }

    /// <summary>Registers the pages that are new, all of them or none.</summary>
    private bool TryRegister(CallContext context, NetworkInterface link)
    {
        Span<ulong> pages = changed.AsSpan(0, changedCount);
        changedCount = 0;
        foreach (ref ulong page in pages)
        {
            page = PageOf(page);
        }

        return pages.Length == 0 || link.TryRegister(context, pages);
    }

    private void Unregister(CallContext context)
    {
        int start = 0;
        while (start < changedCount)
        {
            int link = LinkOf(changed[start]);
            int end = start;
            for (; end < changedCount && LinkOf(changed[end]) == link; end++)
            {
                changed[end] = PageOf(changed[end]);
            }

            stack.Interface(link).Unregister(context, changed.AsSpan(start, end - start));
            start = end;
        }

        changedCount = 0;
    }
}
