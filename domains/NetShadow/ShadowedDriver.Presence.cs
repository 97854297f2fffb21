using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.NetShadow;

/// <content>Doing without a driver: before a first one is loaded, after the last one has gone.</content>
internal sealed partial class ShadowedDriver
{
    /// <summary>How many drivers had been loaded when one was last asked for: with more of them there is another.</summary>
    private uint loadCount;

    /// <summary>Whether a poll has something to do, although there is no driver.</summary>
    internal bool HasNews => hasLinkChanged || !Buffers.IsEmpty || !Frames.IsEmpty || link.LoadCount != loadCount;

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
        if (link.LoadCount == loadCount || !Buffers.IsEmpty || !Frames.IsEmpty)
        {
            return;
        }

        (fruitlessRecoveries, fruitlessArms, isDoubted) = (0, 0, false);
        while (TryReplace(context))
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

        Leave(isTakenAway);
    }

    /// <summary>Gives back what no driver has any more, or none has had, without a driver.</summary>
    internal NetProgress GiveBack(Span<ReceivedFrame> received, Span<ulong> sent)
    {
        NetProgress progress = new() { ReceivedCount = Buffers.TakeRecalled(received), HasLinkChanged = hasLinkChanged };
        for (; progress.SentCount < sent.Length && !Frames.IsEmpty; progress.SentCount++)
        {
            sent[progress.SentCount] = Frames.Complete();
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
