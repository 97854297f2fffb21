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
    private readonly ulong[] sent = new ulong[NetDeviceInfo.BatchFrames];
    private int sendCursor;
    private ulong nextTag = 1;

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

    internal List<ulong> Sent { get; } = [];

    internal int BufferCount => ReceivePools * PoolPages * PageBuffer.PageBytes / BufferBytes;

    /// <summary>Posts buffers by number; returns how many were taken.</summary>
    internal int Post(int first, int count)
    {
        ReceiveBuffer[] buffers = [.. Enumerable.Range(first, count).Select(number => new ReceiveBuffer
        {
            Tag = (ulong)number,
            BusAddress = AddressOf(number),
            LengthBytes = BufferBytes,
        })];
        Reply<int, NetError> reply = Device.Post(Context, buffers);
        Assert.True(reply.IsOk, reply.ToString());
        return reply.Value;
    }

    /// <summary>Puts a frame into send memory, in pieces of at most so many bytes, and describes it.</summary>
    internal (TransmitFrame Frame, FrameSegment[] Segments) Place(byte[] bytes, TransmitFrame frame = default, int pieceBytes = 65536)
    {
        if (sendCursor + bytes.Length > PoolPages * PageBuffer.PageBytes)
        {
            sendCursor = 0;
        }

        bytes.CopyTo(send.Bytes(Context)[sendCursor..]);
        var segments = new List<FrameSegment>();
        for (int offset = 0; offset < bytes.Length; offset += pieceBytes)
        {
            segments.Add(new FrameSegment
            {
                BusAddress = send.Bus + (ulong)(sendCursor + offset),
                LengthBytes = Math.Min(pieceBytes, bytes.Length - offset),
            });
        }

        sendCursor += (bytes.Length + 15) & ~15;
        frame.Tag = nextTag++;
        frame.FirstSegment = 0;
        frame.SegmentCount = segments.Count;
        return (frame, [.. segments]);
    }

    /// <summary>Sends one frame and waits until the device is done with it.</summary>
    internal void Send(byte[] bytes, TransmitFrame frame = default, int pieceBytes = 65536)
    {
        (TransmitFrame placed, FrameSegment[] segments) = Place(bytes, frame, pieceBytes);
        Reply<int, NetError> reply = Device.Send(Context, [placed], segments);
        Assert.True(reply is { IsOk: true, Value: 1 }, reply.ToString());
        Await(() => Sent.Contains(placed.Tag), "the frame to be sent");
    }

    /// <summary>Sends a batch; returns how many were taken.</summary>
    internal int SendBatch(IReadOnlyList<byte[]> frames)
    {
        var descriptions = new List<TransmitFrame>();
        var pieces = new List<FrameSegment>();
        foreach (byte[] bytes in frames)
        {
            (TransmitFrame frame, FrameSegment[] segments) = Place(bytes);
            frame.FirstSegment = pieces.Count;
            descriptions.Add(frame);
            pieces.AddRange(segments);
        }

        Reply<int, NetError> reply = Device.Send(Context, [.. descriptions], [.. pieces]);
        Assert.True(reply.IsOk, reply.ToString());
        return reply.Value;
    }

    /// <summary>Polls once; returns how much came.</summary>
    internal int Poll()
    {
        Reply<NetProgress, NetError> reply = Device.Poll(Context, received, sent);
        Assert.True(reply.IsOk, reply.ToString());
        for (int index = 0; index < reply.Value.ReceivedCount; index++)
        {
            ReceivedFrame frame = received[index];
            Arrivals.Add(new Arrival(Buffer((int)frame.Tag)[..frame.LengthBytes].ToArray(), frame));
        }

        Sent.AddRange(sent[..reply.Value.SentCount]);
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
