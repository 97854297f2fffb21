using RedLeafSharp.Safepoints;

namespace RedLeafSharp;

/// <summary>
/// The one word that decides whether a call may enter a domain: the id of its executor when it is open, a negative
/// <see cref="GateState"/> otherwise.
/// </summary>
/// <remarks>
/// A proxy compares the word with the executor id of its thread, which checks liveness, executor and occupancy at once.
/// Dead is final: open and close are compare-and-swap, so that they cannot overwrite a kill.
/// </remarks>
internal sealed class DomainGate
{
    private readonly long padding0, padding1, padding2, padding3, padding4, padding5;

    /// <summary>Executor id (0 and above) or a <see cref="GateState"/>.</summary>
    internal volatile int Word;

    /// <summary>
    /// The place in a chain where the domain was entered last, whoever was there since: tells whether a call has come round to a
    /// domain that is on its own chain, see <see cref="ThreadContext.HasEntered"/>. For holders of the home executor's baton.
    /// </summary>
    internal nint EnteredAt;

    /// <summary>The domain behind the gate.</summary>
    internal readonly uint Id;

    /// <summary>The domain's name, for messages.</summary>
    internal readonly string Name;

    /// <summary>Whether other threads may enter while one is suspended inside.</summary>
    internal readonly bool IsReentrant;

    /// <summary>
    /// Whether a call inside the domain goes on to its end when a caller further down the chain is killed. Otherwise the
    /// call is broken off at its next wait, see <see cref="Fault.CallerDead"/>. For domains whose state must not be left
    /// half-changed because a client died: a file system, a shadow.
    /// </summary>
    internal bool CompletesCalls { get; init; }

    /// <summary>The executor the domain belongs to, whatever the state of the gate.</summary>
    internal readonly int HomeExecutorId;

    /// <summary>What the domain's code polls; null for a domain without code of its own.</summary>
    internal PollWord? PollWord { get; init; }

    /// <summary>The kernel's record of the domain.</summary>
    internal object? Domain;

    /// <summary>The executors' record of who is suspended inside and who waits to enter.</summary>
    internal object? Occupancy;

    internal DomainGate(uint id, string name, int homeExecutorId, bool isReentrant, bool isOpen = true)
    {
        Id = id;
        Name = name;
        HomeExecutorId = homeExecutorId;
        IsReentrant = isReentrant;
        Word = isOpen ? homeExecutorId : GateState.NotStarted;
        padding0 = padding1 = padding2 = padding3 = padding4 = padding5 = 0;
        _ = padding0 + padding1 + padding2 + padding3 + padding4 + padding5;
    }

    /// <summary>Whether it is being killed for a call that exceeded its deadline; set before <see cref="Kill"/>, for ever.</summary>
    internal volatile bool IsLate;

    internal bool IsDead => Word == GateState.Dead;

    /// <summary>Closes or opens the gate unless its state has changed meanwhile; never brings back the dead.</summary>
    internal bool TryChange(int from, int to) => Interlocked.CompareExchange(ref Word, to, from) == from;

    /// <summary>Kills: from here on nobody enters. Returns false when the domain was dead already.</summary>
    internal bool Kill() => Interlocked.Exchange(ref Word, GateState.Dead) != GateState.Dead;
}

/// <summary>Values of <see cref="DomainGate.Word"/> that are not an executor.</summary>
internal static class GateState
{
    /// <summary>The domain is dead, for ever.</summary>
    internal const int Dead = -1;

    /// <summary>A thread is suspended inside a domain that is not re-entrant.</summary>
    internal const int Occupied = -2;

    /// <summary>The domain is loaded but not published yet.</summary>
    internal const int NotStarted = -3;
}
