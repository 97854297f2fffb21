using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.NetShadow;

/// <summary>
/// The contract as those above see it: every buffer and every frame is in a ledger before the driver hears of it, and leaves it
/// when it has been given back.
/// </summary>
internal sealed class ShadowNetDevice(ShadowedDriver driver) : INetDevice, INetShadowStatistics
{
    private bool isRecalling;

    /// <inheritdoc/>
    public Reply<NetDeviceInfo, NetError> GetInfo(CallContext context) => driver.Info;

    /// <inheritdoc/>
    public Reply<NetLink, NetError> GetLink(CallContext context) => driver.GetLink(context);

    /// <inheritdoc/>
    public Reply<NetStatistics, NetError> GetStatistics(CallContext context) => driver.GetStatistics(context);

    /// <inheritdoc/>
    public Reply<NetShadowStatistics, NetError> GetShadowStatistics(CallContext context) => driver.Shadow;

    /// <inheritdoc/>
    public Reply<Unit, NetError> Register(CallContext context, ReadOnlySpan<ulong> pages, LoanAccess access)
    {
        NetError error = driver.State.Register(pages, access);
        error = error == NetError.None ? driver.Register(context, pages, access) : error;
        return error == NetError.None ? default(Unit) : error;
    }

    /// <inheritdoc/>
    public Reply<Unit, NetError> Unregister(CallContext context, ReadOnlySpan<ulong> pages)
    {
        driver.State.Unregister(pages);
        driver.Unregister(context, pages);
        return default(Unit);
    }

    /// <inheritdoc/>
    public Reply<Unit, NetError> SetReceiveFilter(CallContext context, ReceiveFilter filter, ReadOnlySpan<MacAddress> groups)
    {
        foreach (MacAddress group in groups)
        {
            if (!group.IsMulticast)
            {
                return NetError.InvalidArgument;
            }
        }

        driver.State.SetFilter(filter, groups);
        return driver.Apply(context);
    }

    /// <inheritdoc/>
    public Reply<Unit, NetError> SetVlans(CallContext context, ReadOnlySpan<ushort> identifiers)
    {
        foreach (ushort identifier in identifiers)
        {
            if (identifier is < 1 or > 4094)
            {
                return NetError.InvalidArgument;
            }
        }

        driver.State.SetVlans(identifiers);
        return driver.Apply(context);
    }

    /// <inheritdoc/>
    public Reply<Unit, NetError> SetSignal(CallContext context, KernelEvent signal)
    {
        driver.SetSignal(signal);
        return driver.Apply(context);
    }

    /// <inheritdoc/>
    public Reply<int, NetError> Post(CallContext context, ReadOnlySpan<ulong> buffers, int lengthBytes) =>
        driver.HasGivenUp ? NetError.DeviceFailed
            : lengthBytes < driver.Info.ReceiveBufferBytes ? NetError.InvalidFrame
            : isRecalling || !driver.IsPresent ? 0
            : driver.Post(context, buffers);

    /// <inheritdoc/>
    public Reply<int, NetError> Send(CallContext context, ReadOnlySpan<TransmitEntry> entries)
    {
        if (driver.HasGivenUp)
        {
            return NetError.DeviceFailed;
        }

        // While it is recalled, what is in the ledger is given back, and a driver must not have it any more.
        int taken = isRecalling ? 0 : driver.Send(context, entries);
        return taken == 0 && entries.Length > 0 && !driver.Info.Admits(entries, out _) ? NetError.InvalidFrame : taken;
    }

    /// <inheritdoc/>
    public Reply<NetProgress, NetError> Poll(CallContext context, Span<ReceivedFrame> received)
    {
        if (!driver.IsPresent)
        {
            driver.TryGain(context);
        }

        if (!driver.IsPresent || isRecalling)
        {
            if (driver.HasGivenUp && !driver.HasToGiveBack)
            {
                return NetError.DeviceFailed;
            }

            NetProgress progress = driver.GiveBack(received);
            isRecalling = !driver.Buffers.IsEmpty || !driver.Frames.IsEmpty;
            return progress;
        }

        return driver.Poll(context, received);
    }

    /// <inheritdoc/>
    public Reply<bool, NetError> Arm(CallContext context) =>
        driver.HasGivenUp && !driver.HasNews ? NetError.DeviceFailed
            : isRecalling && driver.HasToGiveBack ? true
            : driver.Arm(context);

    /// <inheritdoc/>
    public Reply<Unit, NetError> Recall(CallContext context)
    {
        isRecalling = !driver.Buffers.IsEmpty || !driver.Frames.IsEmpty;
        return driver.Recall(context);
    }
}
