using RedLeafSharp.Contracts;

namespace RedLeafSharp.Lab.Workloads.Network;

/// <summary>A server: seats a party for each connection that comes.</summary>
/// <param name="table">Where.</param>
/// <param name="listener">The socket.</param>
/// <param name="areClientsDone">Whether nobody will come any more.</param>
/// <param name="serve">Makes the party for the connection of a client's port.</param>
internal sealed class Acceptor(
    RoundTable table, TrialSocket listener, Func<bool> areClientsDone, Func<TrialSocket, SocketAddress, Party> serve) : Party
{
    internal override bool IsDone => areClientsDone() || !listener.IsOpen;

    internal override bool Step(CallContext context)
    {
        bool hasWorked = false;
        while (listener.Accept(context, table.Wake, out SocketAddress peer) is { } accepted)
        {
            table.Seat(serve(accepted, peer));
            hasWorked = true;
        }

        return hasWorked;
    }

    internal override void Close(CallContext context) => listener.Close(context);
}
