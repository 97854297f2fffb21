namespace RedLeafSharp.Kernel.Boot;

/// <summary>
/// How long a call into a domain may take: the field <c>callDeadlineMilliseconds</c> of the system file, and what holds without it.
/// docs/deadlines.md explains what counts.
/// </summary>
internal static class CallDeadline
{
    /// <summary>Stands for none.</summary>
    internal const long None = long.MaxValue;

    /// <summary>
    /// Of a domain with a shadow, which replaces it. Its calls take microseconds; the longest waits that end well are those for a
    /// device that is reset, a second by the word of both simulated controllers.
    /// </summary>
    internal const long ShadowedMicros = 2_000_000;

    /// <summary>
    /// Of all others, which stay dead: those above get an error for a call that would not have ended. Their own calls wait for
    /// those below, which does not count, and the longest pauses of their own are of seconds.
    /// </summary>
    internal const long OthersMicros = 60_000_000;

    /// <summary>Shadows wait in their drivers for half of it at a time; less would take a driver that waits for one that hangs.</summary>
    internal const long MillisecondsMin = 500;

    private const long MillisecondsMax = 86_400_000;

    /// <summary>The field of a domain in the system file; null when it is not there.</summary>
    /// <exception cref="BootException">It is neither a number in range nor <c>none</c>.</exception>
    internal static long? Parse(YamlFields fields)
    {
        const string Field = "callDeadlineMilliseconds";
        if (fields.IsText(Field, "none"))
        {
            return None;
        }

        long milliseconds = fields.Number(Field, 0, MillisecondsMin, MillisecondsMax);
        return milliseconds == 0 ? null : milliseconds * 1000;
    }

    /// <summary>What a call may take: what its callee's deadline and its contract allow, whichever is more.</summary>
    /// <param name="domainMicros">The callee's deadline.</param>
    /// <param name="word">The call's entry in the chain.</param>
    internal static long Of(long domainMicros, ulong word)
    {
        int seconds = CallTag.SecondsOf(word);
        return seconds == CallTag.Forever ? None : Math.Max(domainMicros, seconds * 1_000_000L);
    }
}
