using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Network;

/// <summary>host: asks a name server for the addresses of a name, in the words of BIND's.</summary>
public sealed class HostProgram : Utility
{
    private protected override string Synopsis => "[-t A|AAAA] NAME [SERVER]";

    private protected override int Run(Libc libc)
    {
        Options options = Options.Parse(libc.Arguments, "t:");
        string? type = options.ValueOf('t');
        if (options.Error is not null || options.Operands.Count is 0 or > 2 || type is not (null or "A" or "AAAA"))
        {
            return libc.ComplainUsage(options.Error ?? $"usage: {libc.Name} {Synopsis}");
        }

        var server = new List<IpAddress>();
        if (options.Operands.Count == 2)
        {
            if (!SocketText.TryResolve(libc, options.Operands[1], out SocketAddress address))
            {
                return 1;
            }

            server.Add(address.Address);
        }

        DnsResult four = type == "AAAA" ? DnsResult.NoData : Show(libc, options.Operands[0], DnsSpec.TypeA, server, "has address");
        bool asksMore = type != "A" && four is DnsResult.Success or DnsResult.NoData;
        DnsResult six = asksMore ? Show(libc, options.Operands[0], DnsSpec.TypeAaaa, server, "has IPv6 address") : DnsResult.NoData;
        if (four == DnsResult.Success || six == DnsResult.Success)
        {
            return 0;
        }

        DnsResult failure = four == DnsResult.NoData ? six : four;
        string name = options.Operands[0];
        libc.PrintLine(failure switch
        {
            DnsResult.NameError => $"Host {name} not found: 3(NXDOMAIN)",
            DnsResult.NoData => $"{name} has no {type ?? "A"} record",
            DnsResult.NoAnswer => ";; connection timed out; no servers could be reached",
            DnsResult.ServerFailure => $"Host {name} not found: 2(SERVFAIL)",
            DnsResult.Refused => $"Host {name} not found: 5(REFUSED)",
            _ => $"Host {name} not found: the answer is malformed",
        });
        return 1;
    }

    private static DnsResult Show(Libc libc, string name, ushort type, List<IpAddress> server, string verb)
    {
        var addresses = new List<IpAddress>();
        DnsResult result = server.Count > 0
            ? Resolver.Ask(libc, server, name, type, addresses)
            : Resolver.Lookup(libc, name, type, out addresses);
        foreach (IpAddress address in addresses)
        {
            libc.PrintLine($"{name} {verb} {address}");
        }

        return result;
    }
}
