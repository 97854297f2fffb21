using RedLeafSharp.Kernel.Boot;

namespace RedLeafSharp.Kernel.Executors;

/// <summary>What the executors know about a domain beyond its gate word. Every use is under the group's lock.</summary>
/// <remarks>
/// While <see cref="Waiters"/> is not empty, <see cref="Occupant"/> owes them an exit: it has
/// <see cref="ThreadFlags.ReleaseWaiters"/> set, or is the released waiter on its way in.
/// </remarks>
internal sealed class GateOccupancy(DomainGate gate)
{
    internal readonly DomainGate Gate = gate;

    /// <summary>What the domain has used of its limits; null when it has none.</summary>
    internal ResourceAccount? Account;

    /// <summary>How long a call may take.</summary>
    internal long CallDeadlineMicros = CallDeadline.None;

    /// <summary>The threads that wait to enter.</summary>
    internal readonly ThreadQueue Waiters = new();

    /// <summary>The thread that was last suspended inside, or that was let in last. Only meaningful with waiters.</summary>
    internal KernelThread? Occupant;
}
