using System.Reflection;

namespace RedLeafSharp.Verification.Flow;

/// <summary>The regions of a method: checked to nest, and asked for each edge of the control flow.</summary>
internal sealed class RegionTree
{
    /// <summary>Regions times instructions; the product bounds the time to build the tree.</summary>
    private const long WorkMax = 20_000_000;

    private readonly Region?[] innermost;
    private readonly InstructionStream code;
    private readonly List<Region> regions = [];
    private readonly List<Handler> handlers = [];
    private readonly PassedFilters passed;

    /// <exception cref="FlowException">The clauses are malformed.</exception>
    internal RegionTree(InstructionStream code, IList<ExceptionHandlingClause> clauses)
    {
        this.code = code;
        innermost = new Region?[code.Instructions.Count];
        if (clauses.Count > FlowLimits.ClausesMax || (long)clauses.Count * 3 * innermost.Length > WorkMax)
        {
            throw FlowException.Handler($"{clauses.Count} exception clauses over {innermost.Length} instructions are too many");
        }

        foreach (ExceptionHandlingClause clause in clauses)
        {
            AddClause(clause);
        }

        CheckNesting();
        Paint();
        FindHandlersAfterFilters();
        passed = new PassedFilters(code, handlers);
    }

    internal IReadOnlyList<Handler> Handlers => handlers;

    internal Region? Innermost(int offset) => innermost[code.IndexAt(offset)];

    /// <summary>
    /// The handlers that see the state at an offset: those of all tries around it, and those that run after a filter. Not those whose
    /// filter passes over what comes out of a handler around the offset.
    /// </summary>
    internal IEnumerable<Handler> HandlersAt(int offset)
    {
        List<Region> left = [];
        for (Region? region = Innermost(offset); region is not null; region = region.Parent)
        {
            if (region.Kind is RegionKind.Try or RegionKind.Filter)
            {
                foreach (Handler handler in region.Handlers.Where(one => !passed.Passes(one, left)))
                {
                    yield return handler;
                }
            }

            left.Add(region);
        }
    }

    /// <summary>Whether an offset is where a try starts; its stack must be empty then.</summary>
    internal bool IsTryStart(int offset) => Innermost(offset) is { Kind: RegionKind.Try } region && region.Start == offset;

    /// <summary>Checks a branch, or going on with the next instruction.</summary>
    internal void CheckStep(int from, int to)
    {
        if (!Enters(Innermost(from), to))
        {
            throw FlowException.Handler($"control goes from {from:x4} to {to:x4} across the border of a protected region");
        }
    }

    /// <summary>Checks a leave; returns the finally handlers it passes, the innermost first.</summary>
    internal List<Handler> CheckLeave(int from, int to)
    {
        var passed = new List<Handler>();
        Region? region = Innermost(from);
        if (region is null)
        {
            throw FlowException.Handler("leave outside of protected regions");
        }

        while (region is not null && !Enters(region, to))
        {
            if (region.Kind is not (RegionKind.Try or RegionKind.Catch))
            {
                throw FlowException.Handler($"leave out of a {region.Kind.ToString().ToLowerInvariant()} handler");
            }

            if (region.Kind == RegionKind.Try)
            {
                passed.AddRange(region.Handlers.Where(handler => handler.IsFinally));
            }

            region = region.Parent;
        }

        if (region is null && !Enters(null, to))
        {
            throw FlowException.Handler($"leave leads into a protected region at {to:x4}");
        }

        return passed;
    }

    /// <summary>
    /// Whether control may come to an offset from code of a region: it stays there, or enters tries at their start.
    /// </summary>
    private bool Enters(Region? from, int to)
    {
        Region? region = Innermost(to);
        while (region != from && region is { Kind: RegionKind.Try } && region.Start == to)
        {
            region = region.Parent;
        }

        return region == from;
    }

