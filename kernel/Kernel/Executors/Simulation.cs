namespace RedLeafSharp.Kernel.Executors;

/// <summary>
/// What stands in for time and chance in a system that is to do the same in every run: the clock, every choice, and the record of
/// what happened. docs/determinism.md says what is promised and how it is kept.
/// </summary>
/// <remarks>
/// Belongs to one system with one executor and is used by whoever holds its baton, so it needs no lock. Time passes in three
/// ways only: a microsecond for each round of the poll loop, one for so many polls of running code, and in leaps while
/// everybody waits.
/// </remarks>
internal abstract class Simulation
{
    /// <summary>The start of the year 2020: timestamps of files are the same in each run.</summary>
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_577_836_800);

    private int fuel = SimulationLimits.PollsPerMicro;
    private int sliceMicros = SimulationLimits.SliceMicrosMin;

    protected Simulation() => Time = new SimulatedTime(this);

    /// <summary>The clock of the system.</summary>
    internal TimeProvider Time { get; }

    /// <summary>Virtual microseconds since the boot.</summary>
    internal long NowMicros { get; private set; }

    /// <summary>How many of them code of domains has computed.</summary>
    internal long WorkMicros { get; private set; }

    /// <summary>When the simulation is broken off: every thread is unwound at its next poll or wait.</summary>
    internal long DeadlineMicros { get; init; } = KernelEvent.Forever;

    /// <summary>Whether that has happened.</summary>
    internal bool IsOverdue { get; private set; }

    /// <summary>Whether running code burns no fuel: it does what is done once in a process, not in each simulation.</summary>
    internal bool IsPaused { get; set; }

    /// <summary>When the next thing is due in a device; set by the machine.</summary>
    internal Func<long> NextDeviceMicros { get; set; } = () => KernelEvent.Forever;

    /// <summary>What the kernel's own threads do in another system, now and then; set by the system. It must not wait.</summary>
    internal Action HouseKeeping { get; set; } = () => { };

    /// <summary>Decides which of several things happens.</summary>
    /// <param name="choice">What is being decided: each has random numbers of its own.</param>
    /// <param name="count">How many there are, at least 1.</param>
    /// <returns>0 to <paramref name="count"/> - 1.</returns>
    internal abstract int Choose(Choice choice, int count);

    /// <summary>Notes that something happened. Two runs are the same if all that they note is.</summary>
    internal abstract void Note(TraceEvent what, ulong first, ulong second);

    /// <summary>Random bytes for programs and domains.</summary>
    internal void Fill(Span<byte> buffer)
    {
        foreach (ref byte one in buffer)
        {
            one = (byte)Choose(Choice.Entropy, 256);
        }
    }

    /// <summary>A round of the poll loop.</summary>
    internal void PassRound() => NowMicros++;

    /// <summary>Everybody waits until then.</summary>
    internal void LeapTo(long micros) => NowMicros = Math.Max(NowMicros, micros);

    /// <summary>Whether the deadline is over.</summary>
    internal bool CheckDeadline() => IsOverdue |= NowMicros >= DeadlineMicros;

    /// <summary>One poll of running code.</summary>
    /// <returns>Whether a microsecond of work is full, so that the slow part is due.</returns>
    internal bool BurnFuel()
    {
        if (IsPaused || --fuel > 0)
        {
            return false;
        }

        fuel = SimulationLimits.PollsPerMicro;
        NowMicros++;
        WorkMicros++;
        return true;
    }

    /// <summary>
    /// The next poll ends the slice of the running thread: for code that is known to do nothing but compute, whose polls one by one would
    /// cost the host billions of them.
    /// </summary>
    internal void BurnSlice()
    {
        fuel = 1;
        NowMicros += sliceMicros - 1;
        WorkMicros += sliceMicros - 1;
        sliceMicros = 1;
    }

    /// <summary>A microsecond of the running thread's slice is over.</summary>
    /// <returns>Whether the slice is.</returns>
    internal bool EndsSlice()
    {
        if (--sliceMicros > 0)
        {
            return false;
        }

        RenewSlice();
        return true;
    }

    /// <summary>A thread begins to run.</summary>
    internal void RenewSlice() => sliceMicros = SimulationLimits.SliceMicrosMin
        + Choose(Choice.Slice, SimulationLimits.SliceMicrosMax - SimulationLimits.SliceMicrosMin);

    /// <summary>The clock as .NET has it.</summary>
    private sealed class SimulatedTime(Simulation simulation) : TimeProvider
    {
        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp() => simulation.NowMicros;

        public override DateTimeOffset GetUtcNow() => Start + TimeSpan.FromMicroseconds(simulation.NowMicros);
    }
}

/// <summary>What is decided by chance. Each has a stream of random numbers, so that a decision added to one moves no other.</summary>
internal enum Choice
{
    /// <summary>Which of the ready threads runs next.</summary>
    NextThread,

    /// <summary>How long a thread of a program may compute before another one has its turn.</summary>
    Slice,

    /// <summary>How long a standby takes to be made.</summary>
    StandbyDelay,

    /// <summary>Bytes that domains ask for.</summary>
    Entropy,

    /// <summary>How long a device takes for a command.</summary>
    DeviceDelay,

    /// <summary>Whether a fault that strikes now and then does.</summary>
    FaultStrikes,

    /// <summary>What a fault makes of what it strikes.</summary>
    FaultShape,
}

/// <summary>What a trace is made of. Numbers are part of traces: new ones go to the end.</summary>
internal enum TraceEvent
{
    None,

    /// <summary>A thread gets the baton: its number.</summary>
    ThreadRuns,

    /// <summary>A thread has ended: its number.</summary>
    ThreadEnds,

    /// <summary>A wait is over: the thread's number, and how.</summary>
    WaitEnds,

    /// <summary>A domain is killed: its id.</summary>
    DomainKilled,

    /// <summary>A domain's id and the number of its generation, when it starts.</summary>
    DomainStarts,

    /// <summary>A device fetches a command: queue and identifier, opcode.</summary>
    CommandFetched,

    /// <summary>A device answers: queue and identifier, status.</summary>
    CommandAnswered,

    /// <summary>A fault strikes: its number, and where.</summary>
    FaultStrikes,

    /// <summary>A line of the log: its event, and a hash of its text.</summary>
    Logged,

    /// <summary>A workload's operation has been answered: its number, and a hash of the answer.</summary>
    Answered,

    /// <summary>A choice: what was decided, and how.</summary>
    Chosen,

    /// <summary>A frame enters a wire: from which end and how long, and a hash of it.</summary>
    FrameCarried,
}
