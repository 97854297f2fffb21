using RedLeafSharp.Domains.TcpStack.Packets;

namespace RedLeafSharp.Domains.TcpStack.Ip;

/// <summary>
/// Puts fragments of both versions of IP together (RFC 791 section 3.2, RFC 1122 section 3.3.2, RFC 8200 section 4.5). Nothing is
/// copied: a datagram is a chain of the buffers that its fragments came in.
/// </summary>
/// <remarks>
/// Fragments that overlap end the datagram, as RFC 5722 asks of IPv6: which of the two is right cannot be known, and filters
/// have been passed by that. Of IPv6 those that are still to come are dropped, too; of IPv4, whose identification has 16 bits only,
/// they may be another datagram's. A fragment that comes twice is dropped.
/// </remarks>
internal sealed class Reassembly(NetworkStack stack)
{
    private readonly Datagram[] datagrams = new Datagram[StackLimits.ReassembliesMax];
    private readonly int[] offsets = new int[stack.Pool.Capacity];

    internal long DeadlineMicros { get; private set; } = long.MaxValue;

    /// <summary>Takes a fragment; returns the datagram when it is whole, else no packet.</summary>
    internal int Add(in Fragment fragment, ref PacketOrigin origin, int packet)
    {
        if (!fragment.IsSound)
        {
            stack.Pool.Release(packet);
            return PacketPool.None;
        }

        ref Datagram datagram = ref FindOrAdd(in fragment, in origin);
        if (datagram.IsRefused)
        {
            stack.Pool.Release(packet);
            return PacketPool.None;
        }

        offsets[packet] = fragment.OffsetBytes;
        if (!TryInsert(ref datagram, in fragment, packet))
        {
            return PacketPool.None;
        }

        // A mark on any fragment is one on the datagram (RFC 3168 section 5.3).
        bool isMarked = (origin.TypeOfService & IpSpec.EcnMask) == IpSpec.EcnMask;
        datagram.Origin.TypeOfService |= isMarked ? IpSpec.EcnMask : (byte)0;
        if (fragment.OffsetBytes == 0)
        {
            // What stands before the first fragment counts for the datagram (RFC 8200 section 4.5).
            datagram.Origin.HeaderBytes = origin.HeaderBytes;
            datagram.Origin.Protocol = origin.Protocol;
        }

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
                if (datagram.First != PacketPool.None && offsets[datagram.First] == 0)
                {
                    stack.Delivery.ReportFailure(context, in datagram.Origin, datagram.First, DeliveryFailure.ReassemblyTimeout);
                }

                Discard(ref datagram);
            }
            else if (datagram.IsUsed)
            {
                DeadlineMicros = Math.Min(DeadlineMicros, datagram.DeadlineMicros);
            }
        }
    }

    private bool TryInsert(ref Datagram datagram, in Fragment fragment, int packet)
    {
        int start = fragment.OffsetBytes;
        int end = start + fragment.LengthBytes;
        (int previous, int next) = (PacketPool.None, datagram.First);
        while (next != PacketPool.None && offsets[next] < start)
        {
            (previous, next) = (next, stack.Pool[next].Next);
        }

        if (next != PacketPool.None && offsets[next] == start && stack.Pool[next].LengthBytes == fragment.LengthBytes)
        {
            stack.Pool.Release(packet);
            return false;
        }

        bool isOverlapping = (previous != PacketPool.None && offsets[previous] + stack.Pool[previous].LengthBytes > start)
            || (next != PacketPool.None && offsets[next] < end)
            || (datagram.TotalBytes >= 0 && (end > datagram.TotalBytes || !fragment.MoreFragments))
            || (!fragment.MoreFragments && datagram.EndMax > end);
        if (isOverlapping || ++datagram.Count > StackLimits.FragmentsPerDatagramMax)
        {
            stack.Pool.Release(packet);
            Refuse(ref datagram);
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

        datagram.HeldBytes += fragment.LengthBytes;
        datagram.EndMax = Math.Max(datagram.EndMax, end);
        datagram.TotalBytes = fragment.MoreFragments ? datagram.TotalBytes : end;
        return true;
    }

    private ref Datagram FindOrAdd(in Fragment fragment, in PacketOrigin origin)
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
            else if (one.Identification == fragment.Identification && one.Origin.Source == origin.Source
                && one.Origin.Destination == origin.Destination && (!origin.IsV4 || one.Origin.Protocol == origin.Protocol))
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
            Identification = fragment.Identification,
            First = PacketPool.None,
            TotalBytes = -1,
            DeadlineMicros = stack.NowMicros + (origin.IsV4 ? IpSpec.ReassemblyMicros : IpSpec.ReassemblyMicrosV6),
        };
        DeadlineMicros = Math.Min(DeadlineMicros, datagrams[free].DeadlineMicros);
        return ref datagrams[free];
    }

    private void Refuse(ref Datagram datagram)
    {
        if (datagram.Origin.IsV4)
        {
            Discard(ref datagram);
            return;
        }

        stack.Pool.ReleaseChain(datagram.First);
        (datagram.First, datagram.IsRefused) = (PacketPool.None, true);
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
        internal uint Identification;

        /// <summary>Whether its fragments contradict each other: all that come are dropped.</summary>
        internal bool IsRefused;

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

/// <summary>A fragment, in the words of neither version.</summary>
internal struct Fragment
{
    internal uint Identification;
    internal int OffsetBytes;
    internal int LengthBytes;
    internal bool MoreFragments;

    /// <summary>Longest that the datagram may become: what its length field can tell, less headers that each fragment has.</summary>
    internal int DatagramBytesMax;

    /// <summary>Whether it has data, ends where fragments may end, and within the longest datagram.</summary>
    internal readonly bool IsSound =>
        LengthBytes > 0 && (!MoreFragments || LengthBytes % IpSpec.FragmentUnitBytes == 0) && OffsetBytes + LengthBytes <= DatagramBytesMax;
}
