using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Links;

namespace RedLeafSharp.Domains.TcpStack.Packets;

/// <summary>
/// Pages of others that are being sent where they lie: the devices of all links may read each of them from the first range that is queued
/// to the end of the last one. Neighbours: <see cref="PacketPool"/> names and counts the ranges; <see cref="NetworkInterface"/> tells
/// the devices.
/// </summary>
/// <remarks>
/// All links, for the way of a connection may change while bytes of it wait to be sent again. Several ranges may lie in one page, and
/// several streams may send the same one.
/// </remarks>
internal sealed class LentPages(NetworkStack stack)
{
    /// <summary>How many ranges lie in each page.</summary>
    private readonly Dictionary<ulong, int> uses = [];
    private readonly ulong[] changed = new ulong[StackLimits.LentRangesPerCallMax];
    private readonly int[] taken = new int[StackLimits.LentRangesPerCallMax];
    private int changedCount;

    /// <summary>Takes the first ranges of some, with a reference to each, until they have as many bytes as there is room for.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="lender">One of those who call: the pages' owner, or whom it has lent them to.</param>
    /// <param name="ranges">The ranges.</param>
    /// <param name="roomBytes">The room, at least 1; the last range may go beyond it.</param>
    /// <param name="error"><see cref="SocketError.NotSupported"/> when not even the first one is taken.</param>
    /// <returns>What the ranges taken are called, until the next call.</returns>
    internal ReadOnlySpan<int> Take(
        CallContext context, DomainId lender, ReadOnlySpan<PageRange> ranges, int roomBytes, out SocketError error)
    {
        int count = 0;
        int countMax = Math.Min(Math.Min(ranges.Length, taken.Length), stack.Pool.FreeLentCount);
        for (int bytes = 0; count < countMax && bytes < roomBytes && IsTakeable(context, lender, in ranges[count]); count++)
        {
            bytes += ranges[count].LengthBytes;
            AddUse(PageOf(ranges[count].BusAddress));
        }

        if (!TryRegister(context))
        {
            DropUses(ranges[..count]);
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
            DropUses(ranges[lentCount..count]);
            Unregister(context);
            count = lentCount;
        }

        for (int index = 0; index < count; index++)
        {
            taken[index] = stack.Pool.AddLent(ranges[index].BusAddress);
        }

        error = count == 0 && ranges.Length > 0 ? SocketError.NotSupported : SocketError.None;
        return taken.AsSpan(0, count);
    }

    /// <summary>Takes pages back from the devices of which no range is in use any more.</summary>
    internal void GiveBack(CallContext context)
    {
        while (stack.Pool.TryTakeReturned(out ulong address))
        {
            DropUse(PageOf(address));
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

    private void AddUse(ulong page)
    {
        uses.TryGetValue(page, out int count);
        uses[page] = count + 1;
        if (count == 0)
        {
            changed[changedCount++] = page;
        }
    }

    private void DropUse(ulong page)
    {
        int count = uses[page] - 1;
        if (count > 0)
        {
            uses[page] = count;
            return;
        }

        uses.Remove(page);
        changed[changedCount++] = page;
    }

    private void DropUses(ReadOnlySpan<PageRange> ranges)
    {
        foreach (ref readonly PageRange range in ranges)
        {
            DropUse(PageOf(range.BusAddress));
        }
    }

    /// <summary>Registers the pages that are new with the devices of all links, or with none.</summary>
    private bool TryRegister(CallContext context)
    {
        ReadOnlySpan<ulong> pages = changed.AsSpan(0, changedCount);
        changedCount = 0;
        List<NetworkInterface> links = stack.Interfaces;
        int registered = 0;
        while (registered < links.Count && (pages.Length == 0 || links[registered].TryRegister(context, pages)))
        {
            registered++;
        }

        bool isDone = registered == links.Count;
        while (!isDone && --registered >= 0)
        {
            links[registered].Unregister(context, pages);
        }

        return isDone;
    }

    private void Unregister(CallContext context)
    {
        ReadOnlySpan<ulong> pages = changed.AsSpan(0, changedCount);
        changedCount = 0;
        for (int index = 0; index < stack.Interfaces.Count && pages.Length > 0; index++)
        {
            stack.Interfaces[index].Unregister(context, pages);
        }
    }
}
