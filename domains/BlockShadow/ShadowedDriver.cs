using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.BlockShadow;

/// <summary>
/// The driver as the shadow sees it: it may die at any call, lie, or go silent. After each of these the next generation is
/// brought up and handed what the ledger holds.
/// </summary>
internal sealed class ShadowedDriver
{
    private readonly DomainLink<IBlockDevice> link;
    private readonly DomainServices services;
    private readonly long timeoutMicros;
    private readonly long tickMicros;
    private BlockGeometry geometry;
    private Ledger? ledger;
    private int fruitlessRecoveries;
    private long silentSinceMicros = -1;
    private long nextTickMicros;
    private int pollsSinceCheck;

    internal ShadowedDriver(DomainLink<IBlockDevice> link, DomainServices services, long timeoutMicros)
    {
        this.link = link;
        this.services = services;
        this.timeoutMicros = timeoutMicros;
        tickMicros = Math.Max(1, timeoutMicros / ShadowLimits.TicksPerTimeout);
    }

    /// <summary>Whether no driver will come any more: all that is asked fails.</summary>
    internal bool HasGivenUp { get; private set; }

    internal long Recoveries { get; private set; }

    internal long Replayed { get; private set; }

    internal long Retried { get; private set; }

    internal long Ignored { get; private set; }

    internal long RecoveryMicrosMax { get; private set; }

    /// <summary>The driver's geometry, with limits that the ledger can hold; false when no driver answers with a usable one.</summary>
    internal bool TryStart(CallContext context, out BlockGeometry usable)
    {
        Reply<BlockGeometry, BlockError> reply = link.Target.GetGeometry(context);
        while (reply.IsFault && TryReplace(context))
        {
            reply = link.Target.GetGeometry(context);
        }

        geometry = reply.Value;
        usable = geometry;
        usable.RequestsMax = Math.Min(geometry.RequestsMax, ShadowLimits.RequestsMax);
        usable.TransferBytesMax =
            Math.Min(geometry.TransferBytesMax, ShadowLimits.TransferBytesMax) & ~(PageBuffer.PageBytes - 1);
        return reply.IsOk && geometry.BlockBytes is 512 or 4096 && usable.RequestsMax > 0 && usable.TransferBytesMax > 0;
    }

    internal void Attach(Ledger newLedger) => ledger = newLedger;

    /// <summary>Hands all that is ready to the driver, as one batch; the driver may take a part of it.</summary>
    internal void Submit(CallContext context)
    {
        if (!HasGivenUp && !TrySubmit(context))
        {
            Recover(context);
        }
    }

    /// <summary>Collects what the driver has completed, with the tags of those above; returns how many.</summary>
    internal int Poll(CallContext context, Span<BlockCompletion> completions)
    {
        if (HasGivenUp || completions.IsEmpty || !Ledger.HasUnsettled)
        {
            return 0;
        }

        Reply<int, BlockError> reply = link.Target.Poll(context, completions);
        if (!reply.IsOk)
        {
            TakeFailure(context, reply.Fault, reply.Error);
            return 0;
        }

        if (reply.Value == 0)
        {
            CheckPatience(context);
            return 0;
        }

        bool isTruthful = (uint)reply.Value <= (uint)completions.Length;
        int delivered = isTruthful ? Translate(completions[..reply.Value], out isTruthful) : 0;
        if (!isTruthful)
        {
            Ignored++;
            Distrust(context, "it completed a request that it does not have");
        }
        else if (Ledger.HasReady)
        {
            Submit(context);
        }

        if (++pollsSinceCheck >= ShadowLimits.PollsPerCheck)
        {
            // A driver that withholds one completion may deliver others without end.
            pollsSinceCheck = 0;
            CheckAges(context, context.UptimeMicros);
        }

        return delivered;
    }

    /// <summary>Waits in the driver for at most this long. True when a poll may deliver something.</summary>
    internal bool Wait(CallContext context, long micros, KernelEvent pause)
    {
        long before = context.UptimeMicros;
        Reply<bool, BlockError> reply = link.Target.Wait(
            context, Math.Min(Math.Min(micros, timeoutMicros), ShadowLimits.WaitMicrosMax));
        if (!reply.IsOk)
        {
            TakeFailure(context, reply.Fault, reply.Error);
            if (reply.IsFault && !IsDead(reply.Fault))
            {
                // Nothing is wrong with the driver, and nothing has been waited for.
                CheckPatience(context);
                _ = pause.Wait(context, Math.Min(micros, ShadowLimits.PauseMicros));
            }

            return false;
        }

        if (reply.Value)
        {
            return true;
        }

        CheckPatience(context);
        if (context.UptimeMicros == before)
        {
            // It denies to have anything. Time has to pass, or its silence would never be noticed.
            _ = pause.Wait(context, Math.Min(micros, ShadowLimits.PauseMicros));
        }

        return false;
    }

    private Ledger Ledger => ledger ?? throw new InvalidOperationException("the shadow has not been started");

    private static bool IsDead(Fault fault) =>
        fault is Fault.CalleeFaulted or Fault.CalleeDead or Fault.CalleeKilled or Fault.CalleeLate or Fault.GaveUp;

