using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Ip;

/// <summary>ICMP (RFC 792, RFC 1122 section 3.2.2): answers echoes, tells and hears of errors.</summary>
/// <remarks>
/// Redirects are not followed: whoever is on the link could take the traffic over. Timestamp and information requests are not
/// answered, which RFC 1122 section 3.2.2.8 leaves open.
/// </remarks>
internal sealed class Icmp(NetworkStack stack) : IcmpProtocol(stack, Ipv4Header.ProtocolIcmp)
{
    internal void Receive(CallContext context, in PacketOrigin origin, int packet)
    {
        ReadOnlySpan<byte> first = Stack.Pool.Data(context, packet);
        if (!IcmpHeader.TryParse(first, out IcmpHeader header) || !InternetChecksum.IsIntact(Stack.SumChain(context, packet)))
        {
            BadCount++;
        }
        else if (header.Type == IcmpSpec.Echo && origin.IsUnicast)
        {
            AnswerEcho(context, in origin, in header, packet, IcmpSpec.EchoReply);
        }
        else if (header.Type is IcmpSpec.DestinationUnreachable or IcmpSpec.TimeExceeded or IcmpSpec.ParameterProblem
            && QuotedPacket.TryParse(first[IcmpHeader.LengthBytes..], out QuotedPacket quoted) && quoted.Flow.Local.IsV4)
        {
            bool isTooLong = header.Type == IcmpSpec.DestinationUnreachable && header.Code == IcmpSpec.CodeFragmentationNeeded;
            SocketError error = isTooLong ? SocketError.MessageTooLong : ErrorOf(in header);
            Stack.Delivery.Notify(context, in quoted, error, isTooLong ? (int)(header.Rest & 0xFFFF) : 0);
        }

        Stack.Pool.ReleaseChain(packet);
    }

    /// <summary>
    /// Tells a sender that its packet could not be delivered, unless RFC 1122 section 3.2.2 forbids it: never about an error, a
    /// group's or broadcast packet, and not to an address that is no host's, such as one of class E.
    /// </summary>
    internal void ReportFailure(CallContext context, in PacketOrigin origin, int packet, DeliveryFailure failure)
    {
        if (!origin.IsUnicast || origin.Source.IsUnspecified || origin.Source.V4 >> 28 == 15 || IsError(context, in origin, packet))
        {
            return;
        }

        var header = new IcmpHeader
        {
            Type = failure == DeliveryFailure.ReassemblyTimeout ? IcmpSpec.TimeExceeded : IcmpSpec.DestinationUnreachable,
            Code = failure switch
            {
                DeliveryFailure.NoProtocol => IcmpSpec.CodeProtocolUnreachable,
                DeliveryFailure.NoPort => IcmpSpec.CodePortUnreachable,
                _ => IcmpSpec.CodeReassemblyTimeExceeded,
            },
        };
        SendQuote(context, in origin, packet, in header, IcmpSpec.QuotedPayloadBytes);
    }

    private static SocketError ErrorOf(in IcmpHeader header) => header.Type != IcmpSpec.DestinationUnreachable
        ? SocketError.HostUnreachable
        : header.Code switch
        {
            IcmpSpec.CodePortUnreachable or IcmpSpec.CodeProtocolUnreachable => SocketError.ConnectionRefused,
            0 => SocketError.NetworkUnreachable,
            _ => SocketError.HostUnreachable,
        };

    private bool IsError(CallContext context, in PacketOrigin origin, int packet) =>
        origin.Protocol == Ipv4Header.ProtocolIcmp
        && IcmpHeader.TryParse(Stack.Pool.Data(context, packet), out IcmpHeader header)
        && header.Type is not (IcmpSpec.Echo or IcmpSpec.EchoReply);
}
