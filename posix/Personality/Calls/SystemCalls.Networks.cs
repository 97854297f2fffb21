using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <content>The configuration of the calling process's network stack, passed on to it.</content>
internal sealed partial class SystemCalls
{
    public Reply<Unit, Errno> UseStack(CallContext context, ReadOnlySpan<byte> name)
    {
        if (!TryFindCaller(context, out Process? process))
        {
            return Errno.NoProcess;
        }

        if (!process.Credentials.Effective.IsPrivileged)
        {
            return Errno.NotPermitted;
        }

        if (!state.Stacks.TryFind(name, out NetworkStack? stack))
        {
            return Errno.NoEntry;
        }

        process.Stack = stack;
        return default(Unit);
    }

    public Reply<int, Errno> ListLinks(CallContext context, int start, Span<LinkInfo> links) =>
        FindNetwork(context, isChange: false, out INetConfiguration network) is var error and not Errno.None
            ? error
            : Pass(network.DumpLinks(context, start, links));

    public Reply<Unit, Errno> ChangeLink(CallContext context, in LinkInfo link, LinkChanges changes) =>
        FindNetwork(context, isChange: true, out INetConfiguration network) is var error and not Errno.None
            ? error
            : Pass(network.ChangeLink(context, in link, changes));

    public Reply<int, Errno> AddLink(CallContext context, in LinkInfo link) =>
        FindNetwork(context, isChange: true, out INetConfiguration network) is var error and not Errno.None
            ? error
            : Pass(network.NewLink(context, in link));

    public Reply<Unit, Errno> RemoveLink(CallContext context, int index) =>
        FindNetwork(context, isChange: true, out INetConfiguration network) is var error and not Errno.None
            ? error
            : Pass(network.DeleteLink(context, index));

    public Reply<int, Errno> ListAddresses(CallContext context, int start, Span<AddressInfo> addresses) =>
        FindNetwork(context, isChange: false, out INetConfiguration network) is var error and not Errno.None
            ? error
            : Pass(network.DumpAddresses(context, start, addresses));

    public Reply<Unit, Errno> ChangeAddress(CallContext context, in AddressInfo address, bool isDeleted) =>
        FindNetwork(context, isChange: true, out INetConfiguration network) is var error and not Errno.None
            ? error
            : Pass(isDeleted ? network.DeleteAddress(context, in address) : network.NewAddress(context, in address));

    public Reply<int, Errno> ListRoutes(CallContext context, int start, Span<RouteInfo> routes) =>
        FindNetwork(context, isChange: false, out INetConfiguration network) is var error and not Errno.None
            ? error
            : Pass(network.DumpRoutes(context, start, routes));

    public Reply<RouteInfo, Errno> FindRoute(CallContext context, IpAddress destination) =>
        FindNetwork(context, isChange: false, out INetConfiguration network) is var error and not Errno.None
            ? error
            : Pass(network.GetRoute(context, destination));

    public Reply<Unit, Errno> ChangeRoute(CallContext context, in RouteInfo route, bool isDeleted) =>
        FindNetwork(context, isChange: true, out INetConfiguration network) is var error and not Errno.None
            ? error
            : Pass(isDeleted ? network.DeleteRoute(context, in route) : network.NewRoute(context, in route));

    public Reply<int, Errno> ListNeighbors(CallContext context, int start, Span<NeighborInfo> neighbors) =>
        FindNetwork(context, isChange: false, out INetConfiguration network) is var error and not Errno.None
            ? error
            : Pass(network.DumpNeighbors(context, start, neighbors));

    public Reply<Unit, Errno> ChangeNeighbor(CallContext context, in NeighborInfo neighbor, bool isDeleted) =>
        FindNetwork(context, isChange: true, out INetConfiguration network) is var error and not Errno.None
            ? error
            : Pass(isDeleted ? network.DeleteNeighbor(context, in neighbor) : network.NewNeighbor(context, in neighbor));

    private static Reply<TValue, Errno> Pass<TValue>(Reply<TValue, SocketError> reply)
        where TValue : unmanaged => reply.IsOk ? reply.Value : InternetSocket.ErrorOf(reply);

    private Errno FindNetwork(CallContext context, bool isChange, out INetConfiguration network)
    {
        network = null!;
        if (!TryFindCaller(context, out Process? process))
        {
            return Errno.NoProcess;
        }

        network = process.Stack?.Configuration!;
        return network is null ? Errno.FamilyNotSupported
            : isChange && !process.Credentials.Effective.IsPrivileged ? Errno.NotPermitted
            : Errno.None;
    }
}
