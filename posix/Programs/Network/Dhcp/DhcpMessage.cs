using System.Buffers.Binary;
using RedLeafSharp.Contracts;
using Spec = RedLeafSharp.Posix.Programs.Network.Dhcp.DhcpSpec;

namespace RedLeafSharp.Posix.Programs.Network.Dhcp;

/// <summary>A server's message, as far as the client looks at it (RFC 2131 figure 1; options of RFC 2132).</summary>
internal sealed class DhcpMessage
{
    private readonly List<IpAddress> nameServers = [];
    private IpAddress mask = IpAddress.AnyV4;
    private IpAddress router = IpAddress.AnyV4;
    private uint leaseSeconds;
    private uint renewalSeconds;
    private uint rebindingSeconds;
    private int mtuBytes;
    private string domain = "";
    private byte overload;

    private DhcpMessage()
    {
    }

    public DhcpType Type { get; private set; }

    public uint Transaction { get; private init; }

    public MacAddress Station { get; private init; }

    public IpAddress Address { get; private init; }

    /// <summary>Unspecified when the server does not say who it is.</summary>
    public IpAddress Server { get; private set; } = IpAddress.AnyV4;

    /// <summary>Reads a server's message; false of what is none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out DhcpMessage message)
    {
        message = new DhcpMessage();
        if (bytes.Length < Spec.FixedBytes || bytes[0] != Spec.BootReply || bytes[1] != Spec.Ethernet || bytes[2] != Spec.StationBytes
            || BinaryPrimitives.ReadUInt32BigEndian(bytes[Spec.MagicOffset..]) != Spec.Magic)
        {
            return false;
        }

        message = new DhcpMessage
        {
            Transaction = BinaryPrimitives.ReadUInt32BigEndian(bytes[Spec.TransactionOffset..]),
            Station = MacAddress.From(bytes[Spec.StationOffset..]),
            Address = IpAddress.From(bytes.Slice(Spec.YourAddressOffset, 4)),
        };
        message.ReadOptions(bytes[Spec.FixedBytes..]);

        // RFC 2131 section 4.1: first the options, then the field 'file', then 'sname'.
        byte more = message.overload;
        if ((more & Spec.OverloadFile) != 0)
        {
            message.ReadOptions(bytes.Slice(Spec.FileOffset, Spec.FileBytes));
        }

        if ((more & Spec.OverloadServerName) != 0)
        {
            message.ReadOptions(bytes.Slice(Spec.ServerNameOffset, Spec.ServerNameBytes));
        }

        return message.Type != DhcpType.None;
    }

    /// <summary>The lease that the message offers or confirms; false when there is none that could be used.</summary>
    public bool TryGetLease(out DhcpLease lease)
    {
        // RFC 2131 section 4.4.5: half of the lease, and seven eighths, unless the server says otherwise.
        uint renewal = renewalSeconds > 0 && renewalSeconds < leaseSeconds ? renewalSeconds : leaseSeconds / 2;
        uint rebinding = (uint)(leaseSeconds * 7L / 8);
        lease = new DhcpLease
        {
            Address = Address,
            Server = Server,
            PrefixBits = PrefixBits(),
            Router = router,
            NameServers = nameServers,
            Domain = domain,
            MtuBytes = mtuBytes,
            LeaseSeconds = leaseSeconds,
            RenewalSeconds = renewal,
            RebindingSeconds = rebindingSeconds > renewal && rebindingSeconds < leaseSeconds
                ? rebindingSeconds
                : Math.Max(renewal, rebinding),
        };
        bool isHost = !Address.IsUnspecified && !Address.IsMulticast && !Address.IsLoopback && Address != IpAddress.BroadcastV4;
        return isHost && !Server.IsUnspecified && leaseSeconds > 0 && lease.PrefixBits > 0;
    }

    private void ReadOptions(ReadOnlySpan<byte> options)
    {
        while (options.Length > 0 && options[0] != Spec.OptionEnd)
        {
            if (options[0] == Spec.OptionPad)
            {
                options = options[1..];
                continue;
            }

            if (options.Length < 2 || options.Length < 2 + options[1])
            {
                return;
            }

            Read(options[0], options.Slice(2, options[1]));
            options = options[(2 + options[1])..];
        }
    }

    private void Read(byte code, ReadOnlySpan<byte> value)
    {
        switch (code)
        {
            case Spec.OptionType when value.Length == 1:
                Type = (DhcpType)value[0];
                break;
            case Spec.OptionOverload when value.Length == 1:
                overload = value[0];
                break;
            case Spec.OptionServer when value.Length == 4:
                Server = IpAddress.From(value);
                break;
            case Spec.OptionMask when value.Length == 4:
                mask = IpAddress.From(value);
                break;
            case Spec.OptionRouter when value.Length >= 4:
                router = IpAddress.From(value[..4]);
                break;
            case Spec.OptionNameServer:
                for (; value.Length >= 4 && nameServers.Count < Spec.NameServersMax; value = value[4..])
                {
                    nameServers.Add(IpAddress.From(value[..4]));
                }

                break;
            case Spec.OptionMtu when value.Length == 2:
                mtuBytes = BinaryPrimitives.ReadUInt16BigEndian(value);
                break;
            case Spec.OptionDomain when IsDomain(value):
                domain = ByteText.ToText(value.TrimEnd((byte)0));
                break;
            default:
                ReadTime(code, value);
                break;
        }
    }

    private void ReadTime(byte code, ReadOnlySpan<byte> value)
    {
        if (value.Length != 4)
        {
            return;
        }

        uint seconds = BinaryPrimitives.ReadUInt32BigEndian(value);
        leaseSeconds = code == Spec.OptionLease ? seconds : leaseSeconds;
        renewalSeconds = code == Spec.OptionRenewal ? seconds : renewalSeconds;
        rebindingSeconds = code == Spec.OptionRebinding ? seconds : rebindingSeconds;
    }

    /// <summary>It goes into a file that others read: nothing but what a name may have.</summary>
    private static bool IsDomain(ReadOnlySpan<byte> value)
    {
        value = value.TrimEnd((byte)0);
        foreach (byte letter in value)
        {
            if (!char.IsAsciiLetterOrDigit((char)letter) && letter is not ((byte)'-' or (byte)'.' or (byte)'_'))
            {
                return false;
            }
        }

        return value.Length is > 0 and <= Spec.DomainBytesMax;
    }

    /// <summary>The bits of the mask; those of the address's class without one (RFC 950 section 2.2), 0 of one with holes.</summary>
    private int PrefixBits()
    {
        if (mask.IsUnspecified)
        {
            return Address.V4 >> 31 == 0 ? 8 : Address.V4 >> 30 == 2 ? 16 : 24;
        }

        int bits = 0;
        while (bits < 32 && (mask.V4 << bits) >> 31 != 0)
        {
            bits++;
        }

        return bits < 32 && mask.V4 << bits != 0 ? 0 : bits;
    }
}
