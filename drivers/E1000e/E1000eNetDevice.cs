using RedLeafSharp.Contracts;

namespace RedLeafSharp.Drivers.E1000e;

/// <summary>The contract over the controller: its rings, and the care for a device that does not answer.</summary>
/// <remarks>
/// A device that finishes nothing for the time-out, with frames in flight and the link up, is reset; when resets come too often it
/// counts as failed. No clock is read while polls find something.
/// </remarks>
internal sealed class E1000eNetDevice : INetDevice
{
    private readonly E1000eController controller;
    private readonly DomainServices services;
    private readonly long timeoutMicros;
    private readonly NetDeviceInfo info;
    private NetStatistics statistics;
    private NetLink lastLink;
    private bool hasLinkChanged = true;
    private int idlePolls;
    private uint progressSeen;
    private long progressMicros;
    private bool wasInFlight;
    private long receivedSeen;
    private long receivedMicros;
    private bool hasOldCounts;
    private int resetCount;
    private long resetWindowEndMicros;
    private bool hasFailed;

    internal E1000eNetDevice(CallContext context, E1000eController controller, DomainServices services, long timeoutMicros)
    {
        this.controller = controller;
        this.services = services;
        this.timeoutMicros = timeoutMicros;
        info = controller.Info;
        lastLink = controller.Link;
        progressMicros = context.UptimeMicros;
        receivedMicros = progressMicros;
    }

    /// <inheritdoc/>
    public Reply<NetDeviceInfo, NetError> GetInfo(CallContext context) => info;

    /// <inheritdoc/>
    public Reply<NetLink, NetError> GetLink(CallContext context)
    {
        lastLink = hasFailed ? default : controller.Link;
        return lastLink;
    }

    /// <inheritdoc/>
    public Reply<NetStatistics, NetError> GetStatistics(CallContext context)
    {
        if (!hasFailed && !controller.IsGone)
        {
            controller.AddErrors(ref statistics);
        }

        NetStatistics now = statistics;
        now.ReceivedFrames = controller.Receive.ReceivedFrames;
        now.ReceivedBytes = controller.Receive.ReceivedBytes;
        now.SentFrames = controller.Transmit.SentFrames;
        now.SentBytes = controller.Transmit.SentBytes;
        now.ReceiveErrors += controller.Receive.DamagedCount;
        return now;
    }

    /// <summary>The device's window is the shadow's to fill: what a driver is told of pages decides nothing.</summary>
    public Reply<Unit, NetError> Register(CallContext context, ReadOnlySpan<ulong> pages, LoanAccess access) => default(Unit);

    /// <inheritdoc/>
    public Reply<Unit, NetError> Unregister(CallContext context, ReadOnlySpan<ulong> pages) => default(Unit);

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

        controller.SetFilter(filter, groups);
        return default(Unit);
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

