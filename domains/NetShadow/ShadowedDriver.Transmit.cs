using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.NetShadow;

/// <content>Frames on their way to the driver.</content>
internal sealed partial class ShadowedDriver
{
    /// <summary>Hands frames over, and keeps what the driver has no room for; returns how many entries are the shadow's now.</summary>
    internal int Send(CallContext context, ReadOnlySpan<TransmitEntry> entries)
    {
        if (!IsPresent || Frames.HasReady || !Frames.TryAddRun(entries, out ReadOnlySpan<TransmitEntry> run))
        {
            int admitted = CountAdmitted(entries, Frames.RoomCount);
            Frames.Add(entries[..admitted]);
            SendWaiting(context);
            return admitted;
        }

        Reply<int, NetError> reply = link.Target.Send(context, run);
        if (reply.IsOk && reply.Value == run.Length && Frames.TrySubmit(run.Length))
        {
            return run.Length;
        }

        return SettleRest(context, run, in reply);
    }

    /// <summary>Hands over what waits; the driver may take a part of it.</summary>
    internal void SendWaiting(CallContext context)
    {
        while (IsPresent && !TrySend(context))
        {
            Recover(context);
        }
    }

    /// <summary>
    /// Keeps those entries, of the last ones in the ledger, that the driver may take later, or may have taken when it died; returns how many
    /// of them are the shadow's now.
    /// </summary>
    /// <param name="context">The caller.</param>
    /// <param name="run">What the driver was given.</param>
    /// <param name="reply">Its answer: not that it has taken all of them.</param>
    private int SettleRest(CallContext context, ReadOnlySpan<TransmitEntry> run, in Reply<int, NetError> reply)
    {
        int taken = reply.IsOk ? Math.Clamp(reply.Value, 0, run.Length) : 0;
        bool isLie = !Frames.TrySubmit(taken);
        taken = isLie ? 0 : taken;
        int kept = taken + CountAdmitted(run[taken..], run.Length);
        Frames.Withdraw(run.Length - kept);
        if (isLie)
        {
            Frames.MarkAttempted(kept);
            ReplaceLiar(context);
        }
        else if (reply.IsFault)
        {
            Frames.MarkAttempted(kept);
            Recover(context);
        }
        else if (reply.Error == NetError.DeviceFailed)
        {
            TakeFailure(context, isFault: false);
        }

        return kept;
    }

    /// <summary>Entries of well-formed frames, up to the first that is none or has no room.</summary>
    private int CountAdmitted(ReadOnlySpan<TransmitEntry> entries, int room)
    {
        int count = 0;
        while (count < entries.Length && info.Admits(entries[count..], out int ofFrame) && count + ofFrame <= room)
        {
            count += ofFrame;
        }

        return count;
    }

    /// <summary>Hands batches over until nothing is ready or the driver is full; false when it dies.</summary>
    private bool TrySend(CallContext context)
    {
        while (Frames.HasReady && !Frames.IsFirstSpent)
        {
            ReadOnlySpan<TransmitEntry> batch = Frames.NextBatch();
            if (batch.IsEmpty)
            {
                // A driver has taken it that takes longer frames than any that is admitted here.
                Frames.SpendFirst();
                return true;
            }

            Reply<int, NetError> reply = link.Target.Send(context, batch);
            if (reply.IsFault)
            {
                Frames.MarkAttempted(batch.Length);
                return false;
            }

            if (reply.Error == NetError.DeviceFailed)
            {
                TakeFailure(context, isFault: false);
                return true;
            }

            if (!reply.IsOk)
            {
                // Well-formed by what the device has said of itself, and refused for good: it would hold up all that come after it.
                Frames.SpendFirst();
                return true;
            }

            int taken = Math.Clamp(reply.Value, 0, batch.Length);
            if (!Frames.TrySubmit(taken))
            {
                shadow.Lies++;
                Frames.MarkAttempted(batch.Length);
                return false;
            }

            if (taken < batch.Length)
            {
                return true;
            }
        }

        return true;
    }
}
