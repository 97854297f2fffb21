using System.Globalization;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Network;

/// <summary>ip neigh.</summary>
internal static class IpNeighbors
{
    private const int EntriesMax = 1_024;

    public static int Run(Libc libc, string verb, IpArguments arguments) => verb switch
    {
        "show" or "list" or "ls" => Show(libc, arguments),
        "add" or "replace" or "del" or "delete" => Change(libc, arguments, isDeleted: verb is "del" or "delete"),
        _ => libc.ComplainUsage($"Command \"{verb}\" is unknown, try \"ip neigh help\"."),
    };

    private static int Show(Libc libc, IpArguments arguments)
    {
        var neighbors = new NeighborInfo[EntriesMax];
        Reply<int, Errno> count = libc.System.ListNeighbors(libc.Context, 0, neighbors);
        if (!count.IsOk || !IpProgram.TryListLinks(libc, out LinkInfo[] links))
        {
            return 1;
        }

        foreach (NeighborInfo neighbor in neighbors.AsSpan(0, count.Value))
        {
            if (!arguments.Shows(neighbor.Address))
            {
                continue;
            }

            string mac = neighbor.Status == NeighborStatus.Incomplete ? "" : $" lladdr {neighbor.Mac}";
            libc.PrintLine(
                $"{neighbor.Address} dev {IpProgram.NameOf(links, neighbor.LinkIndex)}{mac}{(neighbor.IsRouter ? " router" : "")} {neighbor.Status.ToString().ToUpperInvariant()}");
        }

        return 0;
    }

    private static int Change(Libc libc, IpArguments arguments, bool isDeleted)
    {
        var neighbor = new NeighborInfo { Status = NeighborStatus.Permanent };
        string? mac = arguments.ValueOf("lladdr");
        bool isGood = arguments.First is { } first && IpAddress.TryParse(first, out neighbor.Address)
            && (isDeleted || (mac is not null && TryParseMac(mac, out neighbor.Mac)));
        neighbor.LinkIndex = IpProgram.IndexOf(libc, arguments.ValueOf("dev"));
        if (!isGood || neighbor.LinkIndex <= 0)
        {
            return neighbor.LinkIndex < 0 ? 1 : libc.ComplainUsage("usage: ip neigh {add|del} ADDRESS [lladdr MAC] dev NAME");
        }

        return IpProgram.Finish(libc, libc.System.ChangeNeighbor(libc.Context, in neighbor, isDeleted));
    }

    private static bool TryParseMac(string text, out MacAddress mac)
    {
        ulong value = 0;
        string[] parts = text.Split(':');
        bool isGood = parts.Length == MacAddress.LengthBytes;
        foreach (string part in parts)
        {
            isGood &= part.Length is 1 or 2
                & byte.TryParse(part, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte octet);
            value = (value << 8) | octet;
        }

        mac = new MacAddress(value);
        return isGood;
    }
}
