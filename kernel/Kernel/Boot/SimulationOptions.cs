using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Machine.E1000e;
using RedLeafSharp.Machine.Links;
using RedLeafSharp.Machine.Worlds;

namespace RedLeafSharp.Kernel.Boot;

/// <summary>What a system needs that is to do the same in every run (docs/determinism.md).</summary>
internal sealed record SimulationOptions
{
    /// <summary>Clock, choices and trace of this one system.</summary>
    internal required Simulation Simulation { get; init; }

    /// <summary>Where the code of domains comes from and goes back to; shared by the systems of a process, one after the other.</summary>
    internal required CodePool Code { get; init; }

    /// <summary>The domain that is loaded with mutants in place of fault sites; null for none.</summary>
    internal string? MutatedDomain { get; init; }

    /// <summary>Called when the domains are known and none has started.</summary>
    internal Action<RedLeafSystem> Prepare { get; init; } = _ => { };

    /// <summary>Completes the description of a disk: its medium, delays and faults.</summary>
    internal Func<NvmeDescription, NvmeDescription> PrepareDisk { get; init; } = description => description;

    /// <summary>Completes the description of a network controller: its faults.</summary>
    internal Func<E1000eOptions, E1000eOptions> PrepareNetwork { get; init; } = options => options;

    /// <summary>The wire of a network controller, by the controller's name; null for the one that the system file has.</summary>
    internal Func<string, LinkPort?> OpenLink { get; init; } = _ => null;
}
