using RedLeafSharp.Contracts;
using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Lab.Workloads.Network;

/// <summary>Messages to a server that sends them back, on several connections at once; each byte that comes back is known.</summary>
internal sealed class TcpEcho : NetworkWorkload
{
    internal override WorkloadInfo Info { get; } = new(
        "tcp-echo",
        "messages of many lengths to an echo server over the shadowed network driver, each byte known by its position",
        [
            new OptionInfo("operations", "messages of each connection", 20, 1, WorkloadLimits.OperationsMax),
            new OptionInfo("connections", "connections at once", 4, 1, WorkloadLimits.ConnectionsMax),
            new OptionInfo("bytes", "length of the longest message", 4096, 1, WorkloadLimits.MessageBytesMax),
            GapOption,
        ]);

    internal override RoundResult Run(WorkloadContext trial) => RunParties(trial, "echo", (context, table) =>
    {
        SocketAddress address = StreamAddress.OfServer(trial.Round);
        long count = trial.Option("connections");
        Party[] clients = Newcomer.Row(table, Stack(trial, Client), count, (number, socket) => new EchoClient(table, number, socket));
        TrialSocket listener = TrialSocket.Listen(context, table, Stack(trial, Server), address, (int)count);
        return
        [
            new Acceptor(table, listener, () => Array.TrueForAll(clients, one => one.IsDone), (socket, _) => new EchoServer(socket)),
            .. clients,
        ];
    });
}
