using System.Buffers.Binary;

namespace RedLeafSharp.Contracts;

/// <summary>Names of sockets in bytes, as Linux on little-endian machines has them: struct sockaddr_in and sockaddr_un.</summary>
public static class SocketNames
{
    /// <summary>sizeof(struct sockaddr_in).</summary>
    public const int InternetBytes = 16;

    /// <summary>sizeof(struct sockaddr_in6).</summary>
    public const int InternetV6Bytes = 28;

    /// <summary>sizeof(struct sockaddr_un).</summary>
    public const int UnixBytesMax = 110;

    /// <summary>Bytes of the family, which all names begin with.</summary>
    public const int FamilyBytes = 2;

    /// <summary>The family of a name; unspecified of what is too short for one.</summary>
    public static AddressFamily FamilyOf(ReadOnlySpan<byte> name) =>
        name.Length < FamilyBytes ? AddressFamily.Unspecified : (AddressFamily)BinaryPrimitives.ReadUInt16LittleEndian(name);

    /// <summary>The family that a socket has to have to talk to an address.</summary>
    public static AddressFamily FamilyFor(IpAddress address) =>
        address.IsV4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;

    /// <summary>The name of an address and a port, in the address's own family.</summary>
    public static byte[] Of(SocketAddress address) => Of(address, FamilyFor(address.Address));

    /// <summary>The name of an address and a port; one of IPv4 may be given in IPv6's form (RFC 3493 section 3.7).</summary>
    public static byte[] Of(SocketAddress address, AddressFamily family)
    {
        bool isV4 = family == AddressFamily.InterNetwork;
        byte[] name = new byte[isV4 ? InternetBytes : InternetV6Bytes];
        BinaryPrimitives.WriteUInt16BigEndian(name.AsSpan(2), address.Port);
        if (isV4)
        {
            name[0] = (byte)AddressFamily.InterNetwork;
            BinaryPrimitives.WriteUInt32BigEndian(name.AsSpan(4), address.Address.V4);
        }
        else
        {
            name[0] = (byte)AddressFamily.InterNetworkV6;
            address.Address.CopyTo(name.AsSpan(8));
            BinaryPrimitives.WriteInt32LittleEndian(name.AsSpan(24), address.Scope);
        }

        return name;
    }

    /// <summary>sizeof(struct sockaddr_ll).</summary>
    public const int LinkBytes = 20;

    /// <summary>The name of a link, and of the way that a frame has gone there: struct sockaddr_ll.</summary>
    public static byte[] OfLink(int linkIndex, FrameDirection direction)
    {
        byte[] name = new byte[LinkBytes];
        name[0] = (byte)AddressFamily.Packet;
        BinaryPrimitives.WriteInt32LittleEndian(name.AsSpan(4), linkIndex);
        name[10] = (byte)direction;
        return name;
    }

    /// <summary>The name of a UNIX socket: a path, or behind a NUL any bytes (an abstract name of Linux).</summary>
    public static byte[] OfPath(ReadOnlySpan<byte> path)
    {
        byte[] name = new byte[FamilyBytes + path.Length];
        name[0] = (byte)AddressFamily.Unix;
        path.CopyTo(name.AsSpan(FamilyBytes));
        return name;
    }

    /// <summary>Reads a name of the internet families; false for others and for what is too short.</summary>
    public static bool TryRead(ReadOnlySpan<byte> name, out SocketAddress address)
    {
        address = default;
        switch (FamilyOf(name))
        {
            case AddressFamily.InterNetwork when name.Length >= InternetBytes:
                address = new(IpAddress.From(name.Slice(4, 4)), BinaryPrimitives.ReadUInt16BigEndian(name[2..]));
                return true;
            case AddressFamily.InterNetworkV6 when name.Length >= InternetV6Bytes:
                address = new(
                    IpAddress.From(name.Slice(8, 16)),
                    BinaryPrimitives.ReadUInt16BigEndian(name[2..]),
                    BinaryPrimitives.ReadInt32LittleEndian(name[24..]));
                return true;
            default:
                return false;
        }
    }
}