    /// <returns>False when the driver is dead or lies.</returns>
    private bool TrySubmit(CallContext context)
    {
        while (Ledger.HasReady)
        {
            ReadOnlySpan<BlockRequest> batch = Ledger.PrepareBatch();
            Reply<int, BlockError> reply = link.Target.Submit(context, batch, Ledger.Pages);
            if (reply.IsOk)
            {
                return TryTakeCount(batch.Length, reply.Value);
            }

            if (reply.IsFault)
            {
                return !IsDead(reply.Fault);
            }

            if (reply.Error == BlockError.InvalidRequest)
            {
                Ledger.RefuseFirst(reply.Error);
            }
            else
            {
                FailAll();
            }
        }

        return true;
    }

    private bool TryTakeCount(int offered, int taken)
    {
        if ((uint)taken > (uint)offered)
        {
            services.Report(Severity.Warning, $"the driver took {taken} of {offered} requests; it is replaced");
            return false;
        }

        Ledger.MarkSubmitted(taken);
        return true;
    }

    /// <summary>Gives completions the tags of those above, in place.</summary>
    private int Translate(Span<BlockCompletion> completions, out bool isTruthful)
    {
        isTruthful = true;
        int delivered = 0;
        foreach (BlockCompletion completion in completions)
        {
            int slot = Ledger.Find(completion.Tag);
            if (slot < 0)
            {
                isTruthful = false;
                break;
            }

            if (Ledger.TryRetry(slot, completion.Error))
            {
                Retried++;
                continue;
            }

            completions[delivered++] = Ledger.Complete(slot, completion.Error);
        }

        silentSinceMicros = -1;
        fruitlessRecoveries = delivered > 0 ? 0 : fruitlessRecoveries;
        return delivered;
    }

    private void TakeFailure(CallContext context, Fault fault, BlockError error)
    {
        if (IsDead(fault))
        {
            Recover(context);
        }
        else if (fault == Fault.None)
        {
            services.Report(Severity.Warning, $"the driver answers {error}; everything in flight fails");
            FailAll();
        }
    }

    /// <summary>Ends all that is in flight: the driver says that its device has failed, which is not silence.</summary>
    private void FailAll()
    {
        Ledger.FailAll(BlockError.DeviceFailed);
        silentSinceMicros = -1;
    }

    private void CheckPatience(CallContext context)
    {
        long now = context.UptimeMicros;
        if (!CheckAges(context, now))
        {
            CheckSilence(context, now);
        }
    }

    /// <summary>A request that the driver has had for too long is as good as lost with it. True when it has been replaced for that.</summary>
    private bool CheckAges(CallContext context, long now)
    {
        if (now < nextTickMicros || HasGivenUp)
        {
            return false;
        }

        nextTickMicros = now + tickMicros;
        int overdue = Ledger.CountOverdue(ShadowLimits.TicksPerTimeout);
        if (overdue > 0)
        {
            Distrust(context, $"it has had {overdue} requests for more than {timeoutMicros} us");
        }

        return overdue > 0;
    }

    private void CheckSilence(CallContext context, long now)
    {
        if (silentSinceMicros < 0)
        {
            silentSinceMicros = now;
        }
        else if (now - silentSinceMicros >= timeoutMicros)
        {
            Distrust(context, $"it has completed nothing for {now - silentSinceMicros} us");
        }
    }

    private void Distrust(CallContext context, string reason)
    {
        services.Report(Severity.Warning, $"the driver is replaced: {reason}");
        Recover(context);
    }

    /// <summary>Brings up generations until one has taken over the ledger, or gives up.</summary>
    private void Recover(CallContext context)
    {
        long before = context.UptimeMicros;
        while (TryReplace(context))
        {
            Reply<BlockGeometry, BlockError> reply = link.Target.GetGeometry(context);
            if (reply.IsFault)
            {
                continue;
            }

            if (!reply.IsOk || reply.Value.BlockCount != geometry.BlockCount || reply.Value.BlockBytes != geometry.BlockBytes)
            {
                services.Report(Severity.Error, "the device is not the one it was");
                break;
            }

            int replayed = Ledger.Rewind();
            Replayed += replayed;
            if (TrySubmit(context))
            {
                RecoveryMicrosMax = Math.Max(RecoveryMicrosMax, context.UptimeMicros - before);
                services.Report(Severity.Debug, $"generation {link.Generation} took over {replayed} requests");
                return;
            }
        }

        HasGivenUp = true;
        Ledger.FailAll(BlockError.DeviceFailed);
    }

    private bool TryReplace(CallContext context)
    {
        silentSinceMicros = -1;
        while (fruitlessRecoveries++ < ShadowLimits.FruitlessRecoveriesMax)
        {
            Reply<uint, DomainError> reply = link.Recover(context);
            if (reply.IsOk)
            {
                Recoveries++;
                return true;
            }

            if (reply.Fault == Fault.GaveUp)
            {
                break;
            }
        }

        services.Report(Severity.Error, "no driver is left; every request fails from now on");
        HasGivenUp = true;
        return false;
    }
}
