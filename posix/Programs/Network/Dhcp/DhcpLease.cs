using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Network.Dhcp;

/// <summary>What a server gives, or offers.</summary>
internal sealed class DhcpLease
{
    public required IpAddress Address { get; init; }

    public required IpAddress Server { get; init; }

    public required int PrefixBits { get; init; }

    /// <summary>Unspecified when there is none.</summary>
    public IpAddress Router { get; init; } = IpAddress.AnyV4;

    public List<IpAddress> NameServers { get; init; } = [];

    /// <summary>Empty when the server names none.</summary>
    public string Domain { get; init; } = "";

    /// <summary>0 when the server says nothing of it.</summary>
    public int MtuBytes { get; init; }

    /// <summary>How long it lasts, and when to ask for more; <see cref="DhcpSpec.InfiniteSeconds"/> is for ever.</summary>
    public uint LeaseSeconds { get; init; }

    public uint RenewalSeconds { get; init; }

    public uint RebindingSeconds { get; init; }
}
