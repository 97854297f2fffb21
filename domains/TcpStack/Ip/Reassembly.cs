using RedLeafSharp.Domains.TcpStack.Packets;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Ip;

/// <summary>
/// Puts fragments together (RFC 791 section 3.2, RFC 1122 section 3.3.2). Nothing is copied: a datagram is a chain of the buffers
/// that its fragments came in.
/// </summary>
/// <remarks>
/// Fragments that overlap end the datagram, as RFC 5722 asks of IPv6: which of the two is right cannot be known, and filters
/// have been passed by that. A fragment that comes twice is dropped.
/// </remarks>
internal sealed class Reassembly(NetworkStack stack)
{
    private readonly Datagram[] datagrams = new Datagram[StackLimits.ReassembliesMax];
    private readonly int[] offsets = new int[stack.Pool.Capacity];

    internal long DeadlineMicros { get; private set; } = long.MaxValue;

    /// <summary>Takes a fragment; returns the datagram when it is whole, else no packet.</summary>
    internal int Add(in Ipv4Header header, ref PacketOrigin origin, int packet)
    {
        int lengthBytes = header.PayloadBytes;
        if (lengthBytes == 0 || (header.MoreFragments && lengthBytes % IpSpec.FragmentUnitBytes != 0)
            || header.FragmentOffsetBytes + lengthBytes + Ipv4Header.LengthBytes > Ipv4Header.PacketBytesMax)
        {
            stack.Pool.Release(packet);
            return PacketPool.None;
        }

        ref Datagram datagram = ref FindOrAdd(in header, in origin);
        offsets[packet] = header.FragmentOffsetBytes;
        if (!TryInsert(ref datagram, in header, packet))
        {
            return PacketPool.None;
        }

        datagram.Origin.HeaderBytes = header.FragmentOffsetBytes == 0 ? header.HeaderBytes : datagram.Origin.HeaderBytes;
        if (datagram.TotalBytes < 0 || datagram.HeldBytes != datagram.TotalBytes)
        {
            return PacketPool.None;
        }

        int first = datagram.First;
        origin = datagram.Origin;
        datagram = default;
        return first;
    }

    /// <summary>Gives up what has waited too long, and says so if its first fragment is there (RFC 1122 section 3.3.2).</summary>
    internal void Tick(CallContext context)
    {
        if (stack.NowMicros < DeadlineMicros)
        {
            return;
        }

        DeadlineMicros = long.MaxValue;
        foreach (ref Datagram datagram in datagrams.AsSpan())
        {
            if (datagram.IsUsed && datagram.DeadlineMicros <= stack.NowMicros)
            {
                if (offsets[datagram.First] == 0)
                {
                    stack.Icmp.SendError(
                        context, in datagram.Origin, datagram.First, IcmpSpec.TimeExceeded, IcmpSpec.CodeReassemblyTimeExceeded);
                }

                Discard(ref datagram);
            }
            else if (datagram.IsUsed)
            {
                DeadlineMicros = Math.Min(DeadlineMicros, datagram.DeadlineMicros);
            }
        }
    }

    private bool TryInsert(ref Datagram datagram, in Ipv4Header header, int packet)
    {
        int start = header.FragmentOffsetBytes;
        int end = start + header.PayloadBytes;
        (int previous, int next) = (PacketPool.None, datagram.First);
        while (next != PacketPool.None && offsets[next] < start)
        {
            (previous, next) = (next, stack.Pool[next].Next);
        }

        if (next != PacketPool.None && offsets[next] == start && stack.Pool[next].LengthBytes == header.PayloadBytes)
        {
            stack.Pool.Release(packet);
            return false;
        }

        bool isOverlapping = (previous != PacketPool.None && offsets[previous] + stack.Pool[previous].LengthBytes > start)
            || (next != PacketPool.None && offsets[next] < end)
            || (datagram.TotalBytes >= 0 && (end > datagram.TotalBytes || !header.MoreFragments))
            || (!header.MoreFragments && datagram.EndMax > end);
        if (isOverlapping || ++datagram.Count > StackLimits.FragmentsPerDatagramMax)
        {
            stack.Pool.Release(packet);
            Discard(ref datagram);
            return false;
        }

        stack.Pool[packet].Next = next;
        if (previous == PacketPool.None)
        {
            datagram.First = packet;
        }
        else
        {
            stack.Pool[previous].Next = packet;
        }

        datagram.HeldBytes += header.PayloadBytes;
        datagram.EndMax = Math.Max(datagram.EndMax, end);
        datagram.TotalBytes = header.MoreFragments ? datagram.TotalBytes : end;
        return true;
    }

    private ref Datagram FindOrAdd(in Ipv4Header header, in PacketOrigin origin)
    {
        int free = -1;
        int oldest = 0;
        for (int index = 0; index < datagrams.Length; index++)
        {
            ref Datagram one = ref datagrams[index];
            if (!one.IsUsed)
            {
                free = index;
            }
            else if (one.Identification == header.Identification && one.Origin.Source == header.Source
                && one.Origin.Destination == header.Destination && one.Origin.Protocol == header.Protocol)
            {
                return ref one;
            }
            else if (one.DeadlineMicros < datagrams[oldest].DeadlineMicros)
            {
                oldest = index;
            }
        }

        if (free < 0)
        {
            Discard(ref datagrams[oldest]);
            free = oldest;
        }

        datagrams[free] = new Datagram
        {
            IsUsed = true,
            Origin = origin,
            Identification = header.Identification,
            First = PacketPool.None,
            TotalBytes = -1,
            DeadlineMicros = stack.NowMicros + IpSpec.ReassemblyMicros,
        };
        DeadlineMicros = Math.Min(DeadlineMicros, datagrams[free].DeadlineMicros);
        return ref datagrams[free];
    }

    private void Discard(ref Datagram datagram)
    {
        stack.Pool.ReleaseChain(datagram.First);
        datagram = default;
    }

    private struct Datagram
    {
        internal bool IsUsed;
        internal PacketOrigin Origin;
        internal ushort Identification;
        internal int First;
        internal int Count;
        internal int HeldBytes;

        /// <summary>The furthest end seen.</summary>
        internal int EndMax;

        /// <summary>Known from the last fragment on; -1 before.</summary>
        internal int TotalBytes;

        internal long DeadlineMicros;
    }
}
