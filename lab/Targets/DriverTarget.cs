using RedLeafSharp.Kernel;
using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Lab.Targets;

/// <summary>
/// A driver that trials shoot at, with what is below it: how they are named in systems, what can go wrong with the device, and what its
/// shadow counts. What else an experiment does with a driver follows from its image.
/// </summary>
/// <param name="name">As experiments name it.</param>
/// <param name="domain">The driver's domain.</param>
/// <param name="shadow">The domain that stands before it.</param>
internal abstract class DriverTarget(string name, string domain, string shadow)
{
    /// <summary>As experiments name it.</summary>
    internal string Name => name;

    /// <summary>The driver's domain.</summary>
    internal string Domain => domain;

    /// <summary>The domain that stands before it.</summary>
    internal string Shadow => shadow;

    /// <summary>What can go wrong with the device, and with what it is connected to.</summary>
    internal abstract IEnumerable<FaultInfo> DeviceFaults { get; }

    /// <summary>Makes the device of one trial.</summary>
    internal abstract TrialDevice Arm(DeviceParts parts);

    /// <summary>What its shadow has gone through.</summary>
    internal abstract RecoveryCounts CountRecoveries(RedLeafSystem system);
}

/// <summary>What a shadow has gone through.</summary>
/// <param name="Recoveries">Drivers brought up after the first.</param>
/// <param name="Replayed">What was handed to a driver again since its predecessor died with it.</param>
/// <param name="Retried">What was tried again for another reason.</param>
internal readonly record struct RecoveryCounts(long Recoveries, long Replayed, long Retried)
{
    internal RecoveryCounts Plus(RecoveryCounts other) =>
        new(Recoveries + other.Recoveries, Replayed + other.Replayed, Retried + other.Retried);
}
