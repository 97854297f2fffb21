using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Packets;

namespace RedLeafSharp.Domains.TcpStack.Links;

/// <summary>
/// A network device as an interface: buffers go to it and come back in batches, and no frame is copied. Neighbours: above, the
/// stack; below, a driver or its shadow behind <see cref="INetDevice"/>.
/// </summary>
internal sealed class DeviceInterface : NetworkInterface
{
    /// <summary>What a device has to be able to do before it is given segments to cut.</summary>
    private const TransmitOffloads CutNeeds = TransmitOffloads.Segmentation | TransmitOffloads.TcpChecksum | TransmitOffloads.IPv4Checksum;

    /// <summary>What packets of TCP may ask for. Tags are put in by the stack.</summary>
    private const TransmitOffloads OffloadsUsed = TransmitOffloads.Headers | TransmitOffloads.IPv6;

    /// <summary>Ethernet with a tag, IP without options, TCP with all options.</summary>
    private const int HeaderBytesMax = NetDeviceInfo.HeaderBytes + NetDeviceInfo.TagBytes + IpHeaderBytesMax + TcpHeaderBytesMax;
    private const int IpHeaderBytesMax = 40;
    private const int TcpHeaderBytesMax = 60;

    private readonly INetDevice device;
    private readonly PacketPool pool;
    private NetDeviceInfo info;
    private readonly ReceivedFrame[] received = new ReceivedFrame[NetDeviceInfo.BatchFrames];
    private readonly ulong[] posting = new ulong[NetDeviceInfo.BatchFrames];
    private readonly TransmitQueue queue;

    /// <summary>The packets that the device has been given to receive into, in the order in which it gives them back.</summary>
    private readonly int[] posted = new int[StackLimits.PacketsPerRoundMax];
    private int postedFirst;
    private int postedCount;
    private int receivedCount;
    private int receivedNext;
    private bool isContinued;
    private bool isPolled;
    private int filteredVersion;
    private TransmitOffloads offloads;
    private int cutBytesMax;

    private DeviceInterface(INetDevice device, PacketPool pool, string name, in NetDeviceInfo info)
        : base(name, info.Address, Math.Min(info.MtuBytes, MtuBytesOfBuffer))
    {
        this.device = device;
        this.pool = pool;
        queue = new TransmitQueue(pool);
        Adopt(in info);
    }

    /// <summary>A frame that goes into one buffer.</summary>
    private static int MtuBytesOfBuffer => PacketPool.BufferBytes - OutgoingPacket.HeadroomBytes - NetDeviceInfo.HeaderBytes;

    /// <summary>
    /// Asks what the device is, and lets it reach the pool's pages; false when it does not answer or takes longer buffers.
    /// </summary>
    /// <param name="context">The caller.</param>
    /// <param name="device">The device.</param>
    /// <param name="pool">Where its frames lie.</param>
    /// <param name="name">What the interface is to be called.</param>
    /// <param name="signal">What to signal when frames have come; without it the device is polled.</param>
    /// <param name="opened">The interface.</param>
    internal static bool TryOpen(
        CallContext context, INetDevice device, PacketPool pool, string name, KernelEvent? signal, out DeviceInterface? opened)
    {
        opened = null;
        Reply<NetDeviceInfo, NetError> reply = device.GetInfo(context);
        if (!reply.IsOk || reply.Value.ReceiveBufferBytes > PacketPool.BufferBytes)
        {
            return false;
        }

        ulong[] pages = new ulong[PacketPool.PagesOfRun];
        for (int run = 0; run < pool.RunCount; run++)
        {
            for (int page = 0; page < pages.Length; page++)
            {
                pages[page] = pool.RunAddress(run) + ((ulong)page * PageBuffer.PageBytes);
            }

            if (!device.Register(context, pages, LoanAccess.DeviceReads | LoanAccess.DeviceWrites).IsOk)
            {
                return false;
            }
        }

        NetDeviceInfo known = reply.Value;
        bool isSignaled = signal is not null && device.SetSignal(context, signal).IsOk;
        opened = new DeviceInterface(device, pool, name, in known) { isPolled = !isSignaled };
        opened.ChangeCarrier(device.GetLink(context) is { IsOk: true, Value.IsUp: true });
        _ = device.SetReceiveFilter(context, ReceiveFilter.Broadcast, []);
        opened.Post(context);
        return true;
    }

