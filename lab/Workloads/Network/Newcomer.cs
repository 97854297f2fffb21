using RedLeafSharp.Contracts;

namespace RedLeafSharp.Lab.Workloads.Network;

/// <summary>
/// A client that connects when the one before it has begun to work: if all asked for the server's address at once, the first packets of
/// some would be dropped, and their connections begin a second later.
/// </summary>
/// <param name="table">The round.</param>
/// <param name="number">Of the connection.</param>
/// <param name="stack">Where its socket is made.</param>
/// <param name="before">The one before; null for the first.</param>
/// <param name="make">Makes what uses the socket.</param>
internal sealed class Newcomer(RoundTable table, int number, ISocketStack stack, Party? before, Func<TrialSocket, Party> make) : Party
{
    private Party? party;

    internal override bool IsDone => party is { IsDone: true };

    internal override bool HasBegun => party is { HasBegun: true };

    internal override bool Step(CallContext context)
    {
        if (party is not null)
        {
            return party.Step(context);
        }

        if (before is { HasBegun: false })
        {
            return false;
        }

        int round = table.Trial.Round;
        party = make(TrialSocket.Connect(
            context, table, stack, StreamAddress.OfClient(round, number), StreamAddress.OfServer(round)));
        return true;
    }

    internal override void Close(CallContext context) => party?.Close(context);

    /// <summary>Clients in a row.</summary>
    internal static Party[] Row(RoundTable table, ISocketStack stack, long count, Func<int, TrialSocket, Party> make)
    {
        var row = new Party[count];
        for (int number = 0; number < row.Length; number++)
        {
            int own = number;
            row[number] = new Newcomer(table, own, stack, own > 0 ? row[own - 1] : null, socket => make(own, socket));
        }

        return row;
    }
}
