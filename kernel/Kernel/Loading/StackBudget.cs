using RedLeafSharp.Scheduling;

namespace RedLeafSharp.Kernel.Loading;

/// <summary>
/// How deep into a thread's stack a domain may go. Steps are counted from the top: a callee has at least one step more than
/// whoever calls it, so that nobody is blamed for what a caller used up (docs/safepoints.md).
/// </summary>
internal static class StackBudget
{
    /// <summary>
    /// One step. Of the largest frames that the verifier admits 16 fit in, of ordinary ones thousands. Small, because unwinding
    /// needs up to 256 times as much: a small frame may hold an exception that the runtime keeps 15 KiB for.
    /// </summary>
    internal const int StepBytes = 256 << 10;

    /// <summary>Half of the stack; the other half stays the runtime's.</summary>
    internal const int StepsMax = 128;

    /// <summary>Programs call and are not called.</summary>
    internal const int StepsOfPrograms = 1;

    /// <summary>What must be left of the stack, in bytes, when code with so many steps runs.</summary>
    internal static int LimitOf(int steps) => AlignedStack.SizeBytes - (Math.Clamp(steps, 1, StepsMax) * StepBytes);
}