        controller.SetVlans(identifiers);
        return default(Unit);
    }

    /// <inheritdoc/>
    public Reply<int, NetError> Post(CallContext context, ReadOnlySpan<ulong> buffers, int lengthBytes) =>
        hasFailed ? NetError.DeviceFailed
            : lengthBytes < info.ReceiveBufferBytes ? NetError.InvalidFrame
            : controller.Receive.Post(context, buffers);

    /// <inheritdoc/>
    public Reply<int, NetError> Send(CallContext context, ReadOnlySpan<TransmitEntry> entries)
    {
        if (hasFailed)
        {
            return NetError.DeviceFailed;
        }

        int taken = controller.Transmit.Send(context, in info, entries);
        return taken == 0 && entries.Length > 0 && !info.Admits(entries, out _) ? NetError.InvalidFrame : taken;
    }

    /// <inheritdoc/>
    public Reply<NetProgress, NetError> Poll(CallContext context, Span<ReceivedFrame> received)
    {
        NetProgress progress = default;
        progress.ReceivedCount = controller.Receive.Poll(context, received, out bool isConfused);
        progress.SentCount = controller.Transmit.Poll(context);
        if (isConfused)
        {
            Reset(context, "the device has written a descriptor that cannot be");
        }
        else if (progress.ReceivedCount + progress.SentCount == 0 && ++idlePolls >= E1000eLimits.IdlePollsPerCheck)
        {
            CheckHealth(context);
        }

        progress.HasLinkChanged = hasLinkChanged;
        hasLinkChanged = false;
        return progress;
    }

    /// <inheritdoc/>
    public Reply<Unit, NetError> SetSignal(CallContext context, KernelEvent signal)
    {
        controller.RouteSignal(signal);
        return default(Unit);
    }

    /// <inheritdoc/>
    public Reply<bool, NetError> Arm(CallContext context)
    {
        if (!controller.HasInterrupts)
        {
            return NetError.NotSupported;
        }

        if (!hasFailed)
        {
            CheckHealth(context);
        }

        if (hasFailed)
        {
            bool hasMore = hasLinkChanged || controller.Receive.HasNext(context) || controller.Transmit.HasNext(context);
            return hasMore ? true : NetError.DeviceFailed;
        }

        hasLinkChanged |= controller.ArmInterrupt();
        return hasLinkChanged || controller.Receive.HasNext(context) || controller.Transmit.HasNext(context);
    }

    /// <inheritdoc/>
    public Reply<Unit, NetError> Recall(CallContext context)
    {
        if (!hasFailed && !controller.TryRestart(context, isRecalled: true))
        {
            GiveUp();
        }

        return default(Unit);
    }

    /// <summary>Leaves the device quiet. What is in flight ends without being told.</summary>
    internal void ShutDown(CallContext context)
    {
        if (!hasFailed && !controller.TryShutDown(context))
        {
            services.Report(Severity.Warning, "the controller did not come out of its last reset");
        }
    }

    private void CheckHealth(CallContext context)
    {
        idlePolls = 0;
        if (hasFailed)
        {
            return;
        }

        if (controller.IsGone)
        {
            services.Report(Severity.Error, "the device has left the bus");
            GiveUp();
            return;
        }

        if (controller.Receive.HasHole(context))
        {
            Reset(context, "the device has gone past a descriptor that it has not written");
            return;
        }

        NetLink link = controller.Link;
        if (link.IsUp != lastLink.IsUp)
        {
            statistics.LinkChanges++;
            hasLinkChanged = true;
            lastLink = link;
        }

        long now = context.UptimeMicros;
        TransmitRing transmit = controller.Transmit;
        bool isInFlight = transmit.HasInFlight && !transmit.HasNext(context);
        if (!isInFlight || !wasInFlight || transmit.Progress != progressSeen || !link.IsUp)
        {
            // The time since the last look says nothing of a frame that was handed over after it: nobody looks at an idle device.
            progressSeen = transmit.Progress;
            progressMicros = now;
        }
        else if (now - progressMicros >= timeoutMicros)
        {
            Reset(context, $"nothing was sent for {now - progressMicros} us");
        }

        wasInFlight = isInFlight;
        CheckReceiver(context, now);
    }

    /// <summary>
    /// A receiver that hangs is not seen by what it does not do, nor is one that counts its buffers differently. But frames that come are
    /// counted as missed then, or as without a buffer, though buffers are there. What was counted while it worked, or had none, is taken
    /// away first, when it has been idle for half of the time: that costs nothing while frames come.
    /// </summary>
    private void CheckReceiver(CallContext context, long now)
    {
        if (controller.Receive.ReceivedFrames != receivedSeen || controller.Receive.PostedCount == 0)
        {
            receivedSeen = controller.Receive.ReceivedFrames;
            receivedMicros = now;
            hasOldCounts = true;
        }

        long idleMicros = hasOldCounts ? E1000eLimits.ReceiveTimeoutMicros / 2 : E1000eLimits.ReceiveTimeoutMicros;
        if (now - receivedMicros < idleMicros || controller.Receive.HasNext(context))
        {
            return;
        }

        uint missed = controller.TakeMissed();
        statistics.MissedFrames += missed;
        uint starved = controller.TakeStarved();
        if (hasOldCounts)
        {
            hasOldCounts = false;
            return;
        }

        receivedMicros = now;
        if (missed + starved > 0)
        {
            Reset(context, $"{missed} frames were missed, {starved} times no buffer was found, and nothing received, though buffers are there");
        }
    }

    private void Reset(CallContext context, string reason)
    {
        long now = context.UptimeMicros;
        if (now >= resetWindowEndMicros)
        {
            resetCount = 0;
            resetWindowEndMicros = now + E1000eLimits.ResetWindowMicros;
        }

        services.Report(Severity.Warning, $"controller reset: {reason}");
        statistics.Resets++;
        progressMicros = now;
        if (!controller.TryRestart(context, isRecalled: false) || ++resetCount >= E1000eLimits.ResetsMax)
        {
            GiveUp();
        }
    }

    private void GiveUp()
    {
        services.Report(Severity.Error, "the device is given up");
        hasFailed = true;
        hasLinkChanged = true;
        controller.Receive.Recall();
        controller.Transmit.Restart();
    }
}
