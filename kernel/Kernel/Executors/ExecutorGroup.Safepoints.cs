using System.Runtime.CompilerServices;

namespace RedLeafSharp.Kernel.Executors;

/// <content>What running code is told when it polls, and when it has used up its stack (docs/safepoints.md).</content>
internal sealed partial class ExecutorGroup
{
    /// <summary>What a domain is reported to have thrown when its stack guard strikes.</summary>
    private const string StackFaultName = "System.InsufficientExecutionStackException";

    internal override void Safepoint(ThreadContext context)
    {
        if (simulation is not null && !IsPollDue(context, simulation))
        {
            return;
        }

        using (Hold())
        {
            if (IsDyingLocked(context))
            {
                // The killer raises the word before it scans: this thread may be back through its proxy before it is flagged.
                SetFlag(context, ThreadFlags.KillPending);
                throw Unwinding(context, context.CurrentDomain);
            }
        }

        MeterAllocation(context, arrayBytes: 0);
    }

    internal override void BeforeLargeArray(ThreadContext context, long bytes) => MeterAllocation(context, bytes);

    /// <remarks>
    /// Each domain may go deeper than those that call it, so whoever runs into its limit has used up a part of its own. The
    /// domain is dead before its first handler is asked; a recursion that catches what its guard throws would not end.
    /// </remarks>
    internal override void StackExhausted(ThreadContext context)
    {
        DomainGate? gate = null;
        using (Hold())
        {
            if (gates.TryGetValue(context.CurrentDomain, out GateOccupancy? occupancy))
            {
                gate = occupancy.Gate;
            }
        }

        if (gate is null)
        {
            // Nobody to blame: a domain that rehearses, or one of a test.
            RuntimeHelpers.EnsureSufficientExecutionStack();
            return;
        }

        if (!gate.IsDead)
        {
            FaultSink?.OnFault(context, gate, StackFaultName);
            Kill(gate);
        }

        using (Hold())
        {
            SetFlag(context, ThreadFlags.KillPending);
            throw Unwinding(context, gate.Id);
        }
    }

    internal override bool IsDying(ThreadContext context)
    {
        using (Hold())
        {
            return IsDyingLocked(context);
        }
    }

    private bool IsDyingLocked(ThreadContext context) =>
        (isStopping && context.SchedulerState is KernelThread) || IsDead(context.CurrentDomain);
}
