using RedLeafSharp.Tests.Hostile.Corpus;

namespace RedLeafSharp.Tests.Hostile;

/// <summary>The corpus: attacks as data, by class.</summary>
internal static class HostileCorpus
{
    /// <summary>Attacks that are programs of a system.</summary>
    internal static IReadOnlyList<Attack> Programs { get; } =
    [
        .. UnsafeCode.All,
        .. ForbiddenMembers.All,
        .. Declarations.All,
        .. TypeConfusion.All,
        .. ControlFlow.All,
        .. Metadata.All,
        .. Ownership.All,
        .. Corpus.Endless.All,
        .. Hoarders.All,
        .. Planted.All,
        .. DeepData.All,
        .. HandMade.All,
        .. Races.All,
        .. Attributes.All,
        .. HiddenRecursion.All,
        .. OwnDelegates.All,
        .. Loopholes.All,
    ];

    /// <summary>Attacks by the files that a system is booted from, and by drivers.</summary>
    internal static IReadOnlyList<BootAttack> Boots { get; } = [.. BootFiles.All, .. Rights.All, .. Waits.All, .. SharedDomains.All];

    /// <summary>Programs that go on until they are killed, and take nothing but time and stack meanwhile.</summary>
    internal static IEnumerable<Attack> Endless => Programs.Where(attack =>
        attack.IsEndless && (attack.Family.StartsWith("endless",
            StringComparison.Ordinal) || attack.Family == "resisting the kill"));

    /// <summary>Everything.</summary>
    internal static IEnumerable<Attack> All => Programs.Concat(Boots.Select(boot => boot.Attack));
}
