using System.Buffers.Binary;
using Spec = RedLeafSharp.Machine.Links.User.UserSpec;

namespace RedLeafSharp.Machine.Links.User;

/// <summary>Gives the one system on the link its address (RFC 2131). Nothing is kept: it always is the same address.</summary>
internal sealed class DhcpServer(FrameComposer composer)
{
    private const int TransactionOffset = 4;
    private const int OfferedOffset = 16;
    private const int ServerOffset = 20;
    private const int StationOffset = 28;
    private const int MagicOffset = 236;

    /// <summary>Answers a client's message; what is none is ignored.</summary>
    internal void Receive(ReadOnlySpan<byte> message)
    {
        if (message.Length < Spec.DhcpFixedBytes || message[0] != 1
            || BinaryPrimitives.ReadUInt32BigEndian(message[MagicOffset..]) != Spec.DhcpMagic)
        {
            return;
        }

        byte type = 0;
        uint requested = BinaryPrimitives.ReadUInt32BigEndian(message[12..]); // ciaddr, of a client that renews
        uint server = UserNetwork.Gateway;
        ReadOnlySpan<byte> options = message[Spec.DhcpFixedBytes..];
        while (TryTakeOption(ref options, out byte code, out ReadOnlySpan<byte> value))
        {
            type = code == Spec.DhcpOptionType && value.Length == 1 ? value[0] : type;
            requested = code == Spec.DhcpOptionRequested && value.Length == 4 ? BinaryPrimitives.ReadUInt32BigEndian(value) : requested;
            server = code == Spec.DhcpOptionServer && value.Length == 4 ? BinaryPrimitives.ReadUInt32BigEndian(value) : server;
        }

        byte answer = type switch
        {
            Spec.DhcpDiscover => Spec.DhcpOffer,
            Spec.DhcpRequest when server != UserNetwork.Gateway => 0,
            Spec.DhcpRequest => requested == UserNetwork.Guest ? Spec.DhcpAcknowledge : Spec.DhcpRefuse,
            Spec.DhcpInform => Spec.DhcpAcknowledge,
            _ => 0,
        };
        if (answer != 0)
        {
            Answer(message, answer, hasLease: type != Spec.DhcpInform);
        }
    }

    /// <summary>The next option; false at the end, or where they stop making sense.</summary>
    private static bool TryTakeOption(ref ReadOnlySpan<byte> options, out byte code, out ReadOnlySpan<byte> value)
    {
        while (options.Length > 0 && options[0] == 0)
        {
            options = options[1..];
        }

        code = options.Length > 0 ? options[0] : Spec.DhcpOptionEnd;
        value = default;
        if (code == Spec.DhcpOptionEnd || options.Length < 2 || options.Length < 2 + options[1])
        {
            return false;
        }

        value = options.Slice(2, options[1]);
        options = options[(2 + options[1])..];
        return true;
    }

    private void Answer(ReadOnlySpan<byte> question, byte type, bool hasLease)
    {
        Span<byte> reply = composer.Payload[Spec.UdpHeaderBytes..];
        reply[..Spec.DhcpFixedBytes].Clear();
        reply[0] = 2; // BOOTREPLY
        question.Slice(1, 2).CopyTo(reply[1..]); // htype, hlen
        question.Slice(TransactionOffset, 4).CopyTo(reply[TransactionOffset..]);
        question.Slice(10, 2).CopyTo(reply[10..]); // flags
        question.Slice(StationOffset, 16).CopyTo(reply[StationOffset..]);
        BinaryPrimitives.WriteUInt32BigEndian(reply[MagicOffset..], Spec.DhcpMagic);
        int length = Spec.DhcpFixedBytes;
        reply[length] = Spec.DhcpOptionType;
        reply[length + 1] = 1;
        reply[length + 2] = type;
        length += 3;
        Add(reply, ref length, Spec.DhcpOptionServer, UserNetwork.Gateway);
        if (type != Spec.DhcpRefuse)
        {
            BinaryPrimitives.WriteUInt32BigEndian(reply[OfferedOffset..], hasLease ? UserNetwork.Guest : 0);
            BinaryPrimitives.WriteUInt32BigEndian(reply[ServerOffset..], UserNetwork.Gateway);
            if (hasLease)
            {
                Add(reply, ref length, Spec.DhcpOptionLease, Spec.DhcpLeaseSeconds);
            }

            Add(reply, ref length, Spec.DhcpOptionMask, uint.MaxValue << (32 - UserNetwork.PrefixBits));
            Add(reply, ref length, Spec.DhcpOptionRouter, UserNetwork.Gateway);
            Add(reply, ref length, Spec.DhcpOptionNameServer, UserNetwork.NameServer);
        }

        reply[length++] = Spec.DhcpOptionEnd;

        // To all: the client has no address yet under which IP would take it (RFC 2131 section 4.1).
        composer.SendUdp(UserNetwork.Gateway, Spec.DhcpServerPort, Spec.LimitedBroadcast, Spec.DhcpClientPort, length);
    }

    private static void Add(Span<byte> reply, ref int length, byte code, uint value)
    {
        reply[length] = code;
        reply[length + 1] = 4;
        BinaryPrimitives.WriteUInt32BigEndian(reply[(length + 2)..], value);
        length += 6;
    }
}
