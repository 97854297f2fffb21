using RedLeafSharp.Kernel.Boot;
using RedLeafSharp.Lab.Faults;
using RedLeafSharp.Lab.Simulation;
using RedLeafSharp.Machine.Media;

namespace RedLeafSharp.Lab.Targets;

/// <summary>What a device of a trial is made of.</summary>
/// <param name="Simulation">Time, chance and trace.</param>
/// <param name="Faults">Those of the trial that may be the device's; it takes its own.</param>
/// <param name="CountDeaths">How many domains have died.</param>
/// <param name="Disk">What is on a disk when the system boots; null in a system without.</param>
/// <param name="HasCache">Whether a disk loses what has not been flushed.</param>
internal sealed record DeviceParts(
    TrialSimulation Simulation, IReadOnlyList<ArmedFault> Faults, Func<int> CountDeaths, DiskSnapshot? Disk, bool HasCache);

/// <summary>A device of a trial's system, with the faults that are armed in it.</summary>
internal abstract class TrialDevice
{
    /// <summary>Has a system that is about to be booted use it.</summary>
    internal abstract SimulationOptions Attach(SimulationOptions options);

    /// <summary>Counts from now on.</summary>
    internal abstract void Begin();

    /// <summary>How often there was occasion for a fault, by <see cref="Trials.FaultInfo.Counter"/>.</summary>
    internal abstract IEnumerable<KeyValuePair<string, long>> Counts { get; }

    /// <summary>The power goes; only a disk is the worse for it.</summary>
    /// <param name="seed">Decides what is lost.</param>
    internal virtual void CutPower(ulong seed)
    {
    }

    /// <summary>What is on a disk; null of another device.</summary>
    internal virtual DiskSnapshot? Content => null;
}
