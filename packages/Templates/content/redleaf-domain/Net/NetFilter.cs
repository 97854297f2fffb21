using RedLeafSharp;
using RedLeafSharp.Contracts;

namespace RedLeafDomain1;

/// <summary>
/// Passes frames on and counts them. It sees their lengths and bus addresses; the bytes are lent to the device, and no filter can read
/// or write them.
/// </summary>
internal sealed class NetFilter : INetDevice
{
    private readonly INetDevice below;
    private readonly long crashEvery;
    private long frameCount;

    internal NetFilter(INetDevice below, long crashEvery)
    {
        this.below = below;
        this.crashEvery = crashEvery;
    }

    /// <inheritdoc/>
    public Reply<int, NetError> Send(CallContext context, ReadOnlySpan<TransmitEntry> entries)
    {
        Reply<int, NetError> taken = below.Send(context, entries);
        Count(CountFrames(entries[..taken.Value]));
        return taken;
    }

    /// <inheritdoc/>
    public Reply<NetProgress, NetError> Poll(CallContext context, Span<ReceivedFrame> received)
    {
        Reply<NetProgress, NetError> progress = below.Poll(context, received);
        Count(CountFrames(received[..progress.Value.ReceivedCount]));
        return progress;
    }

    /// <inheritdoc/>
    public Reply<int, NetError> Post(CallContext context, ReadOnlySpan<ulong> buffers, int lengthBytes) =>
        below.Post(context, buffers, lengthBytes);

    /// <inheritdoc/>
    public Reply<bool, NetError> Arm(CallContext context) => below.Arm(context);

    /// <inheritdoc/>
    public Reply<NetDeviceInfo, NetError> GetInfo(CallContext context) => below.GetInfo(context);

    /// <inheritdoc/>
    public Reply<NetLink, NetError> GetLink(CallContext context) => below.GetLink(context);

    /// <inheritdoc/>
    public Reply<NetStatistics, NetError> GetStatistics(CallContext context) => below.GetStatistics(context);

    /// <inheritdoc/>
    public Reply<Unit, NetError> Register(CallContext context, ReadOnlySpan<ulong> pages, LoanAccess access) =>
        below.Register(context, pages, access);

    /// <inheritdoc/>
    public Reply<Unit, NetError> Unregister(CallContext context, ReadOnlySpan<ulong> pages) => below.Unregister(context, pages);

    /// <inheritdoc/>
    public Reply<Unit, NetError> SetReceiveFilter(CallContext context, ReceiveFilter filter, ReadOnlySpan<MacAddress> groups) =>
        below.SetReceiveFilter(context, filter, groups);

    /// <inheritdoc/>
    public Reply<Unit, NetError> SetVlans(CallContext context, ReadOnlySpan<ushort> identifiers) => below.SetVlans(context, identifiers);

    /// <inheritdoc/>
    public Reply<Unit, NetError> SetSignal(CallContext context, KernelEvent signal) => below.SetSignal(context, signal);

    /// <inheritdoc/>
    public Reply<Unit, NetError> Recall(CallContext context) => below.Recall(context);

    /// <summary>A frame ends with the entry that it does not go on behind.</summary>
    private static int CountFrames(ReadOnlySpan<TransmitEntry> entries)
    {
        int count = 0;
        foreach (ref readonly TransmitEntry entry in entries)
        {
            count += (entry.Flags & EntryFlags.Continues) == 0 ? 1 : 0;
        }

        return count;
    }

    /// <summary>What a frame goes on behind is a piece of it; what is unfilled is none.</summary>
    private static int CountFrames(ReadOnlySpan<ReceivedFrame> received)
    {
        int count = 0;
        foreach (ref readonly ReceivedFrame frame in received)
        {
            count += (frame.Flags & (ReceiveFlags.Continues | ReceiveFlags.Unfilled)) == 0 ? 1 : 0;
        }

        return count;
    }

    private void Count(int frames)
    {
        frameCount += frames;
        if (crashEvery > 0 && frameCount >= crashEvery)
        {
            throw new InvalidOperationException("a crash on purpose: see 'crashEvery' in the system file");
        }
    }
}
