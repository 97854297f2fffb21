using RedLeafSharp.Lab.Simulation;
using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Lab.Workloads.Network;

/// <summary>The parties of a round: gives each its turns, waits while none can do anything, and adds up what they say.</summary>
internal sealed class RoundTable
{
    private readonly WorkloadContext trial;
    private readonly List<Party> parties = [];

    internal RoundTable(CallContext context, WorkloadContext trial)
    {
        this.trial = trial;
        Wake = KernelEvent.Create(context);
    }

    /// <summary>Signaled by all sockets.</summary>
    internal KernelEvent Wake { get; }

    /// <summary>The trial.</summary>
    internal WorkloadContext Trial => trial;

    /// <summary>Hash of which operations were answered with what, whatever their order.</summary>
    internal ulong Digest { get; private set; }

    /// <summary>Runs until all parties are done.</summary>
    internal RoundEnd Run(CallContext context, IReadOnlyList<Party> all)
    {
        parties.AddRange(all);
        while (!parties.TrueForAll(party => party.IsDone))
        {
            bool hasWorked = false;
            for (int index = 0; index < parties.Count; index++)
            {
                hasWorked |= !parties[index].IsDone && parties[index].Step(context);
            }

            if (!hasWorked)
            {
                _ = Wake.Wait(context, WorkloadLimits.WaitMicros);
            }
        }

        foreach (Party party in parties)
        {
            party.Close(context);
        }

        return RoundEnd.Completed;
    }

    /// <summary>Somebody has come who was not there at the beginning.</summary>
    internal void Seat(Party party) => parties.Add(party);

    /// <summary>An operation is over.</summary>
    internal void Answer(long number, bool isOk, ulong hash)
    {
        Digest += isOk ? Mixing.Chain((ulong)number, hash) : 0;
        trial.Answer(number, isOk, hash);
    }
}
