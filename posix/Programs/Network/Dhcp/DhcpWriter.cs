using System.Buffers.Binary;
using RedLeafSharp.Contracts;
using Spec = RedLeafSharp.Posix.Programs.Network.Dhcp.DhcpSpec;

namespace RedLeafSharp.Posix.Programs.Network.Dhcp;

/// <summary>Writes a client's message: the fixed part (RFC 2131 table 5), then one option after the other.</summary>
internal ref struct DhcpWriter
{
    private readonly Span<byte> buffer;
    private int length;

    /// <param name="buffer">At least <see cref="Spec.MessageBytesMax"/> bytes.</param>
    /// <param name="type">What it says.</param>
    /// <param name="transaction">The same in question and answer.</param>
    /// <param name="station">The client's link.</param>
    /// <param name="client">The client's address, if it may use it already.</param>
    public DhcpWriter(Span<byte> buffer, DhcpType type, uint transaction, MacAddress station, IpAddress client)
    {
        this.buffer = buffer;
        buffer[..Spec.MessageBytesMax].Clear();
        buffer[0] = Spec.BootRequest;
        buffer[1] = Spec.Ethernet;
        buffer[2] = Spec.StationBytes;
        BinaryPrimitives.WriteUInt32BigEndian(buffer[Spec.TransactionOffset..], transaction);
        bool isDeaf = client.IsUnspecified && type is DhcpType.Discover or DhcpType.Request;
        BinaryPrimitives.WriteUInt16BigEndian(buffer[Spec.FlagsOffset..], isDeaf ? Spec.BroadcastFlag : (ushort)0);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[Spec.ClientAddressOffset..], client.V4);
        station.CopyTo(buffer[Spec.StationOffset..]);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[Spec.MagicOffset..], Spec.Magic);
        length = Spec.FixedBytes;
        Add(Spec.OptionType, [(byte)type]);

        // The station is the client's name (RFC 2132 section 9.14): a server that knows the one will find the other.
        Span<byte> name = new byte[1 + Spec.StationBytes];
        name[0] = Spec.Ethernet;
        station.CopyTo(name[1..]);
        Add(Spec.OptionClient, name);
    }

    public readonly void SetSeconds(long seconds) =>
        BinaryPrimitives.WriteUInt16BigEndian(buffer[Spec.SecondsOffset..], (ushort)Math.Clamp(seconds, 0, ushort.MaxValue));

    public void Add(byte option, IpAddress address)
    {
        Span<byte> value = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(value, address.V4);
        Add(option, value);
    }

    public void Add(byte option, scoped ReadOnlySpan<byte> value)
    {
        buffer[length] = option;
        buffer[length + 1] = (byte)value.Length;
        value.CopyTo(buffer[(length + 2)..]);
        length += 2 + value.Length;
    }

    /// <summary>What a client would like to be told, and how long the answer may be.</summary>
    public void AddWishes()
    {
        Span<byte> most = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(most, Spec.MessageBytesMax);
        Add(Spec.OptionMessageMax, most);
        Add(
            Spec.OptionParameters,
            [
                Spec.OptionMask, Spec.OptionRouter, Spec.OptionNameServer, Spec.OptionDomain, Spec.OptionMtu, Spec.OptionLease,
                Spec.OptionRenewal, Spec.OptionRebinding,
            ]);
    }

    /// <returns>The message's length; what BOOTP relays ask for at least.</returns>
    public int Finish()
    {
        buffer[length++] = Spec.OptionEnd;
        return Math.Max(length, Spec.MessageBytesMin);
    }
}
