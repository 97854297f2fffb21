using System.Buffers.Binary;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Ndp;

namespace RedLeafSharp.Domains.TcpStack.Wire;

/// <summary>The options of neighbour discovery (RFC 4861 section 4.6), but for prefixes, of which there may be several.</summary>
internal struct NdpOptions
{
    /// <summary>RFC 3971 section 5.3.2: at least 6 bytes.</summary>
    private const int NonceBytes = 6;

    internal bool HasSourceMac;
    internal MacAddress SourceMac;
    internal bool HasTargetMac;
    internal MacAddress TargetMac;

    /// <summary>0 for none.</summary>
    internal ulong Nonce;

    /// <summary>What the link carries; 0 for none.</summary>
    internal int MtuBytes;

    internal readonly int LengthBytes =>
        NdpSpec.OptionUnitBytes * ((HasSourceMac ? 1 : 0) + (HasTargetMac ? 1 : 0) + (Nonce != 0 ? 1 : 0) + (MtuBytes != 0 ? 1 : 0));

    /// <summary>Reads the options that are known; false when one has no length, or more than is there (section 6.1.1).</summary>
    internal static bool TryParse(ReadOnlySpan<byte> bytes, out NdpOptions options)
    {
        options = default;
        while (bytes.Length > 0)
        {
            if (bytes.Length < NdpSpec.OptionUnitBytes || bytes[1] == 0 || bytes[1] * NdpSpec.OptionUnitBytes > bytes.Length)
            {
                return false;
            }

            switch (bytes[0])
            {
                case NdpSpec.OptionSourceMac:
                    (options.HasSourceMac, options.SourceMac) = (true, MacAddress.From(bytes[2..]));
                    break;
                case NdpSpec.OptionTargetMac:
                    (options.HasTargetMac, options.TargetMac) = (true, MacAddress.From(bytes[2..]));
                    break;
                case NdpSpec.OptionNonce:
                    options.Nonce = MacAddress.From(bytes[2..]).Value;
                    break;
                case NdpSpec.OptionMtu:
                    options.MtuBytes = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]), int.MaxValue);
                    break;
            }

            bytes = bytes[(bytes[1] * NdpSpec.OptionUnitBytes)..];
        }

        return true;
    }

    /// <summary>Writes <see cref="LengthBytes"/> bytes, which have been cleared.</summary>
    internal readonly void Write(Span<byte> bytes)
    {
        if (HasSourceMac)
        {
            bytes = Write(bytes, NdpSpec.OptionSourceMac, SourceMac);
        }

        if (HasTargetMac)
        {
            bytes = Write(bytes, NdpSpec.OptionTargetMac, TargetMac);
        }

        if (Nonce != 0)
        {
            bytes = Write(bytes, NdpSpec.OptionNonce, new MacAddress(Nonce & ((1UL << (8 * NonceBytes)) - 1)));
        }

        if (MtuBytes != 0)
        {
            (bytes[0], bytes[1]) = (NdpSpec.OptionMtu, 1);
            BinaryPrimitives.WriteInt32BigEndian(bytes[4..], MtuBytes);
        }
    }

    private static Span<byte> Write(Span<byte> bytes, byte kind, MacAddress value)
    {
        (bytes[0], bytes[1]) = (kind, 1);
        value.CopyTo(bytes[2..]);
        return bytes[NdpSpec.OptionUnitBytes..];
    }
}
