using System.Runtime.CompilerServices;

namespace RedLeafSharp.Domains.TcpStack.Packets;

/// <summary>
/// The stack's packet buffers: all frames, received and to be sent, lie in them from the device's ring to the socket's queue.
/// A buffer is named by its index; what is known of it stands out of line, so that a look at it touches no packet's bytes.
/// </summary>
/// <remarks>
/// Buffers are cut out of runs of pages that are lent as long as the stack lives, so that a device can reach them. Their distance
/// is no multiple of 2,048 bytes: such strides put all first lines into two of the 64 sets of an L1 cache. Numbers behind those of the
/// buffers name ranges of pages that others have lent: they are counted alike, and sent alike, but only devices can read them.
/// </remarks>
internal sealed class PacketPool
{
    /// <summary>
    /// Bytes in a buffer: a frame of 1,518 bytes, headroom before it, and room for what a device writes behind it.
    /// </summary>
    internal const int BufferBytes = 2_176;

    /// <summary>No packet.</summary>
    internal const int None = -1;

    private const int PagesPerRun = 64;
    private const int BuffersPerRun = PagesPerRun * PageBuffer.PageBytes / BufferBytes;

    private readonly Cell<PageBuffer>[] runs;
    private readonly ulong[] busAddresses;
    private readonly Packet[] packets;
    private readonly int bufferCount;
    private readonly ulong[] lentAddresses = new ulong[StackLimits.LentRangesMax];
    private readonly int[] lentLengths = new int[StackLimits.LentRangesMax];
    private readonly int[] lentLinks = new int[StackLimits.LentRangesMax];
    private int firstFree = None;
    private int firstFreeLent = None;
    private int firstReturned = None;

    private PacketPool(int runCount)
    {
        runs = new Cell<PageBuffer>[runCount];
        busAddresses = new ulong[runCount];
        bufferCount = runCount * BuffersPerRun;
        packets = new Packet[bufferCount + StackLimits.LentRangesMax];
        for (int packet = packets.Length - 1; packet >= bufferCount; packet--)
        {
            FreeLent(packet);
        }
    }

    /// <summary>Buffers that are in nobody's hands.</summary>
    internal int FreeCount { get; private set; }

    internal int Capacity => bufferCount;

    /// <summary>How many more ranges of lent pages can be named.</summary>
    internal int FreeLentCount { get; private set; }

    /// <summary>Whether ranges are in nobody's hands any more: <see cref="TryTakeReturned"/>.</summary>
    internal bool HasReturned => firstReturned != None;

    /// <summary>Runs of pages, for those who register them with a device.</summary>
    internal int RunCount => runs.Length;

    internal static int PagesOfRun => PagesPerRun;

    internal ref Packet this[int packet] => ref packets[packet];

    /// <summary>Allocates the pages and lends them; false when the heap has not that many.</summary>
    /// <remarks>
    /// They are never taken out of their cells again: the kernel reclaims them with the domain. So no call can end a borrow of a
    /// packet's bytes, which the verifier relies on.
    /// </remarks>
    internal static bool TryCreate(CallContext context, int packetCount, out PacketPool pool)
    {
        pool = new PacketPool((packetCount + BuffersPerRun - 1) / BuffersPerRun);
        for (int run = 0; run < pool.runs.Length; run++)
        {
            if (!PageBuffer.TryAllocate(context, PagesPerRun, out PageBuffer pages))
            {
                return false;
            }

            pool.busAddresses[run] = pages.Lend(context, LoanAccess.DeviceReads | LoanAccess.DeviceWrites);
            pool.runs[run].Put(ref pages);
        }

        for (int packet = pool.bufferCount - 1; packet >= 0; packet--)
        {
            pool.Free(packet);
        }

        return true;
    }

    internal ulong RunAddress(int run) => busAddresses[run];

    /// <summary>Under which address a device knows a buffer, or a range of lent pages.</summary>
    internal ulong BusAddress(int packet) => IsLent(packet)
        ? lentAddresses[packet - bufferCount]
        : busAddresses[packet / BuffersPerRun] + (ulong)(packet % BuffersPerRun * BufferBytes);

    /// <summary>Whether a packet is a range of lent pages: it has no bytes here.</summary>
    internal bool IsLent(int packet) => packet >= bufferCount;

    /// <summary>By which link's device a range of lent pages can be read.</summary>
    internal int LinkOfLent(int packet) => lentLinks[packet - bufferCount];