    private void AddClause(ExceptionHandlingClause clause)
    {
        Region body = AddRegion(BodyKind(clause.Flags), clause.HandlerOffset, clause.HandlerLength);
        Region? filter = null;
        if (clause.Flags == ExceptionHandlingClauseOptions.Filter)
        {
            filter = AddRegion(RegionKind.Filter, clause.FilterOffset, clause.HandlerOffset - clause.FilterOffset);
        }

        int tryEnd = clause.TryOffset + clause.TryLength;
        Region? shared = regions.Find(one => one.Kind == RegionKind.Try && one.Start == clause.TryOffset && one.End == tryEnd);
        if (shared is not null && (shared.Handlers.Exists(one => one.IsSecondPass) || body.Kind is not RegionKind.Catch))
        {
            throw FlowException.Handler("a finally or fault handler shares its try with another handler");
        }

        Region protectedRegion = shared ?? AddRegion(RegionKind.Try, clause.TryOffset, clause.TryLength);
        Type anything = typeof(object);
        Type? caught = body.Kind != RegionKind.Catch ? null : filter is not null ? anything : clause.CatchType ?? anything;
        if (caught is not null && caught != anything && !typeof(Exception).IsAssignableFrom(caught))
        {
            throw FlowException.Handler($"a clause that catches {caught.Name}, which is no exception");
        }

        var handler = new Handler(protectedRegion, body, filter, caught);
        body.Owner = handler;
        protectedRegion.Handlers.Add(handler);
        handlers.Add(handler);
    }

    private static RegionKind BodyKind(ExceptionHandlingClauseOptions flags) => flags switch
    {
        ExceptionHandlingClauseOptions.Clause or ExceptionHandlingClauseOptions.Filter => RegionKind.Catch,
        ExceptionHandlingClauseOptions.Finally => RegionKind.Finally,
        ExceptionHandlingClauseOptions.Fault => RegionKind.Fault,
        _ => throw FlowException.Handler($"an exception clause of kind {(int)flags}"),
    };

    private Region AddRegion(RegionKind kind, int start, int length)
    {
        long end = (long)start + length;
        if (length <= 0 || !code.IsBoundary(start) || end > code.Length || (end < code.Length && !code.IsBoundary((int)end)))
        {
            throw FlowException.Handler(
                $"a {kind.ToString().ToLowerInvariant()} region from {start:x4} to {end:x4} does not hold whole instructions");
        }

        var region = new Region(kind, start, (int)end);
        regions.Add(region);
        return region;
    }

    /// <summary>
    /// Any two regions are disjoint or one in the other; a clause is inside a region with all its parts or with none; and
    /// inner clauses come first, as the runtime looks them up in that order (ECMA-335 II.19).
    /// </summary>
    private void CheckNesting()
    {
        foreach (Region one in regions)
        {
            foreach (Region other in regions)
            {
                bool isFine = one == other || one.IsDisjoint(other)
                    || (one.Contains(other) != other.Contains(one));
                if (!isFine)
                {
                    throw FlowException.Handler($"protected regions at {one.Start:x4} and {other.Start:x4} overlap");
                }
            }
        }

        for (int i = 0; i < handlers.Count; i++)
        {
            CheckParts(handlers[i]);
            for (int j = 0; j < i; j++)
            {
                if (handlers[i].Try != handlers[j].Try && handlers[j].Try.Contains(handlers[i].Try))
                {
                    throw FlowException.Handler("an outer exception clause comes before an inner one");
                }
            }
        }
    }

    private void CheckParts(Handler handler)
    {
        if (handler.Filter is { } filter && filter.End != handler.Body.Start)
        {
            throw FlowException.Handler("a filter does not end where its handler starts");
        }

        foreach (Region region in regions)
        {
            bool holdsTry = region != handler.Try && region.Contains(handler.Try);
            bool holdsBody = region != handler.Body && region.Contains(handler.Body);
            bool holdsFilter = handler.Filter is null ? holdsBody : region != handler.Filter && region.Contains(handler.Filter);
            if (holdsTry != holdsBody || holdsTry != holdsFilter)
            {
                throw FlowException.Handler("a try and its handler are not in the same protected region");
            }
        }
    }

    private void Paint()
    {
        foreach (Region region in regions.OrderByDescending(one => one.End - one.Start))
        {
            int first = code.IndexAt(region.Start);
            region.Parent = innermost[first];
            int last = region.End == code.Length ? innermost.Length : code.IndexAt(region.End);
            Array.Fill(innermost, region, first, last - first);
        }
    }

    /// <summary>
    /// A filter runs in the first pass: before the handlers inside the try that it guards, and before the other handlers of
    /// that try. What it does to locals is seen by them.
    /// </summary>
    private void FindHandlersAfterFilters()
    {
        foreach (Handler handler in handlers)
        {
            handler.Filter?.Handlers.AddRange(handlers.Where(later => handler.Try.Contains(later.Try)));
        }
    }
}
