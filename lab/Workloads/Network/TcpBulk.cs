using RedLeafSharp.Contracts;
using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Lab.Workloads.Network;

/// <summary>Streams in both directions of several connections, as fast as they go; each byte that comes is known.</summary>
internal sealed class TcpBulk : NetworkWorkload
{
    private const int ToServer = 1;
    private const int FromServer = 2;

    internal override WorkloadInfo Info { get; } = new(
        "tcp-bulk",
        "streams both ways over the shadowed network driver, as fast as they go, each byte known by its position",
        [
            new OptionInfo("kibibytes", "bytes of each direction of a connection", 64, 1, WorkloadLimits.StreamKibibytesMax),
            new OptionInfo("connections", "connections at once", 2, 1, WorkloadLimits.ConnectionsMax),
            new OptionInfo("direction", "0: both at once; 1: to the server; 2: from the server", 0, 0, FromServer),
            GapOption,
        ]);

    internal override RoundResult Run(WorkloadContext trial) => RunParties(trial, "bulk", (context, table) =>
    {
        SocketAddress address = StreamAddress.OfServer(trial.Round);
        long count = trial.Option("connections");
        Party[] clients = Newcomer.Row(
            table, Stack(trial, Client), count, (number, socket) => End(table, number, isServer: false, socket));
        TrialSocket listener = TrialSocket.Listen(context, table, Stack(trial, Server), address, (int)count);
        return
        [
            new Acceptor(
                table, listener, () => Array.TrueForAll(clients, one => one.IsDone),
                (socket, peer) => End(table, StreamAddress.ConnectionOf(trial.Round, peer), isServer: true, socket)),
            .. clients,
        ];
    });

    private static BulkEnd End(RoundTable table, int number, bool isServer, TrialSocket socket)
    {
        long direction = table.Trial.Option("direction");
        long length = table.Trial.Option("kibibytes") << 10;
        (long up, long down) = (direction == FromServer ? 0 : length, direction == ToServer ? 0 : length);
        return new BulkEnd(table, number, isServer, socket, isServer ? down : up, isServer ? up : down);
    }
}
