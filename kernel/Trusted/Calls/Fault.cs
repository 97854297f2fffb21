namespace RedLeafSharp;

/// <summary>
/// Why a crossing gave no answer of the callee. Only the kernel makes faults; a domain that returns one passes on what
/// it has been given. Values are negative so that one word holds success (0), a contract's error (above) or a fault.
/// </summary>
public enum Fault
{
    /// <summary>There was no fault.</summary>
    None = 0,

    /// <summary>The callee threw; it is dead now, and whatever was moved into the call is lost.</summary>
    CalleeFaulted = -1,

    /// <summary>The callee was dead before the call; moved arguments stay with the caller.</summary>
    CalleeDead = -2,

    /// <summary>
    /// The callee is on this thread's chain already and is not re-entrant; moved arguments stay with the caller.
    /// </summary>
    Busy = -3,

    /// <summary>Waiting for the callee would close a cycle of waits; moved arguments stay with the caller.</summary>
    Deadlock = -4,

    /// <summary>The callee was killed while the call was inside it; whatever was moved into the call is lost.</summary>
    CalleeKilled = -5,

    /// <summary>The chain of nested calls is too deep; moved arguments stay with the caller.</summary>
    TooDeep = -6,

    /// <summary>
    /// The supervisor has given up on a driver: its restart budget is spent. Answers the shadow's request for another
    /// generation; a call to the dead driver is <see cref="CalleeDead"/>.
    /// </summary>
    GaveUp = -7,

    /// <summary>
    /// The call was broken off at a wait because a domain further down the chain of callers has been killed. The callee
    /// lives on: this is no reason to recover it. What was moved into the call is the callee's.
    /// </summary>
    CallerDead = -8,

    /// <summary>
    /// The callee was killed while the call was inside it, because a call to it took longer than its deadline; whatever was moved
    /// into the call is lost.
    /// </summary>
    CalleeLate = -9,
}
