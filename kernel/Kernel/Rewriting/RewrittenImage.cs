using RedLeafSharp.Safepoints;

namespace RedLeafSharp.Rewriting;

/// <summary>A domain's image with what was planted into it.</summary>
/// <param name="Assembly">The rewritten PE image. With safepoints, it must not be loaded before it is patched.</param>
/// <param name="Symbols">Its portable PDB; null when the original came without one.</param>
/// <param name="Sites">Every fault site, by id.</param>
internal sealed record RewrittenImage(byte[] Assembly, byte[]? Symbols, IReadOnlyList<FaultSite> Sites)
{
    /// <summary>Mistakes that were planted, each of which can be armed.</summary>
    internal IReadOnlyList<Mutant> Mutants { get; init; } = [];

    /// <summary>Where the constants of a generation go; null without safepoints.</summary>
    internal PatchPoints? Patches { get; init; }

    /// <summary>The image for one generation.</summary>
    /// <param name="word">What its code reads; to be kept as long as the code.</param>
    /// <param name="stackLimit">How deep it may go: what is then left of its stack, in bytes.</param>
    internal byte[] Instantiate(PollWord word, int stackLimit) =>
        Patches?.Apply(Assembly, word, stackLimit) ?? throw new InvalidOperationException("an image without safepoints is not for domains");
}