    internal override long LookEveryMicros => isPolled ? StackLimits.PollMicros : StackLimits.LostSignalMicros;

    internal override TransmitOffloads Offloads => offloads;

    internal override int CutBytesMax => cutBytesMax;

    internal override int PiecesMax => Math.Min(info.PiecesMax, OutgoingPacket.PiecesMax);

    /// <summary>
    /// Payload that surely fits: the headers are a piece, and payload may begin and end in the middle of a buffer.
    /// </summary>
    private static int CutBytesOf(in NetDeviceInfo info) => Math.Max(0, Math.Min(
        info.SegmentationBytesMax - HeaderBytesMax, (Math.Min(info.PiecesMax, OutgoingPacket.PiecesMax) - 2) * PacketPool.BufferBytes));

    /// <summary>Buffers that the device is to have.</summary>
    private int BuffersWanted => Math.Min(Math.Min(info.ReceiveBuffersMax, StackLimits.PacketsPerRoundMax), pool.Capacity / 4);

    /// <summary>Not while there is no link: a filter that comes later could not have them granted, as their owner does not call then.</summary>
    internal override bool TryRegister(CallContext context, ReadOnlySpan<ulong> pages)
    {
        if (!device.Register(context, pages, LoanAccess.DeviceReads).IsOk)
        {
            return false;
        }

        // Looked at afterwards: nothing comes back behind a shadow before the next poll.
        if (device.GetLink(context) is { IsOk: true, Value.IsUp: true })
        {
            return true;
        }

        Unregister(context, pages);
        return false;
    }

    internal override void Unregister(CallContext context, ReadOnlySpan<ulong> pages) => _ = device.Unregister(context, pages);

    internal override bool Arm(CallContext context)
    {
        // Frames that came while others were handed over: the device has told of them, and will not again.
        if (receivedNext < receivedCount)
        {
            return true;
        }

        if (isPolled)
        {
            return false;
        }

        Reply<bool, NetError> reply = device.Arm(context);
        isPolled = reply is { IsFault: false, Error: NetError.NotSupported };
        return reply is { IsOk: true, Value: true };
    }

    internal override void Transmit(CallContext context, OutgoingPacket packet)
    {
        if (queue.IsFull)
        {
            Flush(context);
        }

        int lengthBytes = packet.LengthBytes;
        if (!queue.TryAdd(context, packet))
        {
            Counters.SentDropped++;
            packet.Discard();
            return;
        }

        Counters.SentPackets++;
        Counters.SentBytes += lengthBytes;
    }

    internal override void Flush(CallContext context)
    {
        if (filteredVersion != FilterVersion)
        {
            filteredVersion = FilterVersion;
            SetFilter(context);
        }

        // The device's queue is full, or its frames have all places here: what it is done with makes room.
        int before = int.MaxValue;
        while ((!queue.TrySend(context, device) || queue.IsFull) && queue.Count < before)
        {
            before = queue.Count;
            Poll(context);
        }

        // A device that has used up its buffers receives nothing and tells of nothing: whoever frees some has to give it new ones.
        if (postedCount < BuffersWanted / 2 && pool.FreeCount > StackLimits.PacketsReserved + NetDeviceInfo.BatchFrames)
        {
            Post(context);
        }
    }

    internal override bool TryReceive(CallContext context, out int packet)
    {
        while (receivedNext < receivedCount || Poll(context))
        {
            ref ReceivedFrame frame = ref received[receivedNext++];
            packet = posted[postedFirst];
            postedFirst = (postedFirst + 1) % posted.Length;
            postedCount--;
            if (IsUsable(in frame))
            {
                pool[packet].Offset = 0;
                pool[packet].LengthBytes = Math.Min(frame.LengthBytes, PacketPool.BufferBytes);
                pool[packet].HasTag = (frame.Flags & ReceiveFlags.VlanRemoved) != 0;
                pool[packet].Tag = frame.VlanTag;
                pool[packet].IsTransportChecked = (frame.Flags & ReceiveFlags.TransportChecksumGood) != 0;
                Counters.ReceivedPackets++;
                Counters.ReceivedBytes += frame.LengthBytes;
                return true;
            }

            // What comes back unfilled is no frame, or one that the device has counted.
            Counters.ReceivedDropped += (frame.Flags & ReceiveFlags.Unfilled) == 0 ? 1 : 0;
            pool.Release(packet);
        }

        packet = PacketPool.None;
        return false;
    }

