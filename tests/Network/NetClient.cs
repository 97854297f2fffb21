using RedLeafSharp.Contracts;
using RedLeafSharp.Machine.Links;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Network;

/// <summary>A received frame with its bytes.</summary>
internal sealed record Arrival(byte[] Bytes, ReceivedFrame Frame);

/// <summary>
/// A user of a network device: pages for receiving and for sending, buffers of 2 KiB by number, frames in and out as byte arrays.
/// </summary>
internal sealed class NetClient : IDisposable
{
    internal const int BufferBytes = 2048;
    private const int PoolPages = 64;
    private const int ReceivePools = 2;
    private const int RoundsMax = 400_000;

    private readonly LinkPort peer;
    private readonly Pool[] receive;
    private readonly Pool send;
    private readonly ReceivedFrame[] received = new ReceivedFrame[NetDeviceInfo.BatchFrames];

    /// <summary>The buffers that the device has, in the order in which they come back.</summary>
    private readonly Queue<int> posted = new();

    /// <summary>How many entries each frame has that the device has, in the order of sending.</summary>
    private readonly Queue<int> inFlight = new();
    private int sendCursor;
    private int endedEntries;
    private int frameCount;

    internal NetClient(TestThread thread, INetDevice device, LinkPort peer)
    {
        Thread = thread;
        Device = device;
        this.peer = peer;
        Info = device.GetInfo(Context).Value;
        Signal = KernelEvent.Create(Context);
        Assert.True(device.SetSignal(Context, Signal).IsOk);
        receive = [.. Enumerable.Range(0, ReceivePools).Select(_ => new Pool(this, LoanAccess.DeviceWrites))];
        send = new Pool(this, LoanAccess.DeviceReads);
        Assert.True(device.SetReceiveFilter(Context, ReceiveFilter.Broadcast, []).IsOk);
    }

    internal IDisposable? Owned { get; init; }

    internal TestThread Thread { get; }

    internal INetDevice Device { get; }

    internal NetDeviceInfo Info { get; }

    internal KernelEvent Signal { get; }

    internal CallContext Context => Thread.Context;

    internal List<Arrival> Arrivals { get; } = [];

    /// <summary>The frames that the device is done with, by their number; the first one taken is 1.</summary>
    internal List<int> Sent { get; } = [];

    internal int BufferCount => ReceivePools * PoolPages * PageBuffer.PageBytes / BufferBytes;

    /// <summary>Posts buffers by number; returns how many were taken.</summary>
    internal int Post(int first, int count)
    {
        ulong[] buffers = [.. Enumerable.Range(first, count).Select(AddressOf)];
        Reply<int, NetError> reply = Device.Post(Context, buffers, BufferBytes);
        Assert.True(reply.IsOk, reply.ToString());
        Assert.InRange(reply.Value, 0, count);
        Enumerable.Range(first, reply.Value).ToList().ForEach(posted.Enqueue);
        return reply.Value;
    }

    /// <summary>Puts a frame into send memory, in pieces of at most so many bytes, and describes it.</summary>
    internal TransmitEntry[] Place(byte[] bytes, FrameOffload offload = default, int pieceBytes = 65536)
    {
        if (sendCursor + bytes.Length > PoolPages * PageBuffer.PageBytes)
        {
            sendCursor = 0;
        }

        bytes.CopyTo(send.Bytes(Context)[sendCursor..]);
        var entries = new List<TransmitEntry>();
        if (offload.Kinds != TransmitOffloads.None)
        {
            entries.Add(offload.Entry);
        }

        for (int offset = 0; offset < bytes.Length; offset += pieceBytes)
        {
            entries.Add(new TransmitEntry
            {
                BusAddress = send.Bus + (ulong)(sendCursor + offset),
                LengthBytes = Math.Min(pieceBytes, bytes.Length - offset),
                Flags = offset + pieceBytes < bytes.Length ? EntryFlags.Continues : EntryFlags.None,
            });
        }

        sendCursor += (bytes.Length + 15) & ~15;
        return [.. entries];
    }

    /// <summary>Sends one frame and waits until the device is done with it.</summary>
    internal void Send(byte[] bytes, FrameOffload offload = default, int pieceBytes = 65536)
    {
        TransmitEntry[] entries = Place(bytes, offload, pieceBytes);
        Reply<int, NetError> reply = Submit(entries);
        Assert.True(reply.IsOk && reply.Value == entries.Length, reply.ToString());
        int number = frameCount;
        Await(() => Sent.Contains(number), "the frame to be sent");
    }

