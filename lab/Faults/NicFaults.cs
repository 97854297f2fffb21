using RedLeafSharp.Lab.Simulation;
using RedLeafSharp.Machine.E1000e;

namespace RedLeafSharp.Lab.Faults;

/// <summary>
/// The simulated network controller of a trial, as its faults see it: counts what happens, and lets the armed faults strike.
/// </summary>
internal sealed class NicFaults : E1000eFaults
{
    private readonly TrialSimulation simulation;
    private readonly StrayWrites strayWrites;
    private readonly CountedFaults<NicCounter, NicFaultKind> faults;
    private long linkDownUntilMicros;
    private bool isRemoved;
    private bool isResetStuck;

    /// <param name="simulation">Time and chance.</param>
    /// <param name="faults">Those of the trial that are the controller's.</param>
    /// <param name="deaths">How many domains have died.</param>
    internal NicFaults(TrialSimulation simulation, IEnumerable<ArmedFault> faults, Func<int> deaths)
    {
        this.simulation = simulation;
        this.faults = new CountedFaults<NicCounter, NicFaultKind>(faults, NicFaultKind.Find);
        strayWrites = new StrayWrites(deaths);
    }

    /// <summary>When the link comes up again; the end of time if it is up.</summary>
    internal long NextDueMicros => linkDownUntilMicros > simulation.NowMicros ? linkDownUntilMicros : long.MaxValue;

    internal override bool LinkComesUp => simulation.NowMicros >= linkDownUntilMicros;

    internal override bool ResetEnds => !isResetStuck;

    internal override bool InterruptArrives => !faults.StrikesAny(NicCounter.Interrupts, () => "interrupt");

    /// <summary>How often each kind of thing has happened.</summary>
    internal long CountOf(NicCounter counter) => faults.CountOf(counter);

    /// <summary>Counts from now on.</summary>
    internal void Begin() => faults.Begin();

    internal override uint OnRead(int offsetBytes, uint value)
    {
        faults.Count(NicCounter.RegisterReads);
        foreach ((ArmedFault fault, NicFaultKind kind) in faults.All)
        {
            if (kind.Counter == NicCounter.RegisterReads && !isRemoved && fault.Strikes(() => $"register 0x{offsetBytes:x}"))
            {
                value = kind.Name == "bit-flip" ? value ^ (1u << (int)(fault.ArgumentOr(kind.Least, kind.Most) % 32)) : uint.MaxValue;
                isRemoved |= kind.Name == "removal";
            }
        }

        if (isRemoved)
        {
            Controller!.Halt();
        }

        return isRemoved ? uint.MaxValue : value;
    }

    internal override bool LosesWrite(int offsetBytes, uint value)
    {
        if (offsetBytes is E1000eSpec.Control or E1000eSpec.ControlCopy && (value & E1000eSpec.ControlReset) != 0)
        {
            NoteReset();
        }

        bool isTail = offsetBytes is E1000eSpec.ReceiveQueue + E1000eSpec.Tail or E1000eSpec.TransmitQueue + E1000eSpec.Tail;
        return isRemoved || (isTail && faults.StrikesAny(NicCounter.TailWrites, () => $"register 0x{offsetBytes:x}"));
    }

    internal override ushort OnEepromRead(int word)
    {
        faults.Count(NicCounter.EepromReads);
        ushort wrong = 0;
        foreach ((ArmedFault fault, NicFaultKind kind) in faults.All)
        {
            if (kind.Counter == NicCounter.EepromReads && fault.Strikes(() => $"word {word}"))
            {
                wrong ^= (ushort)fault.ArgumentOr(kind.Least, kind.Most);
            }
        }

        return wrong;
    }

    internal override WriteBackFault OnWriteBack(bool isReceive, long index)
    {
        NicCounter counter = isReceive ? NicCounter.ReceivedFrames : NicCounter.SentFrames;
        faults.Count(counter);
        WriteBackFault picked = default;
        foreach ((ArmedFault fault, NicFaultKind kind) in faults.All)
        {
            if (kind.Counter != counter || !fault.Strikes(() => $"{(isReceive ? "received" : "sent")} frame {index}"))
            {
                continue;
            }

            if (kind.Descriptor == DescriptorFault.None)
            {
                Misbehave(fault, kind);
            }
            else
            {
                picked = new WriteBackFault(kind.Descriptor, kind.Most > 0 ? (int)fault.ArgumentOr(kind.Least, kind.Most) : 0);
            }
        }

        return picked;
    }

    /// <summary>What has nothing to do with the frame at which it happens.</summary>
    private void Misbehave(ArmedFault fault, NicFaultKind kind)
    {
        switch (kind.Name)
        {
            case "stray-dma":
                StrayWrites.ToPage(fault.ArgumentOr(kind.Least, kind.Most), Controller!.TryStrayWrite);
                break;
            case "dma-after-death":
                RememberReceiveBuffer();
                break;
            case "link-flap":
                linkDownUntilMicros = simulation.NowMicros + fault.ArgumentOr(kind.Least, kind.Most);
                break;
            default:
                for (long times = fault.ArgumentOr(kind.Least, kind.Most); times > 0; times--)
                {
                    Controller!.RaiseSpurious(0);
                }

                break;
        }
    }

    /// <summary>The controller is reset: the first thing that each generation of a driver does, and the last of a shutdown.</summary>
    private void NoteReset()
    {
        strayWrites.Strike(Controller!.TryStrayWrite);
        strayWrites.ForgetStruck();
        isResetStuck = faults.StrikesAny(NicCounter.Resets, () => "CTRL.RST");
    }

    private void RememberReceiveBuffer()
    {
        ulong buffer = Controller!.NextReceiveBuffer;
        if (buffer != 0)
        {
            strayWrites.Remember(buffer);
        }
    }
}
