using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Links;

namespace RedLeafSharp.Domains.TcpStack;

/// <summary>
/// The settings of the system file: <c>links</c>, <c>addresses</c> and <c>routes</c>, each a list of words between spaces.
/// docs/tcp-stack.md explains them.
/// </summary>
internal sealed class StackSettings(DomainServices services, NetworkStack stack)
{
    /// <summary>Opens the links and configures them; false when something is wrong, which is reported.</summary>
    internal bool TryApply(CallContext context, KernelEvent wake)
    {
        string mode = services.TryGetText("ipv6", out string? text) ? text : "auto";
        if (mode is not ("auto" or "static"))
        {
            return Refuse("ipv6", mode, "auto or static");
        }

        stack.IsAutomatic = mode == "auto";
        if (services.TryGetText("secret", out string? secret))
        {
            stack.Autoconfiguration.Identifiers = KeyedHash.OfText(secret);
        }

        foreach (string word in Words("links"))
        {
            if (!TrySplit(word, '=', out string name, out string provider) || !TryAddLink(context, name, provider, wake))
            {
                return Refuse("links", word, "NAME=DOMAIN, of a domain that provides INetDevice");
            }
        }

        foreach (string word in Words("vlans"))
        {
            if (!TrySplit(word, '=', out string name, out string place) || !TryAddVlan(name, place))
            {
                return Refuse("vlans", word, "NAME=LINK.IDENTIFIER");
            }
        }

        foreach (string word in Words("addresses"))
        {
            if (!TrySplit(word, '=', out string name, out string address) || !TryAddAddress(name, address))
            {
                return Refuse("addresses", word, "LINK=ADDRESS/BITS");
            }
        }

        foreach (string word in Words("routes"))
        {
            if (!TrySplit(word, '=', out string network, out string gateway) || !TryAddRoute(network, gateway))
            {
                return Refuse("routes", word, "NETWORK/BITS=GATEWAY or default=GATEWAY, of a gateway on a link");
            }
        }

        return true;
    }

    private string[] Words(string setting) => services.TryGetText(setting, out string? text)
        ? text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        : [];

    private bool TryAddLink(CallContext context, string name, string provider, KernelEvent wake)
    {
        if (stack.Interfaces.Count == StackLimits.InterfacesMax
            || !DeviceInterface.TryOpen(context, services.Require<INetDevice>(provider), stack.Pool, name, wake, out DeviceInterface? link))
        {
            return false;
        }

        stack.AddInterface(link!);
        if (stack.IsAutomatic && link!.MtuBytes >= Ip.IpSpec.MtuBytesMinV6)
        {
            // A link whose device comes later makes its addresses then.
            link.V6.IsAutomatic = true;
            if (link.Mac != default)
            {
                stack.Autoconfiguration.Enable(link);
            }
        }

        return true;
    }

    private bool TryAddVlan(string name, string place)
    {
        int dot = place.LastIndexOf('.');
        NetworkInterface? below = dot < 0 ? null : stack.Interfaces.Find(link => link.Name == place[..dot]);
        if (below is null || name.Length > LinkName.LengthMax || !int.TryParse(place[(dot + 1)..], out int identifier)
            || stack.AddVlan(below, name, identifier, out VlanInterface? vlan) != SocketError.None)
        {
            return false;
        }

        vlan!.IsTakenUp = true;
        return true;
    }

    private bool TryAddAddress(string name, string text)
    {
        if (!TryParseNetwork(text, out IpAddress address, out int bits))
        {
            return false;
        }

        foreach (NetworkInterface link in stack.Interfaces)
        {
            if (link.Name == name)
            {
                return stack.TryAddAddress(link, address, bits, isTentative: false);
            }
        }

        return false;
    }

    private bool TryAddRoute(string networkText, string gatewayText)
    {
        int bits = 0;
        bool isRead = IpAddress.TryParse(gatewayText, out IpAddress gateway);
        IpAddress network = gateway.IsV4 ? IpAddress.AnyV4 : IpAddress.AnyV6;
        return isRead && (networkText == "default" || TryParseNetwork(networkText, out network, out bits))
            && stack.Routes.TryFind(gateway, out Ip.Route way) && way.Gateway.IsUnspecified && network.IsV4 == gateway.IsV4
            && stack.Routes.TryAdd(new Ip.Route
            {
                Network = network,
                PrefixBits = bits,
                Gateway = gateway,
                InterfaceIndex = way.InterfaceIndex,
            });
    }

    private static bool TryParseNetwork(string text, out IpAddress address, out int bits)
    {
        bits = 0;
        address = default;
        return TrySplit(text, '/', out string left, out string right) && IpAddress.TryParse(left, out address)
            && int.TryParse(right, out bits) && bits >= 0 && bits <= (address.IsV4 ? 32 : 128);
    }

    private static bool TrySplit(string word, char separator, out string left, out string right)
    {
        int index = word.IndexOf(separator);
        (left, right) = index < 0 ? (word, string.Empty) : (word[..index], word[(index + 1)..]);
        return index > 0 && right.Length > 0;
    }

    private bool Refuse(string setting, string word, string expected)
    {
        services.Report(Severity.Error, $"the setting '{setting}' has '{word}'; expected {expected}");
        return false;
    }
}