    /// <summary>Sends a batch; returns how many frames were taken.</summary>
    internal int SendBatch(IReadOnlyList<byte[]> frames)
    {
        int before = frameCount;
        Reply<int, NetError> reply = Submit([.. frames.SelectMany(bytes => Place(bytes))]);
        Assert.True(reply.IsOk, reply.ToString());
        return frameCount - before;
    }

    /// <summary>Hands entries over, and keeps in mind which frames are taken.</summary>
    internal Reply<int, NetError> Submit(params TransmitEntry[] entries)
    {
        Reply<int, NetError> reply = Device.Send(Context, entries);
        int start = 0;
        for (int index = 0; reply.IsOk && index < reply.Value; index++)
        {
            if ((entries[index].Flags & EntryFlags.Continues) == 0)
            {
                inFlight.Enqueue(index + 1 - start);
                start = index + 1;
                frameCount++;
            }
        }

        Assert.True(!reply.IsOk || reply.Value == start, "a part of a frame was taken");
        return reply;
    }

    /// <summary>Polls once; returns how much came.</summary>
    internal int Poll()
    {
        Reply<NetProgress, NetError> reply = Device.Poll(Context, received);
        Assert.True(reply.IsOk, reply.ToString());
        for (int index = 0; index < reply.Value.ReceivedCount; index++)
        {
            ReceivedFrame frame = received[index];
            Arrivals.Add(new Arrival(Buffer(posted.Dequeue())[..frame.LengthBytes].ToArray(), frame));
        }

        endedEntries += reply.Value.SentCount;
        while (inFlight.Count > 0 && endedEntries >= inFlight.Peek())
        {
            endedEntries -= inFlight.Dequeue();
            Sent.Add(frameCount - inFlight.Count);
        }

        Assert.Equal(0, endedEntries);
        return reply.Value.ReceivedCount + reply.Value.SentCount;
    }

    /// <summary>Polls, and lets the device work, until something holds.</summary>
    internal void Await(Func<bool> condition, string what)
    {
        KernelEvent pause = KernelEvent.Create(Context);
        for (int round = 0; !condition(); round++)
        {
            Assert.True(round < RoundsMax, $"waited in vain for {what}");
            if (Poll() == 0)
            {
                _ = pause.Wait(Context, 1);
            }
        }
    }

    internal void PeerSends(byte[] frame)
    {
        if (peer is DatagramLink link)
        {
            Await(() => link.TrySend(frame), "room in the socket");
        }
        else
        {
            peer.Send(frame, default);
        }
    }

    /// <summary>What the other end gets next.</summary>
    internal byte[] PeerTakes()
    {
        byte[]? taken = null;
        Await(() => (taken ??= TryTakeAtPeer()) is not null, "a frame at the other end");
        return taken!;
    }

    internal byte[]? TryTakeAtPeer()
    {
        if (!peer.TryPeek(out ReadOnlySpan<byte> frame, out _))
        {
            return null;
        }

        byte[] copy = frame.ToArray();
        peer.Take();
        return copy;
    }

    /// <summary>The next frame that is delivered.</summary>
    internal Arrival Receive()
    {
        Await(() => Arrivals.Count > 0, "a frame");
        Arrival first = Arrivals[0];
        Arrivals.RemoveAt(0);
        return first;
    }

    public void Dispose()
    {
        Thread.Dispose();
        Owned?.Dispose();
    }

    internal Span<byte> Buffer(int number) =>
        receive[number / BuffersPerPool].Bytes(Context).Slice(number % BuffersPerPool * BufferBytes, BufferBytes);

    private static int BuffersPerPool => PoolPages * PageBuffer.PageBytes / BufferBytes;

    private ulong AddressOf(int number) =>
        receive[number / BuffersPerPool].Bus + ((ulong)(number % BuffersPerPool) * BufferBytes);

    private sealed class Pool
    {
        private Cell<PageBuffer> pages;

        internal Pool(NetClient client, LoanAccess access)
        {
            PageBuffer buffer = PageBuffer.Allocate(client.Context, PoolPages);
            Bus = buffer.Lend(client.Context, access);
            pages.Put(ref buffer);
            ulong[] all = [.. Enumerable.Range(0, PoolPages).Select(page => Bus + (ulong)(page * PageBuffer.PageBytes))];
            Assert.True(client.Device.Register(client.Context, all, access).IsOk);
        }

        internal ulong Bus { get; }

        internal Span<byte> Bytes(CallContext context) => pages.Content.BorrowMutable(context);
    }
}
