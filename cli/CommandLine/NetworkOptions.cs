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

    private static readonly Option<string> Address = new("--ip")
    {
        Description = "The system's address [with --net user: 10.0.2.15/24].",
        HelpName = "ADDRESS/BITS",
    };

    private static readonly Option<string> Gateway = new("--gw")
    {
        Description = "The router [with --net user: 10.0.2.2].",
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
                parsed.GetValue(Address) is null && parsed.GetValue(Gateway) is null && parsed.GetValue(Capture) is null && !UsesDhcp(parsed),
                "--ip, --gw, --dhcp and --pcap need --net");
            return description;
        }

        LinkDescription link = LinkDescription.TryParse(net) ?? throw Wrong($"--net: '{net}' is no link; write {LinkDescription.Kinds}");
        Require(link.IsUser || published.Length + reachable.Length == 0, "--publish and --reach need --net user");
        Require(LinkDescription.TryParseReachable(reachable, out IReadOnlySet<int>? ports), "--reach wants a port of the host, 1 to 65535, or all");
        Require(
            !UsesDhcp(parsed) || (parsed.GetValue(Address) is null && parsed.GetValue(Gateway) is null),
            "--dhcp and --ip or --gw exclude each other");
        link = link with
        {
            Published = [.. published.Select(ReadPublished)],
            Reachable = ports,
            CapturePath = parsed.GetValue(Capture),
        };
        return description.WithNetwork(new NetworkDescription
        {
            Link = link,
            Address = ReadAddress(parsed),
            Gateway = ReadGateway(parsed),
            UsesDhcp = UsesDhcp(parsed),
        });
    }

    /// <summary>Whether a server of the link is to say what the system is called there.</summary>
    internal static bool UsesDhcp(ParseResult parsed) => parsed.GetValue(Dhcp);

    private static PublishedPort ReadPublished(string text) => LinkDescription.TryParsePublished(text)
        ?? throw Wrong($"--publish: '{text}' is no pair of ports; write HOST:GUEST, such as 8080:80");

    private static string? ReadAddress(ParseResult parsed)
    {
        string? text = parsed.GetValue(Address);
        string[] parts = text?.Split('/') ?? [];
        Require(
            text is null || (parts.Length == 2 && IsAddress(parts[0]) && byte.TryParse(parts[1], out byte bits) && bits is > 0 and <= 32),
            $"--ip: '{text}' is no address with its prefix; write one as 10.0.0.2/24");
        return text;
    }

    private static string? ReadGateway(ParseResult parsed)
    {
        string? text = parsed.GetValue(Gateway);
        Require(text is null || IsAddress(text), $"--gw: '{text}' is no address; write one as 10.0.0.1");
        return text;
    }

    private static bool IsAddress(string text) =>
        text.Split('.').Length == 4 && IPAddress.TryParse(text, out IPAddress? address) && address.AddressFamily == AddressFamily.InterNetwork;

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw Wrong(otherwise);
        }
    }

    private static CommandFailure Wrong(string message) => new(message, ExitCode.Usage);
}
