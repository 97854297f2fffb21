using Microsoft.Diagnostics.Runtime;

namespace RedLeafSharp.Cli.Doctor;

/// <summary>
/// Walks from all roots, breadth first, and notes each reference that leads from outside an unloaded context into it. The
/// first way to an object is a shortest one.
/// </summary>
/// <remarks>
/// ClrMD's own GCRoot stops after one way for each root, and all static fields share a few arrays as their roots; so a second
/// static field would go unnamed.
/// </remarks>
internal sealed class PinSearch
{
    private readonly ClrRuntime runtime;
    private readonly ContextCensus census;
    private readonly Queue<Visit> pending = new();
    private readonly HashSet<ulong> seen = [];

    /// <summary>An object that refers to several objects of a context, such as a delegate, is one pin of it.</summary>
    private readonly HashSet<(string Root, ulong Holder, HeldContext Held)> noted = [];

    private PinSearch(ClrRuntime runtime, ContextCensus census)
    {
        this.runtime = runtime;
        this.census = census;
    }

    /// <summary>Gives each held context its pins.</summary>
    internal static void Run(ClrRuntime runtime, ContextCensus census)
    {
        if (census.Held.Count == 0)
        {
            return;
        }

        var search = new PinSearch(runtime, census);
        search.NoteFrames();
        foreach ((string name, ClrObject value) in Roots.Of(runtime))
        {
            search.Reach(name, null, value, "");
        }

        search.Drain();
    }

    /// <summary>A thread inside domain code holds it without any reference: the collector finds its frames.</summary>
    private void NoteFrames()
    {
        foreach (ClrThread thread in runtime.Threads.Where(thread => thread.IsAlive))
        {
            var noted = new HashSet<HeldContext>();
            foreach (ClrStackFrame frame in thread.EnumerateStackTrace(false, DoctorLimits.FramesPerThreadMax))
            {
                if (frame.Method is { Type: { } type } method && census.OwnerOf(type) is { } owner && noted.Add(owner))
                {
                    owner.Add(new Pin($"{Roots.NameOf(thread)} is inside {method.Signature ?? method.Name}", []));
                }
            }
        }
    }

    private void Drain()
    {
        while (pending.TryDequeue(out Visit? visit))
        {
            foreach (ClrReference reference in visit.Object.EnumerateReferencesWithFields(carefully: true))
            {
                Reach(visit.Root, visit, reference.Object, reference.Field?.Name is { } field ? "." + field : "");
            }
        }
    }

    private void Reach(string root, Visit? from, ClrObject target, string via)
    {
        if (!target.IsValid)
        {
            return;
        }

        HeldContext? owner = census.OwnerOf(target);
        if (owner is not null && !IsOnTheWay(owner, from) && noted.Add((root, from?.Object.Address ?? 0, owner)))
        {
            owner.Add(new Pin(root, new Visit(root, from, target, owner, via).Steps()));
        }

        if (seen.Add(target.Address))
        {
            pending.Enqueue(new Visit(root, from, target, owner, via));
        }
    }

    /// <summary>What a context refers to outside and what refers back from there go when it goes.</summary>
    private static bool IsOnTheWay(HeldContext owner, Visit? from)
    {
        while (from is not null && from.Owner != owner)
        {
            from = from.From;
        }

        return from is not null;
    }

    /// <summary>An object on the way, and how it was come to.</summary>
    private sealed record Visit(string Root, Visit? From, ClrObject Object, HeldContext? Owner, string Via)
    {
        internal IReadOnlyList<string> Steps()
        {
            var steps = new List<string>();
            for (Visit? visit = this; visit is not null; visit = visit.From)
            {
                string via = visit.Via.Length == 0 ? "" : $"{visit.Via} ";
                steps.Add($"{via}{visit.Object.Type?.Name ?? "?"} at {visit.Object.Address:x}");
            }

            steps.Reverse();
            int surplus = steps.Count - DoctorLimits.StepsShownMax;
            if (surplus > 0)
            {
                int half = DoctorLimits.StepsShownMax / 2;
                steps.RemoveRange(half, surplus);
                steps.Insert(half, $"... {surplus} more ...");
            }

            return steps;
        }
    }
}
