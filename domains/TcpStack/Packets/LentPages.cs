using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Links;

namespace RedLeafSharp.Domains.TcpStack.Packets;

/// <summary>
/// Pages of others that are being sent where they lie: the device of a link may read each of them from the first range that is queued for
/// it to the end of the last one. Neighbours: <see cref="PacketPool"/> names and counts the ranges; <see cref="NetworkInterface"/> tells the
/// devices.
/// </summary>
/// <remarks>
/// Several ranges may lie in one page, and several streams may send the same one. What callers name page by page and lies together is one
/// range here: a file's pages often do, and each range costs a buffer's price all the way to the device.
/// </remarks>
internal sealed class LentPages(NetworkStack stack)
{
    /// <summary>How many ranges lie in each page, for each link; by the page's address and the link's index.</summary>
    private readonly Dictionary<ulong, int> uses = [];

    /// <summary>Pages whose first use has begun, or last one ended, and with which link: no device has been told yet.</summary>
    private readonly ulong[] changed = new ulong[StackLimits.LentRangesPerCallMax];
    private readonly LentRange[] taken = new LentRange[StackLimits.LentRangesPerCallMax];
    private int changedCount;

    /// <summary>Takes the first ranges of some, with a reference to each, until they have as many bytes as there is room for.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="link">Whose device is to send them.</param>
    /// <param name="lender">One of those who call: the pages' owner, or whom it has lent them to.</param>
    /// <param name="ranges">The ranges.</param>
    /// <param name="roomBytes">The room, at least 1; the last range may go beyond it.</param>
    /// <param name="takenCount">How many of them are taken.</param>
    /// <param name="error"><see cref="SocketError.NotSupported"/> when not even the first one is.</param>
    /// <returns>What the ranges taken are called, until the next call: those that lie together have one name.</returns>
    internal ReadOnlySpan<LentRange> Take(
        CallContext context,
        NetworkInterface link,
        DomainId lender,
        ReadOnlySpan<PageRange> ranges,
        int roomBytes,
        out int takenCount,
        out SocketError error)
    {
        int count = 0;
        int countMax = Math.Min(Math.Min(ranges.Length, taken.Length), stack.Pool.FreeLentCount);
        for (int bytes = 0; count < countMax && bytes < roomBytes && IsTakeable(context, lender, in ranges[count]); count++)
        {
            bytes += ranges[count].LengthBytes;
            AddUse(KeyOf(ranges[count].BusAddress, link.Index));
        }

        takenCount = changedCount == 0 ? count : Register(context, link, lender, ranges[..count]);
        error = takenCount == 0 && ranges.Length > 0 ? SocketError.NotSupported : SocketError.None;
        return Name(ranges[..takenCount], link.Index);
    }

    /// <summary>Takes pages back from the devices of which no range is in use any more.</summary>
    internal void GiveBack(CallContext context)
    {
        while (stack.Pool.TryTakeReturned(out ulong address, out int lengthBytes, out int link))
        {
            for (ulong page = PageOf(address); page < address + (ulong)lengthBytes; page += PageBuffer.PageBytes)
            {
                DropUse(KeyOf(page, link));
                if (changedCount == changed.Length)
                {
                    Unregister(context);
                }
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

    /// <summary>Has a link's device map the pages that are new, all of them or none.</summary>
    /// <returns>How many of the ranges can be sent then; the uses of the others are dropped.</returns>
    private int Register(CallContext context, NetworkInterface link, DomainId lender, ReadOnlySpan<PageRange> ranges)
    {
        Span<ulong> pages = changed.AsSpan(0, changedCount);
        changedCount = 0;
        foreach (ref ulong page in pages)
        {
            page = PageOf(page);
        }

        if (!link.TryRegister(context, pages))
        {
            DropUses(ranges, link.Index);
            changedCount = 0;
            return 0;
        }

        // To register may take time, in which loans end and others begin. Now they cannot.
        int count = 0;
        while (count < ranges.Length && IsTakeable(context, lender, in ranges[count]))
        {
            count++;
        }

        if (count < ranges.Length)
        {
            DropUses(ranges[count..], link.Index);
            Unregister(context);
        }

        return count;
    }

    /// <summary>Names ranges; one that begins a page where the last one ends goes with it.</summary>
    private ReadOnlySpan<LentRange> Name(ReadOnlySpan<PageRange> ranges, int link)
    {
        int count = 0;
        for (int index = 0; index < ranges.Length; count++)
        {
            ulong start = ranges[index].BusAddress;
            int lengthBytes = ranges[index++].LengthBytes;
            while (index < ranges.Length && IsBehind(in ranges[index], start, lengthBytes))
            {
                lengthBytes += ranges[index++].LengthBytes;
            }

            taken[count] = new LentRange(stack.Pool.AddLent(start, lengthBytes, link), lengthBytes);
        }

        return taken.AsSpan(0, count);
    }

    private static bool IsBehind(in PageRange range, ulong start, int lengthBytes) =>
        range.BusAddress == start + (ulong)lengthBytes
        && range.BusAddress == PageOf(range.BusAddress)
        && lengthBytes + range.LengthBytes <= TransmitEntry.LengthBytesMax;

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

/// <summary>Bytes of lent pages that lie together.</summary>
/// <param name="Packet">What they are called.</param>
/// <param name="LengthBytes">How many they are.</param>
internal readonly record struct LentRange(int Packet, int LengthBytes);
