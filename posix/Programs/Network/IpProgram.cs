using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Network;

/// <summary>ip: shows and changes links, addresses, routes and neighbours, in the words of iproute2.</summary>
public sealed class IpProgram : Utility
{
    private const int EntriesMax = 64;
    private protected override string Synopsis => "[-4|-6] [-s] [-d] [-n STACK] {link|addr|route|neigh} [show|add|del|get|set ...]"
        + " | netns exec STACK PROGRAM [ARGUMENT]...";

    private protected override int Run(Libc libc)
    {
        List<string> words = libc.Arguments[1..];
        IpFamily family = Take(words, "-6") ? IpFamily.V6 : Take(words, "-4") ? IpFamily.V4 : IpFamily.Both;
        bool showsCounters = Take(words, "-s");
        bool showsDetails = Take(words, "-d");
        if (words.Count > 1 && words[0] == "-n")
        {
            Errno error = Errors.Of(libc.System.UseStack(libc.Context, ByteText.ToBytes(words[1])));
            if (error != Errno.None)
            {
                return libc.Complain(words[1], error);
            }

            words.RemoveRange(0, 2);
        }

        if (words.Count == 0)
        {
            return libc.ComplainUsage($"usage: {libc.Name} {Synopsis}");
        }

        string verb = words.Count > 1 ? words[1] : "show";
        if (words[0] == "netns")
        {
            return IpNamespaces.Run(libc, verb, words.Count > 2 ? words[2..] : []);
        }

        var arguments = new IpArguments(words.Count > 2 ? words[2..] : [], family);
        return words[0] switch
        {
            "link" or "l" => IpLinks.Run(libc, verb, arguments, showsCounters, showsDetails),
            "address" or "addr" or "a" => RunAddress(libc, verb, arguments),
            "route" or "r" => IpRoutes.Run(libc, verb, arguments),
            "neighbour" or "neighbor" or "neigh" or "n" => IpNeighbors.Run(libc, verb, arguments),
            _ => libc.ComplainUsage($"Object \"{words[0]}\" is unknown, try \"ip help\"."),
        };
    }

    /// <summary>All links, or an error that has been told.</summary>
    internal static bool TryListLinks(Libc libc, out LinkInfo[] links)
    {
        links = new LinkInfo[EntriesMax];
        Reply<int, Errno> count = libc.System.ListLinks(libc.Context, 0, links);
        links = links[..count.Value];
        if (!count.IsOk)
        {
            libc.Complain("cannot list the links", Errors.Of(count));
        }

        return count.IsOk;
    }

    /// <summary>The index of a link; 0 for no name, and -1, after a complaint, when there is no such link.</summary>
    internal static int IndexOf(Libc libc, string? name)
    {
        if (name is null || !TryListLinks(libc, out LinkInfo[] links))
        {
            return name is null ? 0 : -1;
        }

        foreach (LinkInfo link in links)
        {
            if (link.Name.ToString() == name)
            {
                return link.Index;
            }
        }

        libc.Complain($"Cannot find device \"{name}\"");
        return -1;
    }

    internal static string NameOf(LinkInfo[] links, int index)
    {
        foreach (LinkInfo link in links)
        {
            if (link.Index == index)
            {
                return link.Name.ToString();
            }
        }

        return $"if{index}";
    }

    /// <summary>What a change has answered, in the words of iproute2.</summary>
    internal static int Finish(Libc libc, Reply<Unit, Errno> reply) =>
        reply.IsOk ? 0 : libc.Complain($"RTNETLINK answers: {Errors.TextOf(Errors.Of(reply))}") + 1;

    private static bool Take(List<string> words, string word)
    {
        bool isThere = words.Count > 0 && words[0] == word;
        if (isThere)
        {
            words.RemoveAt(0);
        }

        return isThere;
    }

    private static int RunAddress(Libc libc, string verb, IpArguments arguments)
    {
        if (verb is not ("add" or "del" or "delete"))
        {
            return verb is "show" or "list" or "ls"
                ? ShowAddresses(libc, arguments)
                : libc.ComplainUsage($"Command \"{verb}\" is unknown, try \"ip address help\".");
        }

        var changed = new AddressInfo { LinkIndex = IndexOf(libc, arguments.ValueOf("dev")) };
        if (changed.LinkIndex <= 0 || !IpArguments.TryParseNetwork(arguments.First, out changed.Address, out changed.PrefixBits))
        {
            return changed.LinkIndex < 0 ? 1 : libc.ComplainUsage("usage: ip addr {add|del} ADDRESS/BITS dev NAME");
        }

        return Finish(libc, libc.System.ChangeAddress(libc.Context, in changed, isDeleted: verb != "add"));
    }

    private static int ShowAddresses(Libc libc, IpArguments arguments)
    {
        string? name = arguments.ValueOf("dev") ?? arguments.First;
        var addresses = new AddressInfo[EntriesMax * 4];
        Reply<int, Errno> count = libc.System.ListAddresses(libc.Context, 0, addresses);
        if (!TryListLinks(libc, out LinkInfo[] links) || IndexOf(libc, name) < 0)
        {
            return 1;
        }

        foreach (LinkInfo link in links)
        {
            if (name is not null && link.Name.ToString() != name)
            {
                continue;
            }

            IpLinks.Show(libc, links, in link);
            foreach (AddressInfo address in addresses.AsSpan(0, count.Value))
            {
                if (address.LinkIndex == link.Index && arguments.Shows(address.Address))
                {
                    ShowAddress(libc, in address, link.Name);
                }
            }
        }

        return 0;
    }

    private static void ShowAddress(Libc libc, in AddressInfo address, LinkName link)
    {
        string scope = address.Address.IsLoopback ? "host" : address.Address.IsLinkLocal ? "link" : "global";
        string flags = (address.IsTentative ? " tentative" : "") + (address.IsDeprecated ? " deprecated" : "")
            + (address.IsAutomatic && scope == "global" ? " dynamic" : "");
        if (address.Address.IsV4)
        {
            libc.PrintLine($"    inet {address.Address}/{address.PrefixBits} scope {scope}{flags} {link}");
            return;
        }

        libc.PrintLine($"    inet6 {address.Address}/{address.PrefixBits} scope {scope}{flags}");
        string valid = IpArguments.Lifetime(libc, address.ValidUntilMicros);
        libc.PrintLine($"       valid_lft {valid} preferred_lft {IpArguments.Lifetime(libc, address.PreferredUntilMicros)}");
    }
}
