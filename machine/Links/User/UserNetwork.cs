using System.Net;

namespace RedLeafSharp.Machine.Links.User;

/// <summary>
/// The small network behind a user link, as QEMU's user network numbers it: 10.0.2.0/24 with the gateway at .2, the name server at .3
/// and the system at .15.
/// </summary>
internal sealed record UserNetwork
{
    internal const int PrefixBits = 24;
    internal const uint Gateway = 0x0A000202;
    internal const uint NameServer = 0x0A000203;
    internal const uint Guest = 0x0A00020F;

    /// <summary>The gateway's station address, locally administered.</summary>
    internal const ulong Station = 0x02_52_4C_00_00_FE;

    /// <summary>Ports of the host that lead into the system.</summary>
    internal IReadOnlyList<PublishedPort> Published { get; init; } = [];

    /// <summary>Ports of the host's own loopback that programs reach at the gateway; null for all.</summary>
    internal IReadOnlySet<int>? Reachable { get; init; } = new HashSet<int>();

    /// <summary>Where questions to the name server go; null when the host names none.</summary>
    internal IPEndPoint? Resolver { get; init; } = ReadResolver("/etc/resolv.conf");

    internal bool CanReach(int port) => Reachable is null || Reachable.Contains(port);

    /// <summary>The first name server with an address of IPv4 (resolv.conf(5)).</summary>
    internal static IPEndPoint? ReadResolver(string file)
    {
        try
        {
            foreach (string line in File.ReadLines(file).Take(LinkLimits.ResolverLinesMax))
            {
                string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
                if (words is ["nameserver", string text, ..] && IPAddress.TryParse(text, out IPAddress? address)
                    && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork)
                {
                    return new IPEndPoint(address, UserSpec.DnsPort);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        return null;
    }
}

/// <summary>A port of the host that leads to one of the system.</summary>
/// <param name="HostAddress">Where the host listens.</param>
/// <param name="HostPort">The host's port; 0 has Linux choose one.</param>
/// <param name="GuestPort">The system's port.</param>
internal sealed record PublishedPort(IPAddress HostAddress, int HostPort, int GuestPort)
{
    /// <summary>Reads <c>[ADDRESS:]HOST:GUEST</c>; without an address only the host itself can connect.</summary>
    internal static bool TryParse(string text, out PublishedPort? port)
    {
        port = null;
        string[] parts = text.Split(':');
        IPAddress? address = IPAddress.Loopback;
        if (parts.Length is not (2 or 3) || (parts.Length == 3 && !IPAddress.TryParse(parts[0], out address))
            || !ushort.TryParse(parts[^2], out ushort host) || !ushort.TryParse(parts[^1], out ushort guest) || guest == 0)
        {
            return false;
        }

        port = new PublishedPort(address!, host, guest);
        return true;
    }
}
