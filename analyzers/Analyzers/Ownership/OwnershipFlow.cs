using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace RedLeafSharp.Analyzers.Ownership;

/// <summary>
/// The data flow over one function's control-flow graph: a worklist until no block's state changes, then one more round
/// that reports. <see cref="OperationWalk"/> says what each operation does to a state.
/// </summary>
/// <remarks>
/// A <c>finally</c> is walked once for each branch that runs through it, with the state of that branch, so that what a
/// normal end and an exception leave behind do not mix. Any operation may throw; a handler therefore starts with the states
/// before all operations of its <c>try</c>. Exceptions that leave the function kill the domain, and reclaim frees what it
/// held: they are no leak, unless the function throws them itself.
/// </remarks>
internal sealed class OwnershipFlow(ControlFlowGraph graph, FlowSubject subject)
{
    /// <summary>States only grow, so this many rounds are never needed; broken code must not hang the compiler.</summary>
    private const int RoundsPerBlockMax = 64;

    private readonly FlowState?[] entries = new FlowState?[graph.Blocks.Length];
    private readonly SortedSet<int> worklist = [];
    private bool isReporting;

    internal void Run()
    {
        Enter(graph.Blocks[0], subject.EntryState());
        for (int rounds = RoundsPerBlockMax * graph.Blocks.Length; worklist.Count > 0 && rounds > 0; rounds--)
        {
            int ordinal = worklist.Min;
            worklist.Remove(ordinal);
            Visit(graph.Blocks[ordinal], entries[ordinal]!);
        }

        isReporting = true;
        foreach (BasicBlock block in graph.Blocks.Where(block => entries[block.Ordinal] is not null && !IsInFinally(block)))
        {
            subject.CancellationToken.ThrowIfCancellationRequested();
            Visit(block, entries[block.Ordinal]!);
        }

        subject.Reports.Complete();
    }

    private void Visit(BasicBlock block, FlowState entry)
    {
        foreach ((BasicBlock target, FlowState state) in Follow(block, entry))
        {
            Enter(target, state);
        }
    }

    private void Enter(BasicBlock block, FlowState state)
    {
        FlowState joined = entries[block.Ordinal] is { } known ? known.Join(state) : state;
        if (entries[block.Ordinal] is null || !joined.Equals(entries[block.Ordinal]))
        {
            entries[block.Ordinal] = joined;
            worklist.Add(block.Ordinal);
        }
    }

    /// <summary>Walks one block and tells where control goes from there, and with what state.</summary>
    private IEnumerable<(BasicBlock Target, FlowState State)> Follow(BasicBlock block, FlowState entry)
    {
        var walk = new OperationWalk(subject, entry, isReporting);
        FlowState? atThrow = null;
        foreach (IOperation operation in block.Operations)
        {
            FlowState before = walk.State;
            walk.Statement(operation);
            atThrow = JoinThrown(atThrow, before, walk.State);
        }

        FlowState beforeBranch = walk.State;
        ImmutableArray<Implication> implications = block.BranchValue is { } value ? walk.BranchValue(value, IsReturn(block)) : [];
        atThrow = JoinThrown(atThrow, beforeBranch, walk.State);
        foreach ((BasicBlock, FlowState) handler in Handlers(block.EnclosingRegion, atThrow, block))
        {
            yield return handler;
        }

        bool? takenWhen = block.ConditionKind switch
        {
            ControlFlowConditionKind.WhenTrue => true,
            ControlFlowConditionKind.WhenFalse => false,
            _ => null,
        };
        foreach (ControlFlowBranch? branch in new[] { block.ConditionalSuccessor, block.FallThroughSuccessor })
        {
            bool isConditional = ReferenceEquals(branch, block.ConditionalSuccessor);
            bool? outcome = isConditional ? takenWhen : !takenWhen;
            bool isPossible = outcome is null || AlwaysIs(block.BranchValue) is not { } always || always == outcome;
            FlowState? state = !isPossible ? null : outcome is { } known ? walk.State.Assume(implications, known) : walk.State;
            if (branch is not null && state is not null && Leave(block, branch, state) is { } left
                && branch.Destination is { } target)
            {
                yield return (target, left);
            }
        }
    }

