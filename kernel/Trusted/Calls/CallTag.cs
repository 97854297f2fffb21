namespace RedLeafSharp;

/// <summary>
/// What a proxy writes on the chain beside the callee's id: which method is called, and how long the contract lets a call of it
/// take. A constant for each method, so that the crossing's one store stays one (<c>ChainEntry.Word</c>).
/// </summary>
/// <remarks>The generator of proxies is built with this file too: both must mean the same bits.</remarks>
internal static class CallTag
{
    /// <summary>Seconds of a call that may wait for ever.</summary>
    internal const int Forever = 255;

    private const int SecondsShift = 36;
    private const int MethodShift = 44;

    /// <param name="method">Names of contract and method, "IName.Method".</param>
    /// <param name="seconds">What the contract grants: 0 for nothing beyond the callee's own deadline, at most <see cref="Forever"/>.</param>
    internal static ulong Of(string method, int seconds) =>
        ((ulong)MethodHash(method) << MethodShift) | ((ulong)(seconds & 0xff) << SecondsShift);

    /// <summary>The seconds in an entry of a chain.</summary>
    internal static int SecondsOf(ulong word) => (int)(word >> SecondsShift) & 0xff;

    /// <summary>The hash of the method's name in an entry of a chain; 0 when the caller has not named one.</summary>
    internal static uint MethodOf(ulong word) => (uint)(word >> MethodShift);

    /// <summary>
    /// FNV-1a of 32 bits (Fowler, Noll and Vo), folded to 20: among 200 methods there is a collision in one case of fifty, and it only
    /// makes a message say two names.
    /// </summary>
    internal static uint MethodHash(string method)
    {
        uint hash = 2166136261;
        foreach (char one in method)
        {
            hash = unchecked((hash ^ one) * 16777619);
        }

        return (hash ^ (hash >> 20)) & 0xfffff;
    }
}
