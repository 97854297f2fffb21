using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.NetShadow;

/// <content>Doing without a driver: before a first one is loaded, after the last one has gone.</content>
internal sealed partial class ShadowedDriver
{
    /// <summary>How many drivers had been loaded when one was last asked for: with more of them there is another.</summary>
    private uint loadCount;

    /// <summary>
    /// Whether a driver has been loaded and started that knows of nothing yet. What the last one has handed on is no longer in use: a
    /// device is fenced when its driver dies, and a filter recalls it from below when it starts.
    /// </summary>
    private bool isFresh;

    /// <summary>Whether a poll has something to do, although there is no driver.</summary>
    internal bool HasNews => hasLinkChanged || HasToGiveBack || isFresh || link.LoadCount != loadCount;

    /// <summary>Whether there is something that can be given back to those above, without asking the driver.</summary>
    internal bool HasToGiveBack => IsLastQuiet ? !Buffers.IsEmpty || !Frames.IsEmpty : !Frames.IsEmpty && !Frames.IsFirstTried;

    /// <summary>
    /// Whether nobody uses any more what the last driver was given. As long as a filter that has gone has no successor, the device further
    /// down may still write into the buffers and read the frames that it has handed on.
    /// </summary>
    private bool IsLastQuiet => services.Loans.HasDevice || isFresh || IsPresent;

    /// <summary>Has the event signaled by whoever loads a driver, too.</summary>
    internal void SetSignal(KernelEvent signal)
    {
        State.Signal = signal;
        link.SetSignal(signal);
    }

    /// <summary>
    /// Takes a driver over that has been loaded meanwhile, once everything has been given back: its device may be another one.
    /// </summary>
    internal void TryGain(CallContext context)
    {
        if (!isFresh && link.LoadCount != loadCount)
        {
            (fruitlessRecoveries, fruitlessArms, isDoubted) = (0, 0, false);
            isFresh = TryReplace(context);
            if (!isFresh)
            {
                Leave(isTakenAway);
            }
        }

        if (isFresh && Buffers.IsEmpty && Frames.IsEmpty)
        {
            isFresh = false;
            BringUp(context);
        }
    }

    private void BringUp(CallContext context)
    {
        do
        {
            Reply<NetDeviceInfo, NetError> reply = link.Target.GetInfo(context);
            if (reply.IsFault)
            {
                continue;
            }

            if (!IsUsable(in reply))
            {
                services.Report(Severity.Error, "the driver does not say what its device is like");
                break;
            }

            Adopt(reply.Value);
            State.GrantAgain();
            if (State.TryRegister(context, link.Target) && State.TryApply(context, link.Target))
            {
                (IsPresent, shadow.HasGivenUp, hasLinkChanged) = (true, false, true);
                return;
            }
        }
        while (TryReplace(context));
        Leave(isTakenAway);
    }

    /// <summary>Gives back what nobody uses any more, or no driver has had, without a driver.</summary>
    internal NetProgress GiveBack(Span<ReceivedFrame> received)
    {
        NetProgress progress = new() { HasLinkChanged = hasLinkChanged };
        progress.ReceivedCount = IsLastQuiet ? Buffers.TakeRecalled(received) : 0;
        while (!Frames.IsEmpty && (IsLastQuiet || !Frames.IsFirstTried))
        {
            progress.SentCount += Frames.CompleteFirst();
            before.SendErrors++;
        }

        hasLinkChanged = false;
        return progress;
    }

    /// <summary>There is no driver from here on, until one is loaded.</summary>
    private void Leave(bool isTakenAway)
    {
        (IsPresent, shadow.HasGivenUp, hasLinkChanged) = (false, !isTakenAway, true);
        State.Signal?.SignalAll();
    }
}
