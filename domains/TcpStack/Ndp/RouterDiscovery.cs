using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Ip;
using RedLeafSharp.Domains.TcpStack.Links;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Ndp;

/// <summary>
/// Looks for routers, and does what they say (RFC 4861 sections 6.3 and 8): default routes, prefixes, the link's parameters, and better
/// first hops. Lifetimes end here.
/// </summary>
internal sealed class RouterDiscovery(NetworkStack stack)
{
    /// <summary>The next solicitation, or end of a lifetime.</summary>
    internal long DeadlineMicros { get; private set; } = long.MaxValue;

    /// <summary>An address may be used now: with a link-local one a link can ask for routers.</summary>
    internal void NoteUsable(NetworkInterface link, IpAddress address)
    {
        if (link.V6.IsAutomatic && address.IsLinkLocal)
        {
            Solicit(link);
        }
    }

    internal void NoteLifetime(long untilMicros)
    {
        if (untilMicros != 0)
        {
            DeadlineMicros = Math.Min(DeadlineMicros, untilMicros);
        }
    }

    /// <summary>What a router tells (section 6.3.4).</summary>
    internal void Receive(CallContext context, in PacketOrigin origin, ReadOnlySpan<byte> bytes)
    {
        NetworkInterface link = origin.Interface;
        if (!link.V6.IsAutomatic || !origin.Source.IsLinkLocal || !RouterAdvertisement.TryParse(bytes, out RouterAdvertisement message))
        {
            return;
        }

        // One that is no default router does not end the search for one (section 6.3.7).
        bool isDefault = message.LifetimeSeconds > 0;
        link.V6.NextSolicitationMicros = isDefault ? long.MaxValue : link.V6.NextSolicitationMicros;
        SetParameters(link, in message);
        if (message.Options.HasSourceMac && !message.Options.SourceMac.IsMulticast)
        {
            stack.Neighbors.Hear(context, link, origin.Source, message.Options.SourceMac, mayAdd: true);
        }

        stack.Neighbors.SetRouter(link.Index, origin.Source, isRouter: true);
        if (!isDefault && stack.Routes.RemoveAdvertised(link.Index, origin.Source))
        {
            stack.Destinations.ForgetNextHop(link.Index, origin.Source);
        }

        SetRoute(
            link, IpAddress.AnyV6, 0, origin.Source, (uint)(NdpSpec.RouteMetric - message.Preference), (uint)message.LifetimeSeconds);
        ReadOnlySpan<byte> options = bytes[RouterAdvertisement.LengthBytes..];
        while (PrefixInformation.TryTakeNext(ref options, out PrefixInformation prefix))
        {
            Hear(link, in prefix);
        }
    }

    /// <summary>There is a better first hop (section 8.1): only the present one may say so.</summary>
    internal void HearRedirect(CallContext context, in PacketOrigin origin, in NdpMessage message)
    {
        NetworkInterface link = origin.Interface;
        bool isOnLink = message.Target == message.Destination;
        if (!origin.Source.IsLinkLocal || message.Destination.IsMulticast || message.Destination.IsUnspecified
            || !(message.Target.IsLinkLocal || isOnLink) || stack.IsOwn(message.Target)
            || stack.Output.FindPath(message.Destination, IpAddress.AnyV6, out PacketPath path) != SocketError.None
            || path.Interface != link || path.NextHop != origin.Source)
        {
            return;
        }

        stack.Destinations.Redirect(message.Destination, link.Index, message.Target);
        if (message.Options.HasTargetMac && !message.Options.TargetMac.IsMulticast)
        {
            stack.Neighbors.Hear(context, link, message.Target, message.Options.TargetMac, mayAdd: true);
        }

        if (!isOnLink)
        {
            // Only a router can be a better first hop (section 8.3).
            stack.Neighbors.SetRouter(link.Index, message.Target, isRouter: true);
        }
    }

    /// <summary>A router does not answer, or is none any more: default routes by it are the last to be taken, or go.</summary>
    internal void Drop(int interfaceIndex, IpAddress router)
    {
        _ = stack.Routes.RemoveAdvertised(interfaceIndex, router);
        stack.Destinations.ForgetNextHop(interfaceIndex, router);
    }

    internal void Tick(CallContext context)
    {
        foreach (NetworkInterface link in stack.Interfaces)
        {
            if (link.V6.IsAutomatic && link.IsUp != link.V6.WasUp)
            {
                // Behind a new cable there may be another network.
                link.V6.WasUp = link.IsUp;
                Solicit(link);
            }
        }

        if (stack.NowMicros < DeadlineMicros)
        {
            return;
        }

        DeadlineMicros = stack.Routes.Expire(stack.NowMicros);
        foreach (NetworkInterface link in stack.Interfaces)
        {
            ExpireAddresses(link);
            if (link.V6.NextSolicitationMicros <= stack.NowMicros)
            {
                SendSolicitation(context, link);
            }

            DeadlineMicros = Math.Min(DeadlineMicros, link.V6.NextSolicitationMicros);
        }
    }

