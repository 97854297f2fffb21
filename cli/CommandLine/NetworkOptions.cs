using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using RedLeafSharp.Kernel;
using RedLeafSharp.Kernel.Boot;
using RedLeafSharp.Machine.Links.User;

namespace RedLeafSharp.Cli.CommandLine;

/// <summary>The options that give a system a network: docs/network.md.</summary>
internal static class NetworkOptions
{
    private static readonly Option<string> Net = new("--net")
    {
        Description = $"The wire of a network controller: {LinkDescription.Kinds} [none].",
        HelpName = "LINK",
    };

    private static readonly Option<string[]> Publish = new("--publish")
    {
        Description = "Leads a TCP port of the host into the system; with --net user, can be repeated.",
        HelpName = "[ADDRESS:]HOST:GUEST",
    };

    private static readonly Option<string[]> Reach = new("--reach")
    {
        Description = "Lets programs reach a port of the host at 10.0.2.2, or all; with --net user, can be repeated.",
        HelpName = "PORT",
    };

    private static readonly Option<string[]> Address = new("--ip")
    {
        Description = "An address of the system, of IPv4 or IPv6, can be repeated [with --net user: 10.0.2.15/24].",
        HelpName = "ADDRESS/BITS",
    };

    private static readonly Option<string[]> Gateway = new("--gw")
    {
        Description = "The router, one of each version at most [with --net user: 10.0.2.2].",
        HelpName = "ADDRESS",
    };

    private static readonly Option<bool> Dhcp = new("--dhcp")
    {
        Description = "A DHCP server of the link gives address, router and name servers.",
    };

    private static readonly Option<string> Capture = new("--pcap")
    {
        Description = "Writes every frame to this file, for tcpdump and Wireshark.",
        HelpName = "FILE",
    };

    internal static void AddTo(Command command)
    {
        foreach (Option option in new Option[] { Net, Publish, Reach, Address, Gateway, Dhcp, Capture })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The same system with the network that was asked for.</summary>
    /// <exception cref="CommandFailure">The options contradict each other, or one cannot be read.</exception>
    internal static SystemDescription Apply(SystemDescription description, ParseResult parsed)
    {
        string? net = parsed.GetValue(Net);
        string[] published = parsed.GetValue(Publish) ?? [];
        string[] reachable = parsed.GetValue(Reach) ?? [];
        if (net is null or "none")
        {
            Require(published.Length + reachable.Length == 0, "--publish and --reach need --net user");
            Require(
                Values(parsed, Address).Length + Values(parsed, Gateway).Length == 0 && parsed.GetValue(Capture) is null && !UsesDhcp(parsed),
                "--ip, --gw, --dhcp and --pcap need --net");
            return description;
        }

        LinkDescription link = LinkDescription.TryParse(net) ?? throw Wrong($"--net: '{net}' is no link; write {LinkDescription.Kinds}");
        Require(link.IsUser || published.Length + reachable.Length == 0, "--publish and --reach need --net user");
        Require(LinkDescription.TryParseReachable(reachable, out IReadOnlySet<int>? ports), "--reach wants a port of the host, 1 to 65535, or all");
        Require(
            !UsesDhcp(parsed) || (!Values(parsed, Address).Any(IsV4) && !Values(parsed, Gateway).Any(IsV4)),
            "--dhcp and --ip or --gw of IPv4 exclude each other");
        link = link with
        {
            Published = [.. published.Select(ReadPublished)],
            Reachable = ports,
            CapturePath = parsed.GetValue(Capture),
        };
        return description.WithNetwork(new NetworkDescription
        {
            Link = link,
            Addresses = [.. Values(parsed, Address).Select(ReadAddress)],
            Gateways = ReadGateways(parsed),
            UsesDhcp = UsesDhcp(parsed),
        });
    }

    /// <summary>Whether a server of the link is to say what the system is called there.</summary>
    internal static bool UsesDhcp(ParseResult parsed) => parsed.GetValue(Dhcp);

    private static PublishedPort ReadPublished(string text) => LinkDescription.TryParsePublished(text)
        ?? throw Wrong($"--publish: '{text}' is no pair of ports; write HOST:GUEST, such as 8080:80");

    private static string[] Values(ParseResult parsed, Option<string[]> option) => parsed.GetValue(option) ?? [];

    private static string ReadAddress(string text)
    {
        string[] parts = text.Split('/');
        Require(
            parts.Length == 2 && IsAddress(parts[0]) && byte.TryParse(parts[1], out byte bits) && bits > 0 && bits <= (IsV4(text) ? 32 : 128),
            $"--ip: '{text}' is no address with its prefix; write one as 10.0.0.2/24 or fd00::2/64");
        return text;
    }

    private static string[] ReadGateways(ParseResult parsed)
    {
        string[] gateways = Values(parsed, Gateway);
        foreach (string text in gateways)
        {
            Require(IsAddress(text), $"--gw: '{text}' is no address; write one as 10.0.0.1 or fd00::1");
        }

        Require(gateways.Count(IsV4) <= 1 && gateways.Count(text => !IsV4(text)) <= 1, "--gw: there can be one router of each version");
        return gateways;
    }

    private static bool IsV4(string text) => !text.Contains(':', StringComparison.Ordinal);

    private static bool IsAddress(string text) => IPAddress.TryParse(text, out IPAddress? address)
        && (IsV4(text)
            ? text.Split('.').Length == 4 && address.AddressFamily == AddressFamily.InterNetwork
            : address.AddressFamily == AddressFamily.InterNetworkV6 && text.IndexOfAny(['%', '[']) < 0);

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw Wrong(otherwise);
        }
    }

    private static CommandFailure Wrong(string message) => new(message, ExitCode.Usage);
}
