using System.Numerics;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.NetShadow;

/// <summary>
/// The driver as the shadow sees it: it may die at any call, lie, or go silent. After each of these the next generation is
/// brought up, told what the device had been told, and given what the ledgers hold.
/// </summary>
internal sealed partial class ShadowedDriver
{
    private readonly DomainLink<INetDevice> link;
    private readonly DomainServices services;
    private readonly long timeoutMicros;
    private NetDeviceInfo info;
    private NetShadowStatistics shadow;
    private bool hasLinkChanged;
    private int idlePolls;
    private long silentSinceMicros = -1;

    internal ShadowedDriver(DomainLink<INetDevice> link, DomainServices services, long timeoutMicros)
    {
        this.link = link;
        this.services = services;
        this.timeoutMicros = timeoutMicros;
        State = new DeviceState(services.Loans);
        loadCount = link.LoadCount;
        Buffers = new ReceiveLedger(0);
        Frames = new TransmitLedger(1);
    }

    /// <summary>What has been asked of the device.</summary>
    internal DeviceState State { get; }

    /// <summary>Buffers with the driver.</summary>
    internal ReceiveLedger Buffers { get; private set; }

    /// <summary>Frames with the driver, and such as wait for it.</summary>
    internal TransmitLedger Frames { get; private set; }

    /// <summary>The device, with limits that the ledgers can hold.</summary>
    internal ref readonly NetDeviceInfo Info => ref info;

    internal NetShadowStatistics Shadow => shadow;

    /// <summary>Whether there is a driver: it has been loaded, and has not been taken away or given up since.</summary>
    internal bool IsPresent { get; private set; }

    /// <summary>Whether the driver that was there last has been given up, not taken away.</summary>
    internal bool HasGivenUp => shadow.HasGivenUp;

    /// <summary>
    /// Learns what the device is like, or does without one that is loaded later; false when no driver answers with something usable.
    /// </summary>
    internal bool TryStart(CallContext context)
    {
        if (loadCount == 0)
        {
            Adopt(ShadowLimits.NoDevice);
            return true;
        }

        IsPresent = true;
        Reply<NetDeviceInfo, NetError> reply = link.Target.GetInfo(context);
        while (reply.IsFault && TryReplace(context))
        {
            shadow.Recoveries++;
            reply = link.Target.GetInfo(context);
        }

        if (!IsUsable(in reply))
        {
            return false;
        }

        Adopt(reply.Value);
        return true;
    }

    private static bool IsUsable(in Reply<NetDeviceInfo, NetError> reply) => reply.IsOk && reply.Value is
    { EntriesMax: > 0, ReceiveBuffersMax: > 0, ReceiveBufferBytes: > 0, PiecesMax: > 0 };

    /// <summary>Makes ledgers for a device; those for the last one are empty.</summary>
    private void Adopt(NetDeviceInfo known)
    {
        info = known;
        info.ReceiveBuffersMax = Math.Min(info.ReceiveBuffersMax, ShadowLimits.SlotsMax);
        info.PiecesMax = Math.Min(info.PiecesMax, ShadowLimits.PiecesMax);
        int entriesMax = Math.Clamp(info.EntriesMax, ShadowLimits.RingEntriesMin, ShadowLimits.SlotsMax / ShadowLimits.LedgerEntriesPerRingEntry);
        info.EntriesMax = ShadowLimits.LedgerEntriesPerRingEntry * (int)BitOperations.RoundUpToPowerOf2((uint)entriesMax);
        Buffers = new ReceiveLedger(info.ReceiveBuffersMax);
        Frames = new TransmitLedger(info.EntriesMax);
    }

    /// <summary>Tells the driver what has been asked of the device, the latest change included.</summary>
    internal Reply<Unit, NetError> Apply(CallContext context)
    {
        if (IsPresent && !State.TryApply(context, link.Target))
        {
            Recover(context);
        }

        return default(Unit);
    }

    /// <summary>
    /// Tells what is below of pages that are registered here: a driver has no use for it, a filter passes it on to the shadow of the
    /// driver, where pages stay registered when the filter dies.
    /// </summary>
    internal NetError Register(CallContext context, ReadOnlySpan<ulong> pages, LoanAccess access)
    {
        if (!IsPresent)
        {
            return NetError.None;
        }

        Reply<Unit, NetError> reply = link.Target.Register(context, pages, access);
        while (reply.IsFault && IsPresent)
        {
            // The dead filter may have passed them on, or not.
            Recover(context);
            _ = link.Target.Unregister(context, pages);
            reply = link.Target.Register(context, pages, access);
        }

        if (reply.IsOk || reply.IsFault)
        {
            return NetError.None;
        }

        State.Unregister(pages);
        return reply.Error;
    }

    internal void Unregister(CallContext context, ReadOnlySpan<ulong> pages)
    {
        while (IsPresent && link.Target.Unregister(context, pages).IsFault)
        {
            Recover(context);
        }

        if (!IsPresent)
        {
            State.Owe(pages);
        }
    }

    internal Reply<NetLink, NetError> GetLink(CallContext context)
    {
        while (IsPresent)
        {
            Reply<NetLink, NetError> reply = link.Target.GetLink(context);
            if (!reply.IsFault)
            {
                return reply;
            }

            Recover(context);
        }

        return default(NetLink);
    }