    /// <summary>Starts to ask, after a while that is different for each host (section 6.3.7).</summary>
    private void Solicit(NetworkInterface link)
    {
        link.V6.SolicitationIntervalMicros = NdpSpec.SolicitationIntervalMicros;
        link.V6.NextSolicitationMicros = stack.NowMicros + (long)(stack.NextRandom() % (ulong)NdpSpec.SolicitationDelayMicros);
        DeadlineMicros = Math.Min(DeadlineMicros, link.V6.NextSolicitationMicros);
    }

    /// <summary>Asks, ever more rarely, until a router has answered (RFC 7559 section 2).</summary>
    private void SendSolicitation(CallContext context, NetworkInterface link)
    {
        long interval = link.V6.SolicitationIntervalMicros;
        link.V6.NextSolicitationMicros = link.IsUp ? stack.NowMicros + interval : long.MaxValue;
        link.V6.SolicitationIntervalMicros = Math.Min(2 * interval, NdpSpec.SolicitationIntervalMicrosMax);
        if (link.IsUp && SourceSelection.TryChoose(stack, link, NdpSpec.AllRouters, out IpAddress source))
        {
            var message = new NdpMessage { Type = NdpSpec.RouterSolicitation };
            (message.Options.HasSourceMac, message.Options.SourceMac) = (true, link.Mac);
            stack.Discovery.Send(context, link, source, NdpSpec.AllRouters, in message);
        }
    }

    private void SetParameters(NetworkInterface link, in RouterAdvertisement message)
    {
        Ipv6Link parameters = link.V6;
        parameters.HopLimit = message.HopLimit == 0 ? parameters.HopLimit : message.HopLimit;
        parameters.RetransmitMicros = message.RetransmitMillis == 0
            ? parameters.RetransmitMicros
            : Math.Clamp(message.RetransmitMillis * 1_000L, NdpSpec.RetransmitMicrosMin, NdpSpec.RetransmitMicrosMax);
        long reachable = message.ReachableMillis * 1_000L;
        if (reachable is > 0 and <= NdpSpec.ReachableMicrosMax && reachable != parameters.BaseReachableMicros)
        {
            // Between half of it and one and a half (section 6.3.2), so that hosts do not ask together.
            parameters.BaseReachableMicros = reachable;
            parameters.ReachableMicros = (reachable / 2) + (long)(stack.NextRandom() % (ulong)reachable);
        }

        int mtu = message.Options.MtuBytes;
        parameters.MtuBytes = mtu >= IpSpec.MtuBytesMinV6 && mtu <= link.MtuBytesMax ? mtu : parameters.MtuBytes;
    }

    private void Hear(NetworkInterface link, in PrefixInformation prefix)
    {
        if (prefix.Prefix.IsLinkLocal || prefix.Prefix.IsMulticast || prefix.Prefix.IsV4 || prefix.PrefixBits > 128)
        {
            return;
        }

        if (prefix.IsOnLink)
        {
            SetRoute(link, prefix.Prefix, prefix.PrefixBits, IpAddress.AnyV6, NdpSpec.PrefixMetric, prefix.ValidSeconds);
        }

        if (prefix.IsAutonomous)
        {
            stack.Autoconfiguration.Hear(link, in prefix);
        }
    }

    /// <summary>Adds a route, gives it a new lifetime, or takes it away when that is 0.</summary>
    private void SetRoute(NetworkInterface link, IpAddress network, int prefixBits, IpAddress gateway, uint metric, uint seconds)
    {
        var route = new Route
        {
            Network = network.Network(prefixBits),
            PrefixBits = prefixBits,
            Gateway = gateway,
            InterfaceIndex = link.Index,
            Metric = metric,
            IsAdvertised = true,
            ExpiresMicros = stack.Autoconfiguration.Until(seconds),
        };
        stack.Routes.SetAdvertised(in route, isRemoved: seconds == 0);
        NoteLifetime(route.ExpiresMicros);
    }

    private void ExpireAddresses(NetworkInterface link)
    {
        for (int index = link.AddressCount - 1; index >= 0; index--)
        {
            long until = link.Addresses[index].ValidUntilMicros;
            if (until != 0 && until <= stack.NowMicros)
            {
                stack.RemoveAddress(link, link.Addresses[index].Address);
            }
            else
            {
                NoteLifetime(until);
            }
        }
    }
}