    /// <summary>Runs the <c>finally</c> blocks on a branch and ends the variables whose scope it leaves.</summary>
    private FlowState? Leave(BasicBlock block, ControlFlowBranch branch, FlowState state)
    {
        if (branch.Semantics is ControlFlowBranchSemantics.Throw or ControlFlowBranchSemantics.Rethrow)
        {
            if (!IsMatchFailure(block))
            {
                CheckThrow(block, state);
            }

            return null;
        }

        if (branch.Semantics is ControlFlowBranchSemantics.StructuredExceptionHandling or ControlFlowBranchSemantics.Error)
        {
            return null;
        }

        FlowState? current = state;
        foreach (ControlFlowRegion region in branch.FinallyRegions)
        {
            current = current is null ? null : RunFinally(region, current);
        }

        if (current is null)
        {
            return null;
        }

        foreach (ControlFlowRegion region in branch.LeavingRegions)
        {
            foreach (ILocalSymbol local in region.Locals)
            {
                var place = new Place(local);
                Leak(place, current, block);
                current = current.Without(place);
            }
        }

        if (branch.Destination?.Kind == BasicBlockKind.Exit)
        {
            CheckExit(block, current);
        }

        return current;
    }

    private void CheckExit(BasicBlock block, FlowState state)
    {
        foreach (IParameterSymbol parameter in subject.Parameters)
        {
            Ownership ownership = state.OwnershipOf(new Place(parameter));
            if (parameter.RefKind == RefKind.None)
            {
                Leak(new Place(parameter), state, block);
            }
            else if (isReporting && (ownership.Holding & Holding.Moved) != 0)
            {
                subject.Reports.StaleForCaller(parameter, ownership);
            }
        }
    }

    /// <summary>
    /// A throw that this function makes visible: what it owns then is lost, unless a catch here goes on with it.
    /// </summary>
    private void CheckThrow(BasicBlock block, FlowState state)
    {
        FlowState? current = state;
        ControlFlowRegion? region = block.EnclosingRegion;
        for (; region is not null && current is not null; region = region.EnclosingRegion)
        {
            if (region.Kind == ControlFlowRegionKind.Try)
            {
                ControlFlowRegion whole = region.EnclosingRegion!;
                if (whole.Kind == ControlFlowRegionKind.TryAndCatch)
                {
                    return;
                }

                current = RunFinally(whole.NestedRegions[1], current);
            }
        }

        if (current is not null)
        {
            foreach (Place place in current.Owners.Keys.Where(subject.IsOwnVariable))
            {
                Leak(place, current, block);
            }
        }
    }

    private void Leak(Place place, FlowState state, BasicBlock block)
    {
        if (isReporting && (state.OwnershipOf(place).Holding & Holding.Owned) != 0)
        {
            subject.Reports.Leak(place, block);
        }
    }

    /// <summary>Where an exception of a block goes: each catch around it, through each finally in between.</summary>
    private IEnumerable<(BasicBlock Target, FlowState State)> Handlers(ControlFlowRegion? region, FlowState? state,
        BasicBlock block)
    {
        for (; region is not null && state is not null; region = region.EnclosingRegion)
        {
            if (region.Kind != ControlFlowRegionKind.Try || !Contains(region, block.Ordinal))
            {
                continue;
            }

            ControlFlowRegion whole = region.EnclosingRegion!;
            if (whole.Kind == ControlFlowRegionKind.TryAndFinally)
            {
                state = RunFinally(whole.NestedRegions[1], state);
                continue;
            }

            foreach (ControlFlowRegion handler in whole.NestedRegions.Skip(1))
            {
                yield return (graph.Blocks[handler.FirstBlockOrdinal], state);
            }
        }
    }

