using System.Buffers.Binary;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Ndp;

namespace RedLeafSharp.Domains.TcpStack.Wire;

/// <summary>What a router tells of itself (RFC 4861 section 4.2).</summary>
internal struct RouterAdvertisement
{
    internal const int LengthBytes = 16;

    /// <summary>0 when the router does not say.</summary>
    internal byte HopLimit;

    /// <summary>How much it wants to be used: 1, 0 or -1 (RFC 4191 section 2.1).</summary>
    internal int Preference;

    /// <summary>How long it is a default router from now on; 0 when it is none.</summary>
    internal int LifetimeSeconds;

    /// <summary>0 when the router does not say.</summary>
    internal uint ReachableMillis;

    /// <inheritdoc cref="ReachableMillis"/>
    internal uint RetransmitMillis;

    internal NdpOptions Options;

    /// <summary>Reads a message whose checksum has been looked at; false when it or an option has a wrong length.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> bytes, out RouterAdvertisement message)
    {
        message = default;
        if (bytes.Length < LengthBytes || bytes[1] != 0 || !NdpOptions.TryParse(bytes[LengthBytes..], out message.Options))
        {
            return false;
        }

        message.HopLimit = bytes[4];
        message.Preference = ((bytes[5] >> 3) & 3) switch { 1 => 1, 3 => -1, _ => 0 };
        message.LifetimeSeconds = BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]);
        message.ReachableMillis = BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]);
        message.RetransmitMillis = BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]);
        return true;
    }

    /// <summary>Writes <see cref="LengthBytes"/> bytes, with a checksum of 0.</summary>
    internal readonly void Write(Span<byte> bytes)
    {
        bytes = bytes[..LengthBytes];
        bytes.Clear();
        bytes[0] = NdpSpec.RouterAdvertisement;
        bytes[4] = HopLimit;
        bytes[5] = (byte)((Preference & 3) << 3);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[6..], (ushort)LifetimeSeconds);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[8..], ReachableMillis);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[12..], RetransmitMillis);
    }

    public override readonly string ToString() => $"router for {LifetimeSeconds} s";
}

/// <summary>A prefix of a router advertisement (RFC 4861 section 4.6.2).</summary>
internal struct PrefixInformation
{
    internal const int LengthBytes = 32;

    internal int PrefixBits;

    /// <summary>L: hosts of the prefix are on the link.</summary>
    internal bool IsOnLink;

    /// <summary>A: hosts make themselves addresses of it.</summary>
    internal bool IsAutonomous;

    internal uint ValidSeconds;
    internal uint PreferredSeconds;
    internal IpAddress Prefix;

    /// <summary>Finds the next prefix among options whose lengths are right, and goes behind it.</summary>
    internal static bool TryTakeNext(ref ReadOnlySpan<byte> options, out PrefixInformation prefix)
    {
        prefix = default;
        while (options.Length > 0)
        {
            ReadOnlySpan<byte> option = options[..(options[1] * NdpSpec.OptionUnitBytes)];
            options = options[option.Length..];
            if (option[0] == NdpSpec.OptionPrefix && option.Length == LengthBytes)
            {
                prefix.PrefixBits = option[2];
                prefix.IsOnLink = (option[3] & 0x80) != 0;
                prefix.IsAutonomous = (option[3] & 0x40) != 0;
                prefix.ValidSeconds = BinaryPrimitives.ReadUInt32BigEndian(option[4..]);
                prefix.PreferredSeconds = BinaryPrimitives.ReadUInt32BigEndian(option[8..]);
                prefix.Prefix = IpAddress.From(option.Slice(16, 16));
                return true;
            }
        }

        return false;
    }

    /// <summary>Writes <see cref="LengthBytes"/> bytes.</summary>
    internal readonly void Write(Span<byte> bytes)
    {
        bytes = bytes[..LengthBytes];
        bytes.Clear();
        (bytes[0], bytes[1]) = (NdpSpec.OptionPrefix, LengthBytes / NdpSpec.OptionUnitBytes);
        bytes[2] = (byte)PrefixBits;
        bytes[3] = (byte)((IsOnLink ? 0x80 : 0) | (IsAutonomous ? 0x40 : 0));
        BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], ValidSeconds);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[8..], PreferredSeconds);
        Prefix.CopyTo(bytes[16..]);
    }

    public override readonly string ToString() => $"{Prefix}/{PrefixBits} for {ValidSeconds} s";
}
