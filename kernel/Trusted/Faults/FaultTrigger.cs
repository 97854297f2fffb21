using System.Runtime.CompilerServices;
using RedLeafSharp.Safepoints;

namespace RedLeafSharp;

/// <summary>
/// Decides at which fault site of one loaded image an exception is thrown. The planted code of the image calls
/// <see cref="Hit"/> before each statement; the kernel arms the trigger from any thread while the image's code runs.
/// </summary>
/// <remarks>
/// An arming is one object, put there and taken away under a lock. So each arming fires at most once, even where two threads run code
/// of the image, and an arming that is replaced or disarmed never fires afterwards. Only the hits of an armed trigger are counted,
/// without interlocked instructions: exact for one thread, which is all that an executor lets in. Where nothing is armed, the code of a
/// domain has no sites (docs/decisions/0085-two-versions-of-a-driver.md): it reads a word of its generation where it is called, and the
/// trigger sets the words of all generations that obey it.
/// </remarks>
public sealed class FaultTrigger
{
    private readonly Lock gate = new();

    /// <summary>Of generations that may still run. Guarded by <see cref="gate"/>.</summary>
    private readonly List<WeakReference<PollWord>> words = [];

    // Volatile, or else the JIT may hoist the load out of a loop of the domain, which would then not notice the arming.
    private volatile FaultScript? script;
    private volatile FaultFiring? lastFiring;
    private int firingCount;

    internal FaultTrigger()
    {
    }

    /// <summary>Whether an arming waits for its hit.</summary>
    internal bool IsArmed => script is not null;

    /// <summary>How many armings have fired.</summary>
    internal int FiringCount => Volatile.Read(ref firingCount);

    /// <summary>The last firing; null before the first one.</summary>
    internal FaultFiring? LastFiring => lastFiring;

    /// <summary>Called by planted code; there is no use for it elsewhere.</summary>
    /// <param name="trigger">The image's trigger; null until the kernel has bound one.</param>
    /// <param name="site">The id of the site.</param>
    /// <exception cref="InjectedFaultException">The trigger is armed, and this is the hit it waits for.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Hit(FaultTrigger? trigger, int site)
    {
        if (trigger?.script is { } armed)
        {
            armed.OnHit(trigger, site);
        }
    }

    /// <summary>Called by planted code at a place that exists in two ways; there is no use for it elsewhere.</summary>
    /// <param name="trigger">The image's trigger; null until the kernel has bound one.</param>
    /// <param name="mutant">The number of the other way.</param>
    /// <returns>Whether to go the other way.</returns>
    public static bool IsMutated(FaultTrigger? trigger, int mutant) => trigger?.script is { } armed && armed.IsMutated(mutant);

    /// <summary>Fires at the hit with this number from now on, whichever site it is.</summary>
    /// <param name="hits">1 for the very next hit.</param>
    internal void ArmAfter(long hits) => Arm(new Arming(site: null, hits));

    /// <summary>Fires when one site is hit for the given time from now on.</summary>
    /// <param name="site">The id of the site.</param>
    /// <param name="occurrence">1 for the next hit of the site.</param>
    internal void ArmAt(int site, long occurrence = 1) => Arm(new Arming(site, occurrence));

    /// <summary>Does what a script says at each hit, until it is disarmed or armed otherwise.</summary>
    internal void Follow(FaultScript next)
    {
        lock (gate)
        {
            Set(next);
        }
    }

    /// <summary>Takes the arming back.</summary>
    /// <returns>False when there was none, or it has fired.</returns>
    internal bool Disarm()
    {
        lock (gate)
        {
            bool wasArmed = script is not null;
            Set(null);
            return wasArmed;
        }
    }

    /// <summary>Lets a generation know from now on whether the trigger is armed.</summary>
    internal void Tell(PollWord word)
    {
        lock (gate)
        {
            words.RemoveAll(known => !known.TryGetTarget(out _));
            words.Add(new WeakReference<PollWord>(word));
            word.IsArmed = script is not null;
        }
    }

    /// <summary>An order was carried out: somebody will ask where.</summary>
    internal void NoteFiring(int site, long hits)
    {
        lastFiring = new FaultFiring(site, hits);
        Interlocked.Increment(ref firingCount);
    }

    private void Arm(Arming next)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(next.Remaining, "hits");
        Follow(next);
    }

    private bool TryTake(FaultScript expected)
    {
        lock (gate)
        {
            bool isThere = script == expected;
            if (isThere)
            {
                Set(null);
            }

            return isThere;
        }
    }

    /// <summary>The script first: code that finds its word set finds the script.</summary>
    private void Set(FaultScript? next)
    {
        script = next;
        foreach (WeakReference<PollWord> known in words)
        {
            if (known.TryGetTarget(out PollWord? word))
            {
                word.IsArmed = next is not null;
            }
        }
    }

    /// <summary>Counts hits and throws once.</summary>
    private sealed class Arming(int? site, long remaining) : FaultScript
    {
        private long hits;

        internal long Remaining { get; private set; } = remaining;

        [MethodImpl(MethodImplOptions.NoInlining)]
        internal override void OnHit(FaultTrigger trigger, int hit)
        {
            hits++;
            bool isDue = (site is null || site == hit) && --Remaining <= 0;
            if (isDue && trigger.TryTake(this))
            {
                trigger.NoteFiring(hit, hits);
                throw new InjectedFaultException(hit);
            }
        }
    }
}

/// <summary>One firing of a trigger.</summary>
/// <param name="Site">The id of the site that threw.</param>
/// <param name="Hits">Hits of any site from the arming on, this one included.</param>
internal sealed record FaultFiring(int Site, long Hits);
