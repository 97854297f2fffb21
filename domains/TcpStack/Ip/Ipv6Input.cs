using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Links;
using RedLeafSharp.Domains.TcpStack.Packets;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Ip;

/// <summary>
/// Takes IPv6 packets in: checks them, does what extension headers ask for in the order in which they stand (RFC 8200 section 4.1),
/// and hands what is left to the transports.
/// </summary>
internal sealed class Ipv6Input(NetworkStack stack)
{
    /// <summary>Where an extension header stands: who named it, and as what.</summary>
    private struct Position
    {
        internal byte NextHeader;

        /// <summary>The field that has said so, from the fixed header on.</summary>
        internal int FieldOffset;

        internal bool HasFragment;
    }

    /// <summary>What became of a header.</summary>
    private enum Outcome
    {
        Passed,
        Consumed,
    }

    /// <summary>Takes a packet whose data starts with the IP header; the reference is this method's.</summary>
    internal void Receive(CallContext context, NetworkInterface link, int packet)
    {
        ref Packet info = ref stack.Pool[packet];
        if (!Ipv6Header.TryParse(stack.Pool.Data(context, packet), out Ipv6Header header) || !IsAcceptable(link, in header))
        {
            link.Counters.ReceivedDropped++;
            stack.Pool.Release(packet);
            return;
        }

        // What is behind the packet is padding of the link.
        info.LengthBytes = Ipv6Header.LengthBytes + header.PayloadBytes;
        info.Skip(Ipv6Header.LengthBytes);
        var origin = new PacketOrigin
        {
            Interface = link,
            Source = header.Source,
            Destination = header.Destination,
            HopLimit = header.HopLimit,
            TypeOfService = header.TrafficClass,
            HeaderBytes = Ipv6Header.LengthBytes,
            IsUnicast = !header.Destination.IsMulticast && !info.IsForLinkGroup,
        };
        Walk(context, ref origin, new Position { NextHeader = header.NextHeader, FieldOffset = Ipv6Header.NextHeaderOffset }, packet);
    }

    private void Walk(CallContext context, ref PacketOrigin origin, Position at, int packet)
    {
        for (int count = 0; count <= StackLimits.ExtensionHeadersMax; count++)
        {
            Outcome outcome;
            switch (at.NextHeader)
            {
                case Ipv6Header.NextHopByHop when origin.HeaderBytes == Ipv6Header.LengthBytes:
                case Ipv6Header.NextDestination:
                    outcome = TakeOptions(context, ref origin, ref at, packet);
                    break;
                case Ipv6Header.NextRouting:
                    outcome = TakeRouting(context, ref origin, ref at, packet);
                    break;
                case Ipv6Header.NextFragment when !at.HasFragment:
                    outcome = TakeFragment(context, ref origin, ref at, ref packet);
                    break;
                case Ipv6Header.NextNone:
                    Drop(in origin, packet);
                    return;
                default:
                    Deliver(context, ref origin, in at, packet);
                    return;
            }

            if (outcome == Outcome.Consumed)
            {
                return;
            }
        }

        Drop(in origin, packet);
    }

    private void Deliver(CallContext context, ref PacketOrigin origin, in Position at, int packet)
    {
        origin.Protocol = at.NextHeader;
        if (!stack.Delivery.TryDeliver(context, in origin, packet))
        {
            Refuse(context, in origin, packet, Icmpv6Spec.CodeNextHeader, at.FieldOffset);
        }
    }

    /// <summary>
    /// Hop-by-hop and destination options (RFC 8200 section 4.2): the upper bits of an option that is not known say what to do. None
    /// is known that asks anything of a host but to be skipped.
    /// </summary>
    private Outcome TakeOptions(CallContext context, ref PacketOrigin origin, ref Position at, int packet)
    {
        int start = origin.HeaderBytes;
        bool isForRouters = at.NextHeader == Ipv6Header.NextHopByHop;
        if (!TrySkipHeader(context, ref origin, ref at, packet, out ReadOnlySpan<byte> header))
        {
            return Outcome.Consumed;
        }

        int options = 0;
        for (int index = 2; index < header.Length; index += header[index] == Icmpv6Spec.OptionPad1 ? 1 : 2 + header[index + 1])
        {
            byte kind = header[index];
            if (kind == Icmpv6Spec.OptionPad1)
            {
                continue;
            }

            options += kind == Icmpv6Spec.OptionPadN ? 0 : 1;
            if (index + 1 >= header.Length || index + 2 + header[index + 1] > header.Length || options > StackLimits.HeaderOptionsMax)
            {
                Drop(in origin, packet);
                return Outcome.Consumed;
            }

            if (kind >> 6 == 0)
            {
                origin.HasRouterAlert |= isForRouters && header[index..].StartsWith(Icmpv6Spec.AlertOfMld);
                continue;
            }

            if (kind >> 6 == 1)
            {
                Drop(in origin, packet);
            }
            else
            {
                Refuse(context, in origin, packet, Icmpv6Spec.CodeOption, start + index, mayBeGroup: kind >> 6 == 2);
            }

            return Outcome.Consumed;
        }

        return Outcome.Passed;
    }

