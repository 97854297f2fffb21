using RedLeafSharp.Kernel.Boot;
using RedLeafSharp.Lab.Faults;
using RedLeafSharp.Machine.E1000e;
using RedLeafSharp.Machine.Links;

namespace RedLeafSharp.Lab.Targets;

/// <summary>The network controller of a trial, and the wire from it to its peer.</summary>
internal sealed class TrialNetwork : TrialDevice
{
    private readonly NicFaults controller;
    private readonly FaultyWire wire;

    internal TrialNetwork(DeviceParts parts)
    {
        controller = new NicFaults(
            parts.Simulation, parts.Faults.Where(fault => fault.Plan.Target == E1000eTarget.Controller), parts.CountDeaths);
        wire = new FaultyWire(parts.Simulation, parts.Faults.Where(fault => fault.Plan.Target == E1000eTarget.Wire))
        {
            NextElsewhereMicros = () => controller.NextDueMicros,
        };
    }

    internal override IEnumerable<KeyValuePair<string, long>> Counts =>
    [
        .. Enum.GetValues<NicCounter>().Select(counter => KeyValuePair.Create(CounterName(counter), controller.CountOf(counter))),
        .. Enum.GetValues<LinkCounter>().Select(counter => KeyValuePair.Create(CounterName(counter), wire.CountOf(counter))),
    ];

    internal static string CounterName(NicCounter counter) => $"{E1000eTarget.Controller}.{counter}";

    internal static string CounterName(LinkCounter counter) => $"{E1000eTarget.Wire}.{counter}";

    internal override SimulationOptions Attach(SimulationOptions options) => options with
    {
        PrepareNetwork = description => description.Name == E1000eTarget.Controller ? Prepare(description) : description,
        OpenLink = End,
    };

    internal override void Begin()
    {
        controller.Begin();
        wire.Begin();
    }

    private E1000eOptions Prepare(E1000eOptions description) => description with { Faults = controller };

    private LinkPort? End(string device) => device switch
    {
        E1000eTarget.Controller => wire.Near,
        E1000eTarget.Peer => wire.Far,
        _ => null,
    };
}
