using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack;
using RedLeafSharp.Domains.TcpStack.Links;
using RedLeafSharp.Domains.TcpStack.Packets;
using RedLeafSharp.Domains.TcpStack.Udp;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>
/// The stack over the contract of network devices; the device keeps what it is handed and never touches a byte.
/// </summary>
public sealed class DeviceInterfaceTests : IDisposable
{
    private readonly TestThread thread = new();
    private readonly PacketPool pool;
    private readonly NetworkStack stack;
    private readonly RecordingDevice device = new();
    private readonly DeviceInterface link;

    public DeviceInterfaceTests()
    {
        Assert.True(PacketPool.TryCreate(thread.Context, 1_000, out pool));
        stack = new NetworkStack(pool, 1, 2);
        Assert.True(DeviceInterface.TryOpen(thread.Context, device, pool, "eth0", null, out DeviceInterface? opened));
        link = opened!;
        stack.AddInterface(link);
        stack.TryAddAddress(link, IpAddress.FromV4(10, 0, 0, 1), 24, isTentative: false);
        stack.Neighbors.SetPermanent(thread.Context, link, IpAddress.FromV4(10, 0, 0, 2), new MacAddress(2));
    }

    public void Dispose()
    {
        thread.Dispose();
    }

    [Fact]
    public void Open_RegistersThePoolAndPostsBuffers()
    {
        Assert.Equal(pool.RunCount * PacketPool.PagesOfRun, device.Registered.Count);
        Assert.Equal(64, device.Posted.Count);
        Assert.All(device.Posted, buffer => Assert.Contains(buffer & ~4095UL, device.Registered));
    }

    [Fact]
    public void Frame_Sent_KeepsItsBuffersUntilTheDeviceIsDone()
    {
        stack.Poll(thread.Context);
        device.Complete();
        stack.Poll(thread.Context);
        int before = pool.FreeCount;
        var socket = new DatagramSocket(pool);
        stack.Udp.Send(thread.Context, socket, new byte[700], IpAddress.FromV4(10, 0, 0, 2), 7);
        stack.Flush(thread.Context);
        Assert.Equal(14 + 20 + 8 + 700, device.Sent.Peek().LengthBytes);
        Assert.Equal(before - 2, pool.FreeCount);
        device.Complete();
        stack.Poll(thread.Context);
        Assert.Equal(before, pool.FreeCount);
    }

    [Fact]
    public void Frames_MoreThanTheDeviceTakes_AreDroppedAndNothingLeaks()
    {
        stack.Poll(thread.Context);
        device.Complete();
        stack.Poll(thread.Context);
        int before = pool.FreeCount;
        var socket = new DatagramSocket(pool);
        for (int index = 0; index < 300; index++)
        {
            stack.Udp.Send(thread.Context, socket, new byte[100], IpAddress.FromV4(10, 0, 0, 2), 7);
        }

        Assert.True(link.Counters.SentDropped > 0);
        for (int round = 0; round < 20; round++)
        {
            device.Complete();
            stack.Poll(thread.Context);
        }

        Assert.Equal(before, pool.FreeCount);
    }

    [Fact]
    public void BufferReceived_Recalled_IsGivenBackAndPostedAgain()
    {
        device.Recall(thread.Context);
        int before = pool.FreeCount;
        stack.Poll(thread.Context);
        Assert.Equal(64, device.Posted.Count);
        Assert.InRange(pool.FreeCount, before - 4, before);
    }

    [Fact]
    public void Frames_ThatComeWhileOthersAreHandedOver_AreNotSleptOver()
    {
        var socket = new DatagramSocket(pool);
        stack.Udp.Send(thread.Context, socket, new byte[100], IpAddress.FromV4(10, 0, 0, 2), 7);
        device.IsFull = true;
        device.Recall(thread.Context);
        stack.Flush(thread.Context);
        Assert.True(stack.Arm(thread.Context));
        stack.Poll(thread.Context);
        Assert.False(stack.Arm(thread.Context));
    }

    [Fact]
    public void Frames_MoreThanFitAtOnce_AreAllSentByADeviceThatIsFastEnough()
    {
        device.IsFast = true;
        var socket = new DatagramSocket(pool);
        for (int index = 0; index < 300; index++)
        {
            stack.Udp.Send(thread.Context, socket, new byte[100], IpAddress.FromV4(10, 0, 0, 2), 7);
        }

        stack.Flush(thread.Context);
        Assert.Equal(0, link.Counters.SentDropped);
        Assert.True(device.Sent.Count >= 300);
    }

    /// <summary>The pool is not the device's: those who receive need it, too.</summary>
    [Fact]
    public void Frames_ThatADeviceNeverEnds_TakeABoundedPartOfThePool()
    {
        device.Room = int.MaxValue;
        int free = pool.FreeCount;
        var socket = new DatagramSocket(pool);
        for (int index = 0; index < 1000; index++)
        {
            stack.Udp.Send(thread.Context, socket, new byte[100], IpAddress.FromV4(10, 0, 0, 2), 7);
        }

        stack.Flush(thread.Context);
        Assert.Equal(StackLimits.PacketsPerRoundMax, device.Sent.Count);
        Assert.True(link.Counters.SentDropped >= 1000 - StackLimits.PacketsPerRoundMax);
        Assert.InRange(free - pool.FreeCount, 1, 2 * StackLimits.PacketsPerRoundMax);
    }

