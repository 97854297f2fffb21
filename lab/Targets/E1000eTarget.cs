using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel;
using RedLeafSharp.Lab.Faults;
using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Lab.Targets;

/// <summary>The network driver, over the simulated 82574L at a wire to another stack.</summary>
internal sealed class E1000eTarget() : DriverTarget("e1000e", "E1000e", "NetShadow")
{
    /// <summary>The controller that is shot at.</summary>
    internal const string Controller = "net0";

    /// <summary>That at the other end of the wire; nothing strikes it.</summary>
    internal const string Peer = "net1";

    /// <summary>What both are connected by.</summary>
    internal const string Wire = "wire";

    internal override IEnumerable<FaultInfo> DeviceFaults =>
    [
        .. NicFaultKind.All.Select(kind => new FaultInfo(
            $"{NicFaultKind.Class}.{kind.Name}", kind.Summary, Controller, TrialNetwork.CounterName(kind.Counter), [], Name)),
        .. LinkFaultKind.All.Select(kind => new FaultInfo(
            $"{LinkFaultKind.Class}.{kind.Name}", kind.Summary, Wire, TrialNetwork.CounterName(kind.Counter), [], Name)),
    ];

    internal override TrialDevice Arm(DeviceParts parts) => new TrialNetwork(parts);

    /// <summary>Buffers and frames are both replayed; a driver that lied was replaced, too.</summary>
    internal override RecoveryCounts CountRecoveries(RedLeafSystem system)
    {
        NetShadowStatistics counted = default;
        system.RunInKernel(
            "statistics",
            context => counted = system.Provided<INetShadowStatistics>(Shadow).GetShadowStatistics(context).Value);
        return new RecoveryCounts(counted.Recoveries, counted.Resent, counted.Abandoned);
    }
}
