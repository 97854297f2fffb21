using RedLeafSharp.Contracts;
using Spec = RedLeafSharp.Posix.Programs.Network.Dhcp.DhcpSpec;

namespace RedLeafSharp.Posix.Programs.Network.Dhcp;

/// <summary>What a lease makes of a link: its address, its MTU, the way out, and the file of name servers.</summary>
internal sealed class DhcpLink(LinkInfo link)
{
    private const int AddressesMax = 256;
    private const string NameServerFile = "/etc/resolv.conf";
    private const uint FileMode = 0x1A4;
    private const uint DirectoryMode = 0x1ED;

    private AddressInfo? address;
    private IpAddress router = IpAddress.AnyV4;

    public MacAddress Mac => link.Mac;

    public int Index => link.Index;

    /// <summary>The state of the address: tentative until the stack has found no other host with it, gone when it has.</summary>
    public LeasedAddress GetState(Libc libc)
    {
        var all = new AddressInfo[AddressesMax];
        int count = libc.System.ListAddresses(libc.Context, 0, all).Value;
        foreach (AddressInfo one in all.AsSpan(0, count))
        {
            if (one.LinkIndex == link.Index && one.Address == address?.Address)
            {
                return one.IsTentative ? LeasedAddress.Tentative : LeasedAddress.Usable;
            }
        }

        return LeasedAddress.Gone;
    }

    /// <summary>Gives the link the lease's address, unless it has it.</summary>
    public Errno SetAddress(Libc libc, DhcpLease lease)
    {
        if (address?.Address == lease.Address && address?.PrefixBits == lease.PrefixBits)
        {
            return Errno.None;
        }

        Drop(libc);
        var added = new AddressInfo { LinkIndex = link.Index, Address = lease.Address, PrefixBits = lease.PrefixBits };
        Errno error = Errors.Of(libc.System.ChangeAddress(libc.Context, in added, isDeleted: false));
        error = error == Errno.Exists ? Errno.None : error;
        address = error == Errno.None ? added : null;
        return error;
    }

    /// <summary>The address may be used: what else the lease says.</summary>
    public void Apply(Libc libc, DhcpLease lease)
    {
        if (lease.MtuBytes >= Spec.MtuBytesMin && lease.MtuBytes != link.MtuBytes)
        {
            // A link that cannot carry as much stays as it is.
            var changed = new LinkInfo { Index = link.Index, MtuBytes = lease.MtuBytes };
            _ = libc.System.ChangeLink(libc.Context, in changed, LinkChanges.Mtu);
        }

        if (lease.Router != router)
        {
            DropRoute(libc);
            Errno error = lease.Router.IsUnspecified ? Errno.None : ChangeRoute(libc, lease.Router, isDeleted: false);
            router = lease.Router;
            if (error is not (Errno.None or Errno.Exists))
            {
                libc.Complain(lease.Router.ToString(), error);
            }
        }

        WriteNameServers(libc, lease);
    }

    /// <summary>Takes back what has been set.</summary>
    public void Drop(Libc libc)
    {
        DropRoute(libc);
        if (address is { } set)
        {
            _ = libc.System.ChangeAddress(libc.Context, in set, isDeleted: true);
            address = null;
        }
    }

    /// <summary>Takes back what another process has set: the address, with the routes over the link.</summary>
    public void DropSetByOther(Libc libc, IpAddress leased)
    {
        var routes = new RouteInfo[AddressesMax];
        int count = libc.System.ListRoutes(libc.Context, 0, routes).Value;
        foreach (RouteInfo route in routes.AsSpan(0, count))
        {
            if (route.LinkIndex == link.Index && route.PrefixBits == 0)
            {
                _ = libc.System.ChangeRoute(libc.Context, in route, isDeleted: true);
            }
        }

        address = new AddressInfo { LinkIndex = link.Index, Address = leased };
        Drop(libc);
    }

    private void DropRoute(Libc libc)
    {
        if (!router.IsUnspecified)
        {
            _ = ChangeRoute(libc, router, isDeleted: true);
            router = IpAddress.AnyV4;
        }
    }

    private Errno ChangeRoute(Libc libc, IpAddress gateway, bool isDeleted)
    {
        var route = new RouteInfo
        {
            Destination = IpAddress.AnyV4,
            Gateway = gateway,
            LinkIndex = link.Index,
            Source = IpAddress.AnyV4,
        };
        return Errors.Of(libc.System.ChangeRoute(libc.Context, in route, isDeleted));
    }

    private static void WriteNameServers(Libc libc, DhcpLease lease)
    {
        if (lease.NameServers.Count == 0)
        {
            return;
        }

        string text = lease.Domain.Length > 0 ? $"search {lease.Domain}\n" : "";
        foreach (IpAddress server in lease.NameServers)
        {
            text += $"nameserver {server}\n";
        }

        Errno error = WriteFile(libc, NameServerFile, text);
        if (error != Errno.None)
        {
            libc.Complain(NameServerFile, error);
        }
    }

    /// <summary>Writes a file anew; its directory is made if it is not there.</summary>
    public static Errno WriteFile(Libc libc, string path, string text)
    {
        _ = libc.System.MakeDirectory(libc.Context, ByteText.ToBytes(path.AsSpan()[..path.LastIndexOf('/')]), DirectoryMode);
        Errno error = libc.Open(path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate, FileMode, out int file);
        if (error == Errno.None)
        {
            error = libc.WriteAll(file, ByteText.ToBytes(text));
            libc.Close(file);
        }

        return error;
    }
}

/// <summary>How far a leased address is.</summary>
internal enum LeasedAddress
{
    /// <summary>The link does not have it: another host does.</summary>
    Gone,

    Tentative,

    Usable,
}