    /// <summary>
    /// Names a range of lent pages that a link's device can read, with one reference to it; <see cref="FreeLentCount"/> is not 0.
    /// </summary>
    internal int AddLent(ulong busAddress, int lengthBytes, int link)
    {
        int packet = firstFreeLent;
        firstFreeLent = packets[packet].Next;
        FreeLentCount--;
        packets[packet] = new Packet { Next = None, References = 1 };
        int place = packet - bufferCount;
        lentAddresses[place] = busAddress;
        lentLengths[place] = lengthBytes;
        lentLinks[place] = link;
        return packet;
    }

    /// <summary>Takes what is known of a range whose last reference is gone, and forgets its name; false when there is none.</summary>
    internal bool TryTakeReturned(out ulong busAddress, out int lengthBytes, out int link)
    {
        int packet = firstReturned;
        (busAddress, lengthBytes, link) = (0, 0, 0);
        if (packet == None)
        {
            return false;
        }

        int place = packet - bufferCount;
        (busAddress, lengthBytes, link) = (lentAddresses[place], lentLengths[place], lentLinks[place]);
        firstReturned = packets[packet].Next;
        FreeLent(packet);
        return true;
    }

    /// <summary>Takes a buffer with one reference to it; false when none is free.</summary>
    internal bool TryTake(out int packet)
    {
        packet = firstFree;
        if (packet == None)
        {
            return false;
        }

        ref Packet taken = ref packets[packet];
        firstFree = taken.Next;
        FreeCount--;
        taken = new Packet { Next = None, References = 1 };
        return true;
    }

    /// <summary>As <see cref="TryTake"/>, but leaves a reserve for those who have to send.</summary>
    internal bool TryTakeForData(out int packet)
    {
        packet = None;
        return FreeCount > StackLimits.PacketsReserved && TryTake(out packet);
    }

    internal void AddReference(int packet) => packets[packet].References++;

    /// <summary>Drops a reference; with the last one the buffer is free.</summary>
    internal void Release(int packet)
    {
        ref Packet released = ref packets[packet];
        if (released.References <= 0)
        {
            throw new InvalidOperationException("a packet is released twice");
        }

        if (--released.References == 0)
        {
            Free(packet);
        }
    }

    /// <summary>Releases a packet and those behind it.</summary>
    internal void ReleaseChain(int packet)
    {
        while (packet != None)
        {
            int next = packets[packet].Next;
            Release(packet);
            packet = next;
        }
    }

    /// <summary>All bytes of a buffer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Span<byte> Buffer(CallContext context, int packet) =>
        runs[packet / BuffersPerRun].Content.BorrowMutable(context).Slice(packet % BuffersPerRun * BufferBytes, BufferBytes);

    /// <summary>The bytes of a packet that count: from its offset on, as many as its length says.</summary>
    internal Span<byte> Data(CallContext context, int packet)
    {
        ref Packet info = ref packets[packet];
        return Buffer(context, packet).Slice(info.Offset, info.LengthBytes);
    }

    /// <summary>Bytes of a packet and those behind it.</summary>
    internal int ChainBytes(int packet)
    {
        int total = 0;
        for (; packet != None; packet = packets[packet].Next)
        {
            total += packets[packet].LengthBytes;
        }

        return total;
    }

    private void Free(int packet)
    {
        if (IsLent(packet))
        {
            packets[packet].Next = firstReturned;
            firstReturned = packet;
            return;
        }

        packets[packet].Next = firstFree;
        firstFree = packet;
        FreeCount++;
    }

    private void FreeLent(int packet)
    {
        packets[packet].Next = firstFreeLent;
        firstFreeLent = packet;
        FreeLentCount++;
    }
}

/// <summary>What is known of a buffer.</summary>
internal struct Packet
{
    /// <summary>The next buffer of the same datagram or queue.</summary>
    internal int Next;

    internal int References;

    /// <summary>First byte that counts, from the buffer's start.</summary>
    internal int Offset;

    internal int LengthBytes;

    /// <summary>Whether the device has checked the sum of TCP or UDP.</summary>
    internal bool IsTransportChecked;

    /// <summary>Whether the frame was to several stations.</summary>
    internal bool IsForLinkGroup;

    /// <summary>Whether the device has taken a VLAN tag out of the frame, and which.</summary>
    internal bool HasTag;
    internal ushort Tag;

    /// <summary>Drops bytes at the front.</summary>
    internal void Skip(int count)
    {
        Offset += count;
        LengthBytes -= count;
    }
}
