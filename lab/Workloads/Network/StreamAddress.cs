using RedLeafSharp.Contracts;

namespace RedLeafSharp.Lab.Workloads.Network;

/// <summary>Addresses and ports of trials: both ends of a connection know which one it is by the client's port.</summary>
internal static class StreamAddress
{
    internal const string Server = "10.0.0.1";
    internal const string Client = "10.0.0.2";

    private const int ServerPort = 7000;
    private const int ClientPort = 20_000;

    /// <summary>A round has ports of its own: those of the last one may still be in TIME-WAIT.</summary>
    private const int PortsPerRound = 10_000;

    internal static SocketAddress OfServer(int round) => new(Parse(Server), (ushort)(ServerPort + round));

    internal static SocketAddress OfClient(int round, int connection) => new(Parse(Client), (ushort)(ClientPort + (PortsPerRound * round) + connection));

    internal static int ConnectionOf(int round, SocketAddress client) => client.Port - ClientPort - (PortsPerRound * round);

    private static IpAddress Parse(string text) => IpAddress.TryParse(text, out IpAddress address)
        ? address
        : throw new ArgumentException($"'{text}' is no address", nameof(text));
}
