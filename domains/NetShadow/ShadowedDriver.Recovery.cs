using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.NetShadow;

/// <content>What happens when the driver has died, and the counts that outlive it.</content>
internal sealed partial class ShadowedDriver
{
    private NetStatistics before;
    private NetStatistics lastSeen;
    private NetStatistics own;
    private int fruitlessRecoveries;
    private int fruitlessArms;
    private bool isDoubted;
    private bool isRecallPending;
    private bool isTakenAway;

    /// <summary>Counts of all drivers so far. What a dead one had counted and not told is lost, but for what it delivered.</summary>
    internal Reply<NetStatistics, NetError> GetStatistics(CallContext context)
    {
        if (IsPresent)
        {
            Reply<NetStatistics, NetError> reply = link.Target.GetStatistics(context);
            if (reply.IsOk)
            {
                lastSeen = reply.Value;
            }
            else if (reply.IsFault)
            {
                Recover(context);
            }
        }

        return new NetStatistics
        {
            ReceivedFrames = own.ReceivedFrames,
            ReceivedBytes = own.ReceivedBytes,
            SentFrames = before.SentFrames + lastSeen.SentFrames,
            SentBytes = before.SentBytes + lastSeen.SentBytes,
            MissedFrames = before.MissedFrames + lastSeen.MissedFrames,
            ReceiveErrors = before.ReceiveErrors + lastSeen.ReceiveErrors,
            SendErrors = before.SendErrors + lastSeen.SendErrors + shadow.Abandoned,
            LinkChanges = before.LinkChanges + lastSeen.LinkChanges,
            Resets = before.Resets + lastSeen.Resets,
        };
    }

    /// <summary>
    /// A dead driver is replaced. So is one that gives its device up, which may be wrong about it: what the next one says is believed,
    /// unless something was finished in between.
    /// </summary>
    private void TakeFailure(CallContext context, bool isFault)
    {
        if (!isFault && isDoubted)
        {
            services.Report(Severity.Error, "the driver has given its device up");
            Leave(isTakenAway: false);
            return;
        }

        if (!isFault)
        {
            isDoubted = true;
            services.Report(Severity.Warning, "the driver is replaced: it has given its device up");
        }

        Recover(context);
    }

    /// <summary>Brings up generations until one has taken over, or gives up.</summary>
    private void Recover(CallContext context)
    {
        long start = context.UptimeMicros;
        while (TryReplace(context))
        {
            shadow.Recoveries++;
            Reply<NetDeviceInfo, NetError> reply = link.Target.GetInfo(context);
            if (reply.IsFault)
            {
                continue;
            }

            if (!reply.IsOk || reply.Value.Address != info.Address || reply.Value.MtuBytes != info.MtuBytes
                || reply.Value.ReceiveBufferBytes > info.ReceiveBufferBytes)
            {
                services.Report(Severity.Error, "the device is not the one it was");
                break;
            }

            if (TryHandOver(context))
            {
                shadow.RecoveryMicrosMax = Math.Max(shadow.RecoveryMicrosMax, context.UptimeMicros - start);
                hasLinkChanged = true;
                State.Signal?.SignalAll();
                return;
            }
        }

        Leave(isTakenAway);
    }

    /// <summary>Gives a new driver what its predecessor had: pages, filters, buffers, frames. False when it dies, too.</summary>
    private bool TryHandOver(CallContext context)
    {
        State.GrantAgain();
        if (!State.TryApply(context, link.Target))
        {
            return false;
        }

        if (isRecallPending)
        {
            Frames.Rewind();
            return true;
        }

        int posted = 0;
        for (ReadOnlySpan<ulong> buffers; !(buffers = Buffers.From(posted)).IsEmpty; posted += buffers.Length)
        {
            Reply<int, NetError> reply = link.Target.Post(context, buffers, info.ReceiveBufferBytes);
            if (!reply.IsOk || reply.Value != buffers.Length)
            {
                return false;
            }

            shadow.Reposted += buffers.Length;
        }

        shadow.Resent += Frames.Rewind();
        return TrySend(context);
    }

    private bool TryReplace(CallContext context)
    {
        silentSinceMicros = -1;
        fruitlessArms = 0;
        Add(ref before, in lastSeen);
        lastSeen = default;
        loadCount = link.LoadCount;
        isTakenAway = false;
        while (fruitlessRecoveries++ < ShadowLimits.FruitlessRecoveriesMax)
        {
            Reply<uint, DomainError> reply = link.Recover(context);
            if (reply.IsOk)
            {
                return true;
            }

            if (reply.Error == DomainError.NotLoaded)
            {
                isTakenAway = true;
                services.Report(Severity.Information, "the driver has been taken away; the link is down until another is loaded");
                return false;
            }

            if (reply.Fault == Fault.GaveUp)
            {
                break;
            }
        }

        services.Report(Severity.Error, "no driver is left; nothing is sent or received from now on");
        return false;
    }

    /// <summary>Takes from the driver what it gives back; false when it dies, or does not come to an end.</summary>
    private bool TryDrain(CallContext context)
    {
        Span<ReceivedFrame> received = new ReceivedFrame[NetDeviceInfo.BatchFrames];
        for (int round = 0; round <= 2 * ShadowLimits.SlotsMax / NetDeviceInfo.BatchFrames; round++)
        {
            Reply<NetProgress, NetError> reply = link.Target.Poll(context, received);
            if (reply.IsFault)
            {
                return false;
            }

            if (!reply.IsOk || reply.Value.ReceivedCount + reply.Value.SentCount == 0)
            {
                return true;
            }
        }

        return false;
    }

    private static void Add(ref NetStatistics sum, in NetStatistics other)
    {
        sum.SentFrames += other.SentFrames;
        sum.SentBytes += other.SentBytes;
        sum.MissedFrames += other.MissedFrames;
        sum.ReceiveErrors += other.ReceiveErrors;
        sum.SendErrors += other.SendErrors;
        sum.LinkChanges += other.LinkChanges;
        sum.Resets += other.Resets;
    }
}
