using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Lab.Simulation;
using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Lab.Faults;

/// <summary>One fault of a trial: counts the occasions and decides at which it strikes.</summary>
internal sealed class ArmedFault
{
    private const long Always = 1L << 30;

    private readonly TrialSimulation simulation;
    private readonly Func<FaultState> state;
    private readonly Action struck;
    private readonly int number;
    private long occasions;
    private long nextMicros;

    /// <param name="plan">What the trial asks for.</param>
    /// <param name="number">Its place among the faults of the trial.</param>
    /// <param name="simulation">Time, chance and trace.</param>
    /// <param name="state">In which state the system is now.</param>
    /// <param name="struck">Told each time it strikes.</param>
    internal ArmedFault(FaultPlan plan, int number, TrialSimulation simulation, Func<FaultState> state, Action struck)
    {
        Plan = plan;
        this.number = number;
        this.simulation = simulation;
        this.state = state;
        this.struck = struck;
    }

    internal FaultPlan Plan { get; }

    /// <summary>How often its place was passed, in whatever state.</summary>
    internal long Reached { get; private set; }

    internal long Activated { get; private set; }

    internal long FirstActivatedMicros { get; private set; } = -1;

    /// <summary>Where it struck first, for people.</summary>
    internal string Place { get; private set; } = string.Empty;

    /// <summary>Whether it may still strike; taken away before the second round.</summary>
    internal bool IsDisarmed { get; set; }

    internal FaultRecord Record => new(Reached, Activated, FirstActivatedMicros, Place);

    /// <summary>An occasion.</summary>
    /// <param name="place">Says where, for people; asked once.</param>
    /// <returns>Whether it strikes.</returns>
    internal bool Strikes(Func<string>? place = null)
    {
        Reached++;
        FaultState now = state();
        if (IsDisarmed || (Plan.While == FaultState.Any ? now == FaultState.Booting : now != Plan.While))
        {
            return false;
        }

        occasions++;
        if (Plan.EveryMicros > 0)
        {
            return occasions >= Plan.Occurrence && simulation.NowMicros >= nextMicros && Note(place);
        }

        bool isDue = Plan.Mode == FaultMode.Once ? occasions == Plan.Occurrence : occasions >= Plan.Occurrence;
        if (!isDue || (Plan.Mode == FaultMode.Intermittent && occasions > Plan.Occurrence && !IsDrawn()))
        {
            return false;
        }

        return Note(place);
    }

    /// <summary>What the plan says, or what the trial draws if it leaves that open.</summary>
    internal long ArgumentOr(long least, long most) =>
        Plan.Argument != 0 ? Plan.Argument : least + simulation.Choose(Choice.FaultShape, (int)(most - least + 1));

    /// <summary>What is left of the running thread's slice is over by its next poll.</summary>
    internal void BurnSlice() => simulation.BurnSlice();

    private bool Note(Func<string>? place)
    {
        nextMicros = simulation.NowMicros + Plan.EveryMicros;
        if (++Activated == 1)
        {
            FirstActivatedMicros = simulation.NowMicros;
            Place = place?.Invoke() ?? string.Empty;
        }

        simulation.Note(TraceEvent.FaultStrikes, (ulong)number, (ulong)Activated);
        struck();
        return true;
    }

    private bool IsDrawn() => simulation.Choose(Choice.FaultStrikes, (int)Always) < Plan.Probability * Always;
}
