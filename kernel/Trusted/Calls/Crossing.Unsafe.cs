using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using RedLeafSharp.Memory;

namespace RedLeafSharp;

/// <summary>
/// What a generated proxy does around the call to its target. No interlocked instruction is on the path: the killer pays
/// with a process-wide barrier instead (docs/decisions/0002-crossings.md).
/// </summary>
internal static unsafe class Crossing
{
    /// <summary>
    /// Puts the callee on the chain, then looks at its gate: in this order, so that a killer that has closed the gate and
    /// then scans the chains misses no thread.
    /// </summary>
    /// <param name="context">The caller.</param>
    /// <param name="gate">The callee's.</param>
    /// <param name="word">The callee's entry in the chain: its id and a <see cref="CallTag"/>.</param>
    /// <returns>A frame to leave with; when its <see cref="CrossingFrame.Fault"/> is set, the call has not been entered.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static CrossingFrame Enter(CallContext context, DomainGate gate, ulong word)
    {
        ThreadContext thread = context.Thread;
        ChainEntry* top = thread.ChainTop;
        top[1].Word = word;
        thread.ChainTop = top + 1;
        if (gate.Word != thread.ExecutorId || top >= thread.ChainLimit || gate.EnteredAt <= (nint)top)
        {
            return EnterSlow(thread, gate, top);
        }

        gate.EnteredAt = (nint)(top + 1);
        return new CrossingFrame(top, 0);
    }

    /// <summary>Takes the callee off the chain. Throws into the caller when the caller itself has been killed.</summary>
    /// <returns>The fault to report, if the call was cut short although the callee returned.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Fault Leave(CallContext context, DomainGate gate, CrossingFrame frame)
    {
        ThreadContext thread = context.Thread;
        thread.ChainTop = frame.Top;
        if ((thread.Flags | frame.Token) != 0)
        {
            return thread.Scheduler.Leave(thread, gate, frame.Token);
        }

        return Fault.None;
    }

    /// <summary>The exception barrier: what the callee threw becomes a fault, and the callee is dead.</summary>
    /// <remarks>The exception must not be kept: it would pin the domain's code (and its members are domain code).</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static Fault Caught(CallContext context, DomainGate gate, CrossingFrame frame, Exception exception)
    {
        ThreadContext thread = context.Thread;
        thread.ChainTop = frame.Top + 1;
        return thread.Scheduler.Caught(thread, gate, exception);
    }

    /// <summary>Moves an argument from the caller to the callee. Called after <see cref="Enter"/>.</summary>
    /// <returns>False when the caller does not own what it passes, or has lent it; nothing has been moved then.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryMoveIn<T>(CrossingFrame frame, DomainGate gate, RRef<T> argument)
        where T : unmanaged => ExchangeBlocks.TryMove(argument.Header, argument.Generation, frame.Top->Domain, gate.Id);

    /// <inheritdoc cref="TryMoveIn{T}(CrossingFrame, DomainGate, RRef{T})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryMoveIn<T>(CrossingFrame frame, DomainGate gate, RRefArray<T> argument)
        where T : unmanaged => ExchangeBlocks.TryMove(argument.Header, argument.Generation, frame.Top->Domain, gate.Id);

    /// <inheritdoc cref="TryMoveIn{T}(CrossingFrame, DomainGate, RRef{T})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryMoveIn(CrossingFrame frame, DomainGate gate, PageBuffer argument) =>
        ExchangeBlocks.TryMove(argument.Header, argument.Generation, frame.Top->Domain, gate.Id);

    /// <summary>Moves a result from the callee to the caller. Called inside the exception barrier.</summary>
    /// <exception cref="OwnershipException">The callee does not own what it returns: a fault of the callee.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void MoveOut<T>(CrossingFrame frame, DomainGate gate, RRef<T> result)
        where T : unmanaged => ExchangeBlocks.Move(result.Header, result.Generation, gate.Id, frame.Top->Domain);

    /// <inheritdoc cref="MoveOut{T}(CrossingFrame, DomainGate, RRef{T})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void MoveOut<T>(CrossingFrame frame, DomainGate gate, RRefArray<T> result)
        where T : unmanaged => ExchangeBlocks.Move(result.Header, result.Generation, gate.Id, frame.Top->Domain);

