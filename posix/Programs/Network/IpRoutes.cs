using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Network;

/// <summary>ip route.</summary>
internal static class IpRoutes
{
    private const int EntriesMax = 256;

    public static int Run(Libc libc, string verb, IpArguments arguments) => verb switch
    {
        "show" or "list" or "ls" => Show(libc, arguments),
        "get" => Find(libc, arguments.First),
        "add" or "del" or "delete" => Change(libc, arguments, isDeleted: verb != "add"),
        _ => libc.ComplainUsage($"Command \"{verb}\" is unknown, try \"ip route help\"."),
    };

    private static int Show(Libc libc, IpArguments arguments)
    {
        var routes = new RouteInfo[EntriesMax];
        Reply<int, Errno> count = libc.System.ListRoutes(libc.Context, 0, routes);
        if (!count.IsOk || !IpProgram.TryListLinks(libc, out LinkInfo[] links))
        {
            return 1;
        }

        foreach (RouteInfo route in routes.AsSpan(0, count.Value))
        {
            // As iproute2: without being asked, those of IPv4 only.
            if (route.Destination.IsV4 == arguments.IsV6)
            {
                continue;
            }

            string network = route.PrefixBits == 0 ? "default" : $"{route.Destination}/{route.PrefixBits}";
            libc.PrintLine(network + Way(in route, links));
        }

        return 0;
    }

    private static int Find(Libc libc, string? text)
    {
        if (text is null || !IpAddress.TryParse(text, out IpAddress destination))
        {
            return libc.ComplainUsage("usage: ip route get ADDRESS");
        }

        Reply<RouteInfo, Errno> reply = libc.System.FindRoute(libc.Context, destination);
        if (!reply.IsOk || !IpProgram.TryListLinks(libc, out LinkInfo[] links))
        {
            return libc.Complain($"RTNETLINK answers: {Errors.TextOf(Errors.Of(reply))}") + 1;
        }

        RouteInfo route = reply.Value;
        libc.PrintLine(destination + Way(in route, links));
        return 0;
    }

    private static string Way(in RouteInfo route, LinkInfo[] links) =>
        (route.Gateway.IsUnspecified ? "" : $" via {route.Gateway}")
        + $" dev {IpProgram.NameOf(links, route.LinkIndex)}"
        + (route.Source.IsUnspecified ? "" : $" src {route.Source}")
        + (route.IsAdvertised ? " proto ra" : "")
        + (route.Metric == 0 ? "" : $" metric {route.Metric}");

    private static int Change(Libc libc, IpArguments arguments, bool isDeleted)
    {
        bool isV6 = arguments.IsV6 || (arguments.ValueOf("via") ?? arguments.First ?? "").Contains(':');
        IpAddress any = isV6 ? IpAddress.AnyV6 : IpAddress.AnyV4;
        var route = new RouteInfo { Destination = any, Gateway = any, Source = any };
        bool isGood = (arguments.First == "default"
                || IpArguments.TryParseNetwork(arguments.First, out route.Destination, out route.PrefixBits))
            && (arguments.ValueOf("via") is not { } via || IpAddress.TryParse(via, out route.Gateway))
            && (arguments.ValueOf("src") is not { } source || IpAddress.TryParse(source, out route.Source));
        int metric = 0;
        isGood &= arguments.ValueOf("metric") is not { } text || SocketText.TryParseNumber(text, int.MaxValue, out metric);
        route.Metric = (uint)metric;
        route.LinkIndex = IpProgram.IndexOf(libc, arguments.ValueOf("dev"));
        if (!isGood || route.LinkIndex < 0)
        {
            return isGood ? 1 : libc.ComplainUsage("usage: ip route {add|del} {default|NETWORK/BITS} [via GATEWAY] [dev NAME] [src ADDRESS] [metric N]");
        }

        return IpProgram.Finish(libc, libc.System.ChangeRoute(libc.Context, in route, isDeleted));
    }
}
