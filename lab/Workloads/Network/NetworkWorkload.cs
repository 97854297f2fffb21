using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel;
using RedLeafSharp.Lab.Targets;
using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Lab.Workloads.Network;

/// <summary>
/// A workload of two TCP/IP stacks in one system, at the two ends of a simulated wire. One is under test: its driver may die. The other
/// one, with a driver of its own that nothing strikes, plays the rest of the world.
/// </summary>
internal abstract class NetworkWorkload : Workload
{
    /// <summary>The stack under test: it serves.</summary>
    protected const string Server = "TcpStack";

    /// <summary>The other one: its sockets are the clients'.</summary>
    protected const string Client = "PeerStack";

    /// <summary>How long nothing may be answered before that counts as a failure.</summary>
    protected static OptionInfo GapOption { get; } = new(
        WorkloadContext.GapOptionName, "longest time in ms without an answer; an answer behind a longer one counts as failed; 0: any", 0, 0, 600_000);

    private static readonly SystemDescription WithRecovery = SystemDescription.Parse("network", YamlOf(hasRecovery: true));
    private static readonly SystemDescription WithoutRecovery = SystemDescription.Parse("network", YamlOf(hasRecovery: false));

    internal override IReadOnlyList<DriverTarget> Targets { get; } = [DriverTargets.E1000e];

    internal override SystemDescription Describe(bool hasRecovery) => hasRecovery ? WithRecovery : WithoutRecovery;

    /// <summary>Sockets of one of the stacks.</summary>
    protected static ISocketStack Stack(WorkloadContext trial, string name) => trial.System!.Provided<ISocketStack>(name);

    /// <summary>Runs the parties of a round until they are done.</summary>
    protected static RoundResult RunParties(WorkloadContext trial, string name, Func<CallContext, RoundTable, IEnumerable<Party>> make) =>
        RunClient(trial, name, context =>
        {
            var table = new RoundTable(context, trial);
            return (table.Run(context, [.. make(context, table)]), table.Digest);
        });

    /// <summary>Both controllers, both drivers, both stacks.</summary>
    protected static string NetworkDevices => """
          - {name: net0, model: e1000e, address: "02:52:4c:00:00:01"}
          - {name: net1, model: e1000e, address: "02:52:4c:00:00:02"}
        """;

    /// <inheritdoc cref="NetworkDevices"/>
    protected static string NetworkDomains(bool hasRecovery) => $$"""
          - {name: E1000e, device: net0, restart: {{RestartPolicy(hasRecovery)}}, settings: {receiveEntries: 64, transmitEntries: 64} }
          - {name: NetShadow, shadows: E1000e}
          - name: {{Server}}
            use: {INetDevice: NetShadow}
            settings: {links: eth0=NetShadow, addresses: eth0={{StreamAddress.Server}}/24, ipv6: static, packets: {{WorkloadLimits.StackPackets}} }
          - {name: PeerE1000e, folder: E1000e, device: net1, restart: {restartsMax: 0, standby: 0}, settings: {receiveEntries: 64, transmitEntries: 64} }
          - {name: PeerShadow, folder: NetShadow, shadows: PeerE1000e}
          - name: {{Client}}
            folder: TcpStack
            use: {INetDevice: PeerShadow}
            settings: {links: eth0=PeerShadow, addresses: eth0={{StreamAddress.Client}}/24, ipv6: static, packets: {{WorkloadLimits.StackPackets}} }
        """;

    private static string YamlOf(bool hasRecovery) => $"""
        exchangeHeapMebibytes: 16
        devices:
        {NetworkDevices}
        domains:
        {NetworkDomains(hasRecovery)}
        """;
}