    /// <inheritdoc cref="MoveOut{T}(CrossingFrame, DomainGate, RRef{T})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void MoveOut(CrossingFrame frame, DomainGate gate, PageBuffer result) =>
        ExchangeBlocks.Move(result.Header, result.Generation, gate.Id, frame.Top->Domain);

    /// <summary>Undoes <see cref="TryMoveIn{T}(CrossingFrame, DomainGate, RRef{T})"/> when a later argument cannot move.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void MoveBack<T>(CrossingFrame frame, DomainGate gate, RRef<T> argument)
        where T : unmanaged => ExchangeBlocks.Move(argument.Header, argument.Generation, gate.Id, frame.Top->Domain);

    /// <inheritdoc cref="MoveBack{T}(CrossingFrame, DomainGate, RRef{T})"/>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void MoveBack<T>(CrossingFrame frame, DomainGate gate, RRefArray<T> argument)
        where T : unmanaged => ExchangeBlocks.Move(argument.Header, argument.Generation, gate.Id, frame.Top->Domain);

    /// <inheritdoc cref="MoveBack{T}(CrossingFrame, DomainGate, RRef{T})"/>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void MoveBack(CrossingFrame frame, DomainGate gate, PageBuffer argument) =>
        ExchangeBlocks.Move(argument.Header, argument.Generation, gate.Id, frame.Top->Domain);

    /// <summary>
    /// Frees a result that had been moved to the caller before <see cref="Leave"/> reported a fault in its place: nobody
    /// will see the reference.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void Discard<T>(CallContext context, RRef<T> result)
        where T : unmanaged => DiscardBlock(context, result.Header, result.Generation);

    /// <inheritdoc cref="Discard{T}(CallContext, RRef{T})"/>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void Discard<T>(CallContext context, RRefArray<T> result)
        where T : unmanaged => DiscardBlock(context, result.Header, result.Generation);

    /// <inheritdoc cref="Discard{T}(CallContext, RRef{T})"/>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void Discard(CallContext context, PageBuffer result) =>
        DiscardBlock(context, result.Header, result.Generation);

    /// <summary>Leaves without a call when it is not the time for it by the contract's states.</summary>
    /// <exception cref="CallOrderException">Always: it is the caller's fault.</exception>
    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void RejectOrder(CallContext context, DomainGate gate, CrossingFrame frame, string method, string state)
    {
        _ = Leave(context, gate, frame);
        throw new CallOrderException(method, gate.Name, state);
    }

    /// <summary>Leaves without a call when a capability is missing.</summary>
    /// <exception cref="ArgumentNullException">Always: it is the caller's fault.</exception>
    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void RejectNull(CallContext context, DomainGate gate, CrossingFrame frame, string parameter)
    {
        _ = Leave(context, gate, frame);
        throw new ArgumentNullException(parameter);
    }

    /// <summary>Leaves without a call when an argument turned out not to be the caller's to give.</summary>
    /// <exception cref="OwnershipException">Always: it is the caller's fault.</exception>
    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void Reject(CallContext context, DomainGate gate, CrossingFrame frame)
    {
        _ = Leave(context, gate, frame);
        OwnershipException.ThrowStale();
    }

    private static void DiscardBlock(CallContext context, BlockHeader* header, uint generation)
    {
        if (header != null)
        {
            ExchangeBlocks.Free(context, header, generation);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static CrossingFrame EnterSlow(ThreadContext thread, DomainGate gate, ChainEntry* top)
    {
        int token = top >= thread.ChainLimit ? (int)Fault.TooDeep
            : gate.Word != thread.ExecutorId ? thread.Scheduler.Enter(thread, gate)
            : thread.HasEntered(gate) && !gate.IsReentrant ? (int)Fault.Busy
            : 0;
        if (token < 0)
        {
            thread.ChainTop = top;
        }
        else
        {
            gate.EnteredAt = (nint)(top + 1);
        }

        return new CrossingFrame(top, token);
    }
}

/// <summary>What a crossing must remember to come back.</summary>
internal readonly unsafe struct CrossingFrame
{
    /// <summary>The caller's entry in the chain.</summary>
    internal readonly ChainEntry* Top;

    /// <summary>0: nothing special. Positive: the scheduler's own note. Negative: a <see cref="Fault"/>.</summary>
    internal readonly int Token;

    internal CrossingFrame(ChainEntry* top, int token)
    {
        Top = top;
        Token = token;
    }

    internal bool IsRefused => Token < 0;

    internal Fault Fault => (Fault)Token;
}
