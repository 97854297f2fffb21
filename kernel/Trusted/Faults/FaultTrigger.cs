using System.Runtime.CompilerServices;

namespace RedLeafSharp;

/// <summary>
/// Decides at which fault site of one loaded image an exception is thrown. The planted code of the image calls
/// <see cref="Hit"/> before each statement; the kernel arms the trigger from any thread while the image's code runs.
/// </summary>
/// <remarks>
/// An arming is one object: the arming thread publishes it with one store, a hit takes it away with one
/// compare-and-swap. So each arming fires at most once, even where two threads run code of the image, and an arming that is
/// replaced or disarmed never fires afterwards. Only the hits of an armed trigger are counted, without interlocked
/// instructions: exact for one thread, which is all that an executor lets in.
/// </remarks>
public sealed class FaultTrigger
{
    // Volatile, or else the JIT may hoist the load out of a loop of the domain, which would then not notice the arming.
    private volatile Arming? arming;
    private volatile FaultFiring? lastFiring;
    private int firingCount;

    internal FaultTrigger()
    {
    }

    /// <summary>Whether an arming waits for its hit.</summary>
    internal bool IsArmed => arming is not null;

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
        if (trigger?.arming is { } armed)
        {
            trigger.Count(armed, site);
        }
    }

    /// <summary>Fires at the hit with this number from now on, whichever site it is.</summary>
    /// <param name="hits">1 for the very next hit.</param>
    internal void ArmAfter(long hits) => Arm(new Arming(site: null, hits));

    /// <summary>Fires when one site is hit for the given time from now on.</summary>
    /// <param name="site">The id of the site.</param>
    /// <param name="occurrence">1 for the next hit of the site.</param>
    internal void ArmAt(int site, long occurrence = 1) => Arm(new Arming(site, occurrence));

    /// <summary>Takes the arming back.</summary>
    /// <returns>False when there was none, or it has fired.</returns>
    internal bool Disarm() => Interlocked.Exchange(ref arming, null) is not null;

    private void Arm(Arming next)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(next.Remaining, "hits");
        arming = next;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Count(Arming armed, int site)
    {
        armed.Hits++;
        bool isDue = (armed.Site is null || armed.Site == site) && --armed.Remaining <= 0;
        if (isDue && Interlocked.CompareExchange(ref arming, null, armed) == armed)
        {
            lastFiring = new FaultFiring(site, armed.Hits);
            Interlocked.Increment(ref firingCount);
            throw new InjectedFaultException(site);
        }
    }

    private sealed class Arming(int? site, long remaining)
    {
        internal readonly int? Site = site;
        internal long Remaining = remaining;
        internal long Hits;
    }
}

/// <summary>One firing of a trigger.</summary>
/// <param name="Site">The id of the site that threw.</param>
/// <param name="Hits">Hits of any site from the arming on, this one included.</param>
internal sealed record FaultFiring(int Site, long Hits);