    /// <summary>No type of routing header is known; type 0 must not be (RFC 5095 section 3, RFC 8200 section 4.4).</summary>
    private Outcome TakeRouting(CallContext context, ref PacketOrigin origin, ref Position at, int packet)
    {
        int start = origin.HeaderBytes;
        if (!TrySkipHeader(context, ref origin, ref at, packet, out ReadOnlySpan<byte> header))
        {
            return Outcome.Consumed;
        }

        if (header[3] == 0)
        {
            return Outcome.Passed;
        }

        Refuse(context, in origin, packet, Icmpv6Spec.CodeField, start + 2);
        return Outcome.Consumed;
    }

    private Outcome TakeFragment(CallContext context, ref PacketOrigin origin, ref Position at, ref int packet)
    {
        int start = origin.HeaderBytes;
        if (!FragmentHeader.TryParse(stack.Pool.Data(context, packet), out FragmentHeader header))
        {
            Drop(in origin, packet);
            return Outcome.Consumed;
        }

        Skip(ref origin, packet, FragmentHeader.LengthBytes);
        origin.WasFragment = true;
        at = new Position { NextHeader = header.NextHeader, FieldOffset = start, HasFragment = true };
        if (header.IsAtomic)
        {
            return Outcome.Passed;
        }

        var fragment = new Fragment
        {
            Identification = header.Identification,
            OffsetBytes = header.OffsetBytes,
            LengthBytes = stack.Pool[packet].LengthBytes,
            MoreFragments = header.MoreFragments,
            DatagramBytesMax = Ipv6Header.PayloadBytesMax + Ipv6Header.LengthBytes - start,
        };
        if (IsRefused(context, in origin, in at, in fragment, start, packet))
        {
            return Outcome.Consumed;
        }

        origin.Protocol = header.NextHeader;
        packet = stack.Reassembly.Add(in fragment, ref origin, packet);
        at.NextHeader = origin.Protocol;
        at.FieldOffset = origin.HeaderBytes - FragmentHeader.LengthBytes;
        return packet == PacketPool.None ? Outcome.Consumed : Outcome.Passed;
    }

    /// <summary>What of fragments is complained of (RFC 8200 section 4.5, RFC 7112 section 5).</summary>
    private bool IsRefused(
        CallContext context, in PacketOrigin origin, in Position at, in Fragment fragment, int start, int packet)
    {
        if (fragment.MoreFragments && fragment.LengthBytes % IpSpec.FragmentUnitBytes != 0)
        {
            Refuse(context, in origin, packet, Icmpv6Spec.CodeField, Ipv6Header.PayloadOffset);
        }
        else if (fragment.OffsetBytes + fragment.LengthBytes > fragment.DatagramBytesMax)
        {
            Refuse(context, in origin, packet, Icmpv6Spec.CodeField, start + FragmentHeader.OffsetOffset);
        }
        else if (fragment.OffsetBytes == 0 && !ExtensionHeaders.IsWholeChain(at.NextHeader, stack.Pool.Data(context, packet)))
        {
            Refuse(context, in origin, packet, Icmpv6Spec.CodeChain, 0);
        }
        else
        {
            return false;
        }

        return true;
    }

    /// <summary>Goes behind a header that tells its length; drops the packet when it is not all there.</summary>
    private bool TrySkipHeader(
        CallContext context, ref PacketOrigin origin, ref Position at, int packet, out ReadOnlySpan<byte> header)
    {
        header = stack.Pool.Data(context, packet);
        int lengthBytes = header.Length < ExtensionHeaders.UnitBytes ? int.MaxValue : (header[1] + 1) * ExtensionHeaders.UnitBytes;
        if (lengthBytes > header.Length)
        {
            Drop(in origin, packet);
            return false;
        }

        header = header[..lengthBytes];
        (at.NextHeader, at.FieldOffset) = (header[0], origin.HeaderBytes);
        Skip(ref origin, packet, lengthBytes);
        return true;
    }

    private void Skip(ref PacketOrigin origin, int packet, int lengthBytes)
    {
        stack.Pool[packet].Skip(lengthBytes);
        origin.HeaderBytes += lengthBytes;
    }

    /// <summary>
    /// For this host, and from an address that may send (RFC 4291 section 2.5 and 2.7): loopback addresses stay on the loopback
    /// interface, link-local ones on their link. Groups have to be joined.
    /// </summary>
    private bool IsAcceptable(NetworkInterface link, in Ipv6Header header)
    {
        IpAddress destination = header.Destination;
        if (header.Source.IsMulticast)
        {
            return false;
        }

        if (link.IsLoopback)
        {
            return stack.IsOwn(destination) || destination.IsLoopback || link.Groups.Contains(destination);
        }

        if (header.Source.IsLoopback || destination.IsLoopback || stack.IsOwn(header.Source))
        {
            return false;
        }

        return destination.IsMulticast ? link.Groups.Contains(destination)
            : stack.IsOwn(destination) && (!destination.IsLinkLocal || link.FindAddress(destination) >= 0);
    }

    /// <summary>Drops a packet, and tells its sender what could not be understood (RFC 4443 section 3.4).</summary>
    private void Refuse(
        CallContext context, in PacketOrigin origin, int packet, byte code, int pointer, bool mayBeGroup = false)
    {
        stack.Icmpv6.SendParameterProblem(context, in origin, packet, code, pointer, mayBeGroup);
        Drop(in origin, packet);
    }

    private void Drop(in PacketOrigin origin, int packet)
    {
        origin.Interface.Counters.ReceivedDropped++;
        stack.Pool.ReleaseChain(packet);
    }
}
