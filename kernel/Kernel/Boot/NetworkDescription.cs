using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel.Supervision;
using RedLeafSharp.Machine.Links.User;

namespace RedLeafSharp.Kernel.Boot;

/// <summary>What the command line says of the network: the wire, and the addresses of the stack at it.</summary>
internal sealed record NetworkDescription
{
    /// <summary>The name of the controller, and of the stack's link at it.</summary>
    internal const string DeviceName = "net0";
    internal const string LinkName = "eth0";

    private const string Driver = "E1000e";
    private const string Shadow = "NetShadow";
    private const string Stack = "TcpStack";

    /// <summary>Generations of the driver that wait for a death: as many as of the disk's.</summary>
    private const int Standbys = 4;

    internal required LinkDescription Link { get; init; }

    /// <summary>Each ADDRESS/BITS of the stack; without one of IPv4, there is the one that goes with the link.</summary>
    internal IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>The routers, one of each version at most; without one of IPv4, there is the one that goes with the link.</summary>
    internal IReadOnlyList<string> Gateways { get; init; } = [];

    /// <summary>Whether somebody will ask a server for both, so that the stack starts without.</summary>
    internal bool UsesDhcp { get; init; }

    internal DeviceDescription Device => DeviceDescription.ForNetwork(DeviceName, Link);

    /// <summary>Puts the driver and its shadow before the stack, which is added when there is none, and configures it.</summary>
    internal IReadOnlyList<DomainDescription> AddTo(IReadOnlyList<DomainDescription> domains)
    {
        int at = domains.ToList().FindIndex(one => one.Folder == Stack);
        int insertAt = at >= 0 ? at : Math.Max(domains.ToList().FindIndex(one => one.Folder == "Personality"), 0);
        DomainDescription stack = at >= 0 ? domains[at] : Plain(Stack);
        List<DomainDescription> result = [.. domains.Where(one => one != stack)];
        result.InsertRange(insertAt,
        [
            Plain(Driver) with { Device = DeviceName, Restart = new RestartPolicy { StandbyCount = Standbys } },
            Plain(Shadow) with { Shadows = Driver },
            Configured(stack),
        ]);
        return result;
    }

    private static DomainDescription Plain(string name) => new()
    {
        Name = name,
        Folder = name,
        Device = null,
        Shadows = null,
        Uses = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal),
        Settings = new Dictionary<string, string>(StringComparer.Ordinal),
        Restart = new RestartPolicy(),
        ExecutorIndex = 0,
    };

    private static bool IsV4(string address) => !address.Contains(':', StringComparison.Ordinal);

    private static string Text(uint address) => IpAddress.FromV4(address).ToString();

    /// <summary>Settings of the stack: docs/tcp-stack.md.</summary>
    private DomainDescription Configured(DomainDescription stack)
    {
        bool knowsLink = Link.IsUser && !UsesDhcp;
        IReadOnlyList<string> addresses = knowsLink && !Addresses.Any(IsV4)
            ? [$"{Text(UserNetwork.Guest)}/{UserNetwork.PrefixBits}", .. Addresses]
            : Addresses;
        IReadOnlyList<string> gateways = knowsLink && !Gateways.Any(IsV4) ? [Text(UserNetwork.Gateway), .. Gateways] : Gateways;
        var settings = new Dictionary<string, string>(stack.Settings, StringComparer.Ordinal) { ["links"] = $"{LinkName}={Shadow}" };
        if (addresses.Count > 0)
        {
            settings["addresses"] = string.Join(' ', addresses.Select(address => $"{LinkName}={address}"));
        }

        if (gateways.Count > 0)
        {
            settings["routes"] = string.Join(' ', gateways.Select(gateway => $"default={gateway}"));
        }

        return stack with
        {
            Settings = settings,
            Uses = new Dictionary<string, IReadOnlyList<string>>(stack.Uses, StringComparer.Ordinal) { [nameof(INetDevice)] = [Shadow] },
        };
    }
}
