using System.Buffers.Binary;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Ndp;

namespace RedLeafSharp.Domains.TcpStack.Wire;

/// <summary>
/// A solicitation or advertisement of a neighbour, or a redirect (RFC 4861 sections 4.3 to 4.5). A solicitation of a router (section
/// 4.1) is one without a target.
/// </summary>
internal struct NdpMessage
{
    internal const int RouterSolicitationBytes = 8;
    internal const int LengthBytes = 24;
    internal const int RedirectBytes = 40;

    internal byte Type;
    internal uint Flags;
    internal IpAddress Target;

    /// <summary>Of a redirect: which packets are meant.</summary>
    internal IpAddress Destination;

    internal NdpOptions Options;

    internal readonly int HeaderBytes => Type switch
    {
        NdpSpec.RouterSolicitation => RouterSolicitationBytes,
        NdpSpec.Redirect => RedirectBytes,
        _ => LengthBytes,
    };

    /// <summary>Reads a message whose checksum has been looked at; false when it or an option has a wrong length.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> bytes, out NdpMessage message)
    {
        message = default;
        message.Type = bytes[0];
        int headerBytes = message.HeaderBytes;
        if (bytes.Length < headerBytes || bytes[1] != 0 || !NdpOptions.TryParse(bytes[headerBytes..], out message.Options))
        {
            return false;
        }

        message.Flags = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
        message.Target = headerBytes >= LengthBytes ? IpAddress.From(bytes.Slice(8, 16)) : default;
        message.Destination = headerBytes >= RedirectBytes ? IpAddress.From(bytes.Slice(24, 16)) : default;
        return !message.Target.IsMulticast;
    }

    /// <summary>Bytes of the message with its options.</summary>
    internal readonly int TotalBytes => HeaderBytes + Options.LengthBytes;

    /// <summary>Writes <see cref="TotalBytes"/> bytes, with a checksum of 0.</summary>
    internal readonly void Write(Span<byte> bytes)
    {
        bytes.Clear();
        bytes[0] = Type;
        BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], Flags);
        int headerBytes = HeaderBytes;
        if (headerBytes >= LengthBytes)
        {
            Target.CopyTo(bytes[8..]);
        }

        if (headerBytes >= RedirectBytes)
        {
            Destination.CopyTo(bytes[24..]);
        }

        Options.Write(bytes[headerBytes..]);
    }

    public override readonly string ToString() => $"ndp {Type} {Target}";
}
