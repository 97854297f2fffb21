namespace RedLeafSharp.Lab.Statistics;

/// <summary>
/// Random numbers that are a function of where they are used: of seed, trial, stream and counter. Nobody shares a generator, so a
/// number drawn in one place moves no other, and a trial can be repeated without those before it.
/// </summary>
/// <param name="seed">Of the campaign.</param>
/// <param name="trial">Of the trial.</param>
/// <param name="stream">Whose numbers they are within the trial.</param>
internal struct TrialRandom(ulong seed, ulong trial, ulong stream)
{
    /// <summary>The fractional part of the golden ratio, as SplitMix64 steps by (Steele, Lea and Flood 2014).</summary>
    private const ulong Step = 0x9E3779B97F4A7C15;

    private readonly ulong key = Mix(Mix(Mix(seed + Step) ^ trial) + Step ^ stream);

    /// <summary>How many numbers have been drawn.</summary>
    internal ulong Counter { get; private set; }

    /// <summary>The next number, any of 2^64.</summary>
    internal ulong Next() => Mix(key + (Step * ++Counter));

    /// <summary>The next number from 0 to <paramref name="bound"/> - 1, all equally probable.</summary>
    /// <param name="bound">Above 0.</param>
    internal ulong NextBelow(ulong bound)
    {
        ArgumentOutOfRangeException.ThrowIfZero(bound);

        // Lemire 2019: the high half of the product; the few low halves that favour small numbers are drawn again.
        ulong low = Next();
        ulong high = Math.BigMul(low, bound, out ulong rest);
        if (rest < bound)
        {
            ulong least = (0 - bound) % bound;
            while (rest < least)
            {
                high = Math.BigMul(Next(), bound, out rest);
            }
        }

        return high;
    }

    /// <summary>SplitMix64's finalizer: a bijection in which each bit of the input changes half of the output's.</summary>
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