    /// <summary>A frame in one buffer, and not known to be damaged. Of a longer one all pieces are dropped.</summary>
    private bool IsUsable(in ReceivedFrame frame)
    {
        bool wasContinued = isContinued;
        isContinued = (frame.Flags & ReceiveFlags.Continues) != 0;
        return !wasContinued && !isContinued && (frame.Flags & (ReceiveFlags.ChecksumBad | ReceiveFlags.Unfilled)) == 0;
    }

    private bool Poll(CallContext context)
    {
        // Frames that have not been taken yet would be lost.
        Span<ReceivedFrame> room = receivedNext == receivedCount ? received : [];
        Reply<NetProgress, NetError> reply = device.Poll(context, room);
        if (!reply.IsOk)
        {
            ChangeCarrier(false);
            return false;
        }

        NetProgress progress = reply.Value;
        if (room.Length > 0)
        {
            (receivedNext, receivedCount) = (0, Math.Clamp(progress.ReceivedCount, 0, Math.Min(received.Length, postedCount)));
        }

        queue.Complete(progress.SentCount);
        if (progress.HasLinkChanged)
        {
            Renew(context);
        }

        Post(context);
        return receivedCount > receivedNext;
    }

    /// <summary>Tells the device which groups and VLANs are wanted.</summary>
    private void SetFilter(CallContext context)
    {
        var groups = new List<MacAddress>();
        Groups.AddTo(groups);
        ushort[] identifiers = new ushort[Vlans.Count];
        for (int index = 0; index < identifiers.Length; index++)
        {
            Vlans[index].Groups.AddTo(groups);
            identifiers[index] = Vlans[index].Identifier;
        }

        _ = device.SetReceiveFilter(context, ReceiveFilter.Broadcast, groups.ToArray());
        _ = device.SetVlans(context, identifiers);
    }

    /// <summary>The link has come or gone; behind a shadow it may be another device by now.</summary>
    private void Renew(CallContext context)
    {
        bool hasLink = device.GetLink(context) is { IsOk: true, Value.IsUp: true };
        Reply<NetDeviceInfo, NetError> reply = hasLink ? device.GetInfo(context) : NetError.DeviceFailed;
        ChangeCarrier(reply.IsOk && reply.Value.ReceiveBufferBytes <= PacketPool.BufferBytes);
        if (HasCarrier)
        {
            NetDeviceInfo known = reply.Value;
            Adopt(in known);
            ChangeMtuMax(Math.Min(known.MtuBytes, MtuBytesOfBuffer));
            ChangeMac(known.Address);
        }
    }

    private void Adopt(in NetDeviceInfo known)
    {
        info = known;
        queue.Fit(in known);
        offloads = known.HeaderBytesMax >= HeaderBytesMax ? known.Offloads & OffloadsUsed : TransmitOffloads.None;
        cutBytesMax = (offloads & CutNeeds) == CutNeeds ? CutBytesOf(in known) : 0;
    }

    /// <summary>Gives the device buffers for those that it has filled.</summary>
    private void Post(CallContext context)
    {
        int wanted = BuffersWanted;
        while (postedCount < wanted)
        {
            int count = 0;
            while (count < posting.Length && postedCount + count < wanted && pool.TryTakeForData(out int packet))
            {
                posted[(postedFirst + postedCount + count) % posted.Length] = packet;
                posting[count++] = pool.BusAddress(packet);
            }

            Reply<int, NetError> reply = device.Post(context, posting.AsSpan(0, count), PacketPool.BufferBytes);
            int taken = reply.IsOk ? Math.Clamp(reply.Value, 0, count) : 0;
            for (int index = taken; index < count; index++)
            {
                pool.Release(posted[(postedFirst + postedCount + index) % posted.Length]);
            }

            postedCount += taken;
            if (taken < posting.Length)
            {
                return;
            }
        }
    }
}