    /// <summary>The state at the end of a finally that is entered with a state; null when it never ends.</summary>
    private FlowState? RunFinally(ControlFlowRegion region, FlowState entry)
    {
        var inside = new Dictionary<int, FlowState> { [region.FirstBlockOrdinal] = entry };
        var open = new SortedSet<int> { region.FirstBlockOrdinal };
        FlowState? end = null;
        int blocks = region.LastBlockOrdinal - region.FirstBlockOrdinal + 1;
        for (int rounds = RoundsPerBlockMax * blocks; open.Count > 0 && rounds > 0; rounds--)
        {
            int ordinal = open.Min;
            open.Remove(ordinal);
            BasicBlock block = graph.Blocks[ordinal];
            foreach ((BasicBlock target, FlowState state) in Follow(block, inside[ordinal])
                .Where(next => Contains(region, next.Target.Ordinal)))
            {
                FlowState joined = inside.TryGetValue(target.Ordinal, out FlowState? known) ? known.Join(state) : state;
                if (!joined.Equals(known))
                {
                    inside[target.Ordinal] = joined;
                    open.Add(target.Ordinal);
                }
            }

            if (block.FallThroughSuccessor?.Semantics == ControlFlowBranchSemantics.StructuredExceptionHandling)
            {
                FlowState left = EndOf(block, inside[ordinal]);
                end = end?.Join(left) ?? left;
            }
        }

        return end;
    }

    /// <summary>The state behind the last operation of a block that ends a finally.</summary>
    private FlowState EndOf(BasicBlock block, FlowState entry)
    {
        var walk = new OperationWalk(subject, entry, isReporting: false);
        foreach (IOperation operation in block.Operations)
        {
            walk.Statement(operation);
        }

        ImmutableArray<Implication> implications = block.BranchValue is { } value ? walk.BranchValue(value, isReturn: false) : [];
        return block.ConditionKind == ControlFlowConditionKind.None
            ? walk.State
            : walk.State.Assume(implications, block.ConditionKind == ControlFlowConditionKind.WhenFalse) ?? walk.State;
    }

    /// <summary>A call that throws has taken what was moved into it, and has done nothing else.</summary>
    private static FlowState JoinThrown(FlowState? atThrow, FlowState before, FlowState after)
    {
        FlowState thrown = atThrow?.Join(before) ?? before;
        bool hasMoved = after.Owners.Any(entry => (entry.Value.Holding & Holding.Moved) != 0
            && (before.OwnershipOf(entry.Key).Holding & Holding.Moved) == 0);
        return hasMoved ? thrown.Join(after) : thrown;
    }

    private bool IsInFinally(BasicBlock block)
    {
        for (ControlFlowRegion? region = block.EnclosingRegion; region is not null; region = region.EnclosingRegion)
        {
            if (region.Kind == ControlFlowRegionKind.Finally)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What a condition is on every path; null when that depends. The graph has an edge for a <c>_</c> that does not match.</summary>
    private static bool? AlwaysIs(IOperation? condition) => condition switch
    {
        { ConstantValue: { HasValue: true, Value: bool constant } } => constant,
        IIsPatternOperation { Pattern: IDiscardPatternOperation or IDeclarationPatternOperation { MatchesNull: true } } => true,
        _ => null,
    };

    /// <summary>
    /// The end of a switch expression no arm of which matches. The compiler throws there, and warns if a value can come that far: it is
    /// no exception that the function throws itself.
    /// </summary>
    private static bool IsMatchFailure(BasicBlock block) => block.BranchValue is IObjectCreationOperation { IsImplicit: true };

    private static bool IsReturn(BasicBlock block) =>
        block.FallThroughSuccessor?.Semantics is ControlFlowBranchSemantics.Return
            && block.ConditionKind == ControlFlowConditionKind.None;

    private static bool Contains(ControlFlowRegion region, int ordinal) =>
        region.FirstBlockOrdinal <= ordinal && ordinal <= region.LastBlockOrdinal;
}
