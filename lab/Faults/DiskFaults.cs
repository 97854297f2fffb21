using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Lab.Simulation;
using RedLeafSharp.Machine.Nvme;

namespace RedLeafSharp.Lab.Faults;

/// <summary>
/// The simulated disk of a trial, as its faults see it: counts what happens, puts it into the trace, and lets the armed faults strike.
/// </summary>
internal sealed class DiskFaults : NvmeFaults
{
    /// <summary>The vector of the I/O queue; 0 is the admin queue's.</summary>
    private const ulong IoVectors = 1 << 1;

    private readonly TrialSimulation simulation;
    private readonly StrayWrites strayWrites;
    private readonly CountedFaults<DiskCounter, DiskFaultKind> faults;
    private bool isRemoved;
    private bool isReadyStuck;

    /// <param name="simulation">Time, chance and trace.</param>
    /// <param name="faults">Those of the trial that are the disk's.</param>
    /// <param name="deaths">How many domains have died.</param>
    internal DiskFaults(TrialSimulation simulation, IEnumerable<ArmedFault> faults, Func<int> deaths)
    {
        this.simulation = simulation;
        this.faults = new CountedFaults<DiskCounter, DiskFaultKind>(faults, DiskFaultKind.Find);
        strayWrites = new StrayWrites(deaths);
    }

    internal static string CounterName(DiskCounter counter) => $"{DiskFaultKind.Class}.{counter}";

    /// <summary>How often each kind of thing has happened.</summary>
    internal long CountOf(DiskCounter counter) => faults.CountOf(counter);

    /// <summary>Counts from now on.</summary>
    internal void Begin() => faults.Begin();

    internal override bool BecomesReady => !isReadyStuck;

    internal override CommandFault OnCommand(int queueId, long index, in SubmissionEntry command)
    {
        simulation.Note(
            TraceEvent.CommandFetched, ((ulong)queueId << 32) | command.CommandId, (command.FirstBlock << 8) | command.Opcode);
        if (queueId == 0)
        {
            return Pick(DiskCounter.AdminCommands, in command);
        }

        CommandFault fault = Pick(DiskCounter.Commands, in command);
        CommandFault other = (IoOpcode)command.Opcode switch
        {
            IoOpcode.Read => Pick(DiskCounter.Reads, in command),
            IoOpcode.Write => Pick(DiskCounter.Writes, in command),
            IoOpcode.Flush => Pick(DiskCounter.Flushes, in command),
            _ => default,
        };
        return fault.Kind == CommandFaultKind.None ? other : fault;
    }

    internal override void OnAnswered(int queueId, ushort commandId, ushort status) =>
        simulation.Note(TraceEvent.CommandAnswered, ((ulong)queueId << 32) | commandId, status);

    internal override ulong OnRead(int offsetBytes, int widthBytes, ulong value)
    {
        faults.Count(DiskCounter.RegisterReads);
        ulong ones = widthBytes == sizeof(uint) ? uint.MaxValue : ulong.MaxValue;
        foreach ((ArmedFault fault, DiskFaultKind kind) in faults.All)
        {
            if (kind.Counter == DiskCounter.RegisterReads && !isRemoved && fault.Strikes(() => $"register 0x{offsetBytes:x}"))
            {
                isRemoved |= kind.Name == "removal";
                value = kind.Name == "bit-flip" ? (value ^ (1UL << (int)(fault.ArgumentOr(0, 63) % (widthBytes * 8)))) & ones : ones;
            }
        }

        if (isRemoved)
        {
            Controller!.Halt();
        }

        return isRemoved ? ones : value;
    }

    internal override bool LosesWrite(int offsetBytes, ulong value)
    {
        if (offsetBytes == NvmeSpec.ControllerConfiguration)
        {
            NoteConfiguration((value & NvmeSpec.ConfigurationEnable) != 0);
        }

        return isRemoved || (offsetBytes >= NvmeSpec.FirstDoorbell && faults.StrikesAny(DiskCounter.Doorbells, () => $"doorbell 0x{offsetBytes:x}"));
    }

    internal override ulong OnInterrupt(ulong vectors)
    {
        faults.Count(DiskCounter.Interrupts);
        return vectors;
    }

    internal override ulong OnIdentify(ulong blockCount)
    {
        faults.Count(DiskCounter.Identifications);
        foreach ((ArmedFault fault, DiskFaultKind kind) in faults.All)
        {
            if (kind.Counter == DiskCounter.Identifications && fault.Strikes())
            {
                blockCount -= Math.Min(blockCount - 1, (ulong)fault.ArgumentOr(kind.Least, kind.Most));
            }
        }

        return blockCount;
    }

    private CommandFault Pick(DiskCounter counter, in SubmissionEntry command)
    {
        faults.Count(counter);
        CommandFault picked = default;
        byte opcode = command.Opcode;
        ulong block = command.FirstBlock;
        foreach ((ArmedFault fault, DiskFaultKind kind) in faults.All)
        {
            if (kind.Counter != counter || isRemoved || !fault.Strikes(() => $"opcode 0x{opcode:x2}, block {block}"))
            {
                continue;
            }

            if (kind.Command == CommandFaultKind.None)
            {
                Misbehave(fault, kind, command.Prp1);
            }
            else
            {
                picked = new CommandFault(kind.Command, ArgumentOf(fault, kind));
            }
        }

        return picked;
    }

    /// <summary>A status without a code would say that all is well: that is a disk that lies, which is another kind.</summary>
    private static int ArgumentOf(ArmedFault fault, DiskFaultKind kind)
    {
        int argument = (int)fault.ArgumentOr(kind.Least, kind.Most);
        bool isSuccess = kind.Command == CommandFaultKind.Status && (argument & NvmeStatus.CodeMask) == 0;
        return isSuccess ? argument | NvmeStatus.InternalError : argument;
    }

    /// <summary>What has nothing to do with the command at which it happens.</summary>
    private void Misbehave(ArmedFault fault, DiskFaultKind kind, ulong page)
    {
        switch (kind.Name)
        {
            case "stray-dma":
                StrayWrites.ToPage(fault.ArgumentOr(kind.Least, kind.Most), Controller!.TryStrayWrite);
                break;
            case "power-cut":
                isRemoved = true;
                Controller!.Halt();
                break;
            case "dma-after-death":
                strayWrites.Remember(page);
                break;
            default:
                for (long times = fault.ArgumentOr(kind.Least, kind.Most); times > 0; times--)
                {
                    Controller!.RaiseSpurious(IoVectors);
                }

                break;
        }
    }

    /// <summary>CC is written: the first thing that each generation of a driver does, and the last of a shutdown.</summary>
    private void NoteConfiguration(bool isEnabled)
    {
        strayWrites.Strike(Controller!.TryStrayWrite);
        if (!isEnabled)
        {
            isReadyStuck = false;
            return;
        }

        strayWrites.ForgetStruck();
        isReadyStuck = faults.StrikesAny(DiskCounter.Enables, () => "CC.EN");
    }
}