    /// <summary>Gives the driver buffers; returns how many are the shadow's now.</summary>
    internal int Post(CallContext context, ReadOnlySpan<ulong> offered)
    {
        ReadOnlySpan<ulong> buffers = offered[..Math.Min(offered.Length, Buffers.FreeCount)];
        Buffers.Add(buffers);
        Reply<int, NetError> reply = link.Target.Post(context, buffers, info.ReceiveBufferBytes);
        if (reply.IsFault || reply.Error == NetError.DeviceFailed)
        {
            // They are in the ledger: the next driver is given them with the rest.
            TakeFailure(context, reply.IsFault);
            return buffers.Length;
        }

        int taken = reply.IsOk ? Math.Clamp(reply.Value, 0, buffers.Length) : 0;
        Buffers.Withdraw(buffers.Length - taken);
        return taken;
    }

    /// <summary>Collects what the driver has.</summary>
    internal Reply<NetProgress, NetError> Poll(CallContext context, Span<ReceivedFrame> received)
    {
        NetProgress progress = default;
        while (Frames.IsFirstSpent)
        {
            shadow.Abandoned++;
            progress.SentCount += Frames.CompleteFirst();
        }

        if (Frames.HasReady)
        {
            SendWaiting(context);
        }

        Reply<NetProgress, NetError> reply = link.Target.Poll(context, received);
        if (!reply.IsOk)
        {
            TakeFailure(context, reply.IsFault);
        }
        else if (!TryTake(reply.Value, received, ref progress))
        {
            ReplaceLiar(context);
        }
        else
        {
            progress.HasLinkChanged = reply.Value.HasLinkChanged;
            fruitlessArms = progress.HasLinkChanged ? 0 : fruitlessArms;
            CheckSilence(context, reply.Value.SentCount > 0);
        }

        progress.HasLinkChanged |= hasLinkChanged;
        hasLinkChanged = false;
        return progress;
    }

    internal Reply<bool, NetError> Arm(CallContext context)
    {
        if (Frames.HasReady)
        {
            SendWaiting(context);
        }

        if (Frames.IsFirstSpent)
        {
            // It is given back by the next poll, and holds up the others until then.
            return true;
        }

        // Whoever arms means to wait: there may be no polls for long.
        LookAtClock(context);
        if (!IsPresent)
        {
            return HasNews;
        }

        Reply<bool, NetError> reply = link.Target.Arm(context);
        if (reply.IsFault || reply.Error == NetError.DeviceFailed)
        {
            TakeFailure(context, reply.IsFault);
            return true;
        }

        fruitlessArms = reply.Value ? fruitlessArms + 1 : 0;
        if (fruitlessArms >= ShadowLimits.FruitlessArmsMax)
        {
            // Whoever has to poll and finds nothing, again and again, does nothing else any more.
            shadow.Lies++;
            services.Report(Severity.Warning, "the driver is replaced: it asks for polls and has nothing");
            Recover(context);
        }

        return reply;
    }

    internal Reply<Unit, NetError> Recall(CallContext context)
    {
        if (!IsPresent)
        {
            return default(Unit);
        }

        // What is given back must not come back a second time: the driver's own answers are taken and thrown away.
        if (link.Target.Recall(context).IsFault || !TryDrain(context))
        {
            isRecallPending = true;
            Recover(context);
            isRecallPending = false;
        }

        return default(Unit);
    }

    /// <summary>Takes what the driver has reported; false when it lies.</summary>
    private bool TryTake(in NetProgress told, Span<ReceivedFrame> received, ref NetProgress progress)
    {
        if ((uint)told.ReceivedCount > (uint)received.Length
            || !Buffers.TryReturn(received[..told.ReceivedCount], info.ReceiveBufferBytes, ref own))
        {
            return false;
        }

        progress.ReceivedCount = told.ReceivedCount;
        if (!Frames.TryComplete(told.SentCount))
        {
            return false;
        }

        progress.SentCount += told.SentCount;
        if (told.ReceivedCount + told.SentCount > 0)
        {
            (fruitlessRecoveries, fruitlessArms, isDoubted) = (0, 0, false);
        }

        return true;
    }

    private void ReplaceLiar(CallContext context)
    {
        shadow.Lies++;
        services.Report(Severity.Warning, "the driver is replaced: it told of a buffer or frame that it does not have");
        Recover(context);
    }

    private void CheckSilence(CallContext context, bool hasSent)
    {
        if (hasSent || !Frames.HasSubmitted)
        {
            silentSinceMicros = -1;
            return;
        }

        if (++idlePolls >= ShadowLimits.IdlePollsPerCheck)
        {
            LookAtClock(context);
        }
    }

    private void LookAtClock(CallContext context)
    {
        idlePolls = 0;
        if (!Frames.HasSubmitted)
        {
            silentSinceMicros = -1;
            return;
        }

        long now = context.UptimeMicros;
        silentSinceMicros = silentSinceMicros < 0 ? now : silentSinceMicros;
        if (now - silentSinceMicros < timeoutMicros)
        {
            return;
        }

        silentSinceMicros = -1;
        if (link.Target.GetLink(context) is { IsOk: true, Value.IsUp: false })
        {
            return;
        }

        services.Report(Severity.Warning, $"the driver is replaced: it has sent nothing for {timeoutMicros} us");
        Recover(context);
    }
}