    [Fact]
    public void Device_WithoutBuffersWhenThePoolWasEmpty_GetsThemWhenSomeAreFreed()
    {
        var held = new List<int>();
        while (pool.TryTakeForData(out int packet))
        {
            held.Add(packet);
        }

        device.Recall(thread.Context);
        stack.Poll(thread.Context);
        held.AddRange(TakeAll());
        while (device.Posted.Count > 0)
        {
            device.Recall(thread.Context);
            stack.Poll(thread.Context);
            held.AddRange(TakeAll());
        }

        held.ForEach(pool.Release);
        stack.Flush(thread.Context);
        Assert.Equal(64, device.Posted.Count);
    }

    private IEnumerable<int> TakeAll()
    {
        while (pool.TryTake(out int packet))
        {
            yield return packet;
        }
    }

    /// <summary>Sixteen frames in flight, 64 buffers.</summary>
    private sealed class RecordingDevice : INetDevice
    {
        private readonly Queue<ReceivedFrame> received = new();
        private int doneCount;

        internal HashSet<ulong> Registered { get; } = [];

        internal Queue<ulong> Posted { get; } = new();

        internal Queue<(int EntryCount, int LengthBytes)> Sent { get; } = new();

        /// <summary>Frames that it has at a time.</summary>
        internal int Room { get; set; } = 16;

        /// <summary>Whether it takes no frame.</summary>
        internal bool IsFull { get; set; }

        /// <summary>Whether it is done with each frame at once.</summary>
        internal bool IsFast { get; set; }

        public Reply<NetDeviceInfo, NetError> GetInfo(CallContext context) => new NetDeviceInfo
        {
            Address = new MacAddress(0x020000000001),
            MtuBytes = 1_500,
            ReceiveBufferBytes = 2_048,
            ReceiveBuffersMax = 64,
            EntriesMax = 16,
            PiecesMax = 4,
        };

        public Reply<NetLink, NetError> GetLink(CallContext context) => new NetLink { IsUp = true };

        public Reply<NetStatistics, NetError> GetStatistics(CallContext context) => default(NetStatistics);

        public Reply<Unit, NetError> Register(CallContext context, ReadOnlySpan<ulong> pages, LoanAccess access)
        {
            foreach (ulong page in pages)
            {
                Registered.Add(page);
            }

            return default(Unit);
        }

        public Reply<Unit, NetError> Unregister(CallContext context, ReadOnlySpan<ulong> pages) => default(Unit);

        public Reply<Unit, NetError> SetReceiveFilter(
            CallContext context, ReceiveFilter filter, ReadOnlySpan<MacAddress> groups) => default(Unit);

        public Reply<Unit, NetError> SetVlans(CallContext context, ReadOnlySpan<ushort> identifiers) => default(Unit);

        public Reply<int, NetError> Post(CallContext context, ReadOnlySpan<ulong> buffers, int lengthBytes)
        {
            foreach (ulong buffer in buffers)
            {
                Posted.Enqueue(buffer);
            }

            return buffers.Length;
        }

        public Reply<int, NetError> Send(CallContext context, ReadOnlySpan<TransmitEntry> entries)
        {
            int taken = 0;
            while (taken < entries.Length && !IsFull && (IsFast ? doneCount : Sent.Count + doneCount) < Room)
            {
                (int start, int lengthBytes) = (taken, 0);
                bool hasMore = true;
                for (; hasMore; taken++)
                {
                    lengthBytes += entries[taken].LengthBytes;
                    hasMore = entries[taken].Flags == EntryFlags.Continues;
                }

                Sent.Enqueue((taken - start, lengthBytes));
                doneCount += IsFast ? taken - start : 0;
            }

            return taken;
        }

        public Reply<NetProgress, NetError> Poll(CallContext context, Span<ReceivedFrame> frames)
        {
            var progress = new NetProgress { SentCount = doneCount };
            doneCount = 0;
            while (progress.ReceivedCount < frames.Length && received.TryDequeue(out frames[progress.ReceivedCount]))
            {
                progress.ReceivedCount++;
            }

            return progress;
        }

        public Reply<Unit, NetError> SetSignal(CallContext context, KernelEvent signal) => default(Unit);

        public Reply<bool, NetError> Arm(CallContext context) => NetError.NotSupported;

        public Reply<Unit, NetError> Recall(CallContext context)
        {
            while (Posted.TryDequeue(out _))
            {
                received.Enqueue(new ReceivedFrame { Flags = ReceiveFlags.Unfilled });
            }

            return default(Unit);
        }

        internal void Complete()
        {
            doneCount += Sent.Sum(frame => frame.EntryCount);
            Sent.Clear();
        }
    }
}
