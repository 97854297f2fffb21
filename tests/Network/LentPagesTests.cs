using System.Diagnostics;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack;
using RedLeafSharp.Domains.TcpStack.Sockets;
using RedLeafSharp.Machine.Links;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Network;

/// <summary>
/// Pages of a caller, sent where they lie through stack, shadow, driver and simulated controller to another stack, which sends everything
/// back.
/// </summary>
public sealed partial class LentPagesTests : IDisposable
{
    private const uint Owner = 300;
    private const uint Stranger = 301;
    private const int PageCount = 48;
    private const int PageBytes = PageBuffer.PageBytes;

    private static readonly IpAddress Near = IpAddress.FromV4(10, 1, 0, 1);
    private static readonly IpAddress Far = IpAddress.FromV4(10, 1, 0, 2);

    /// <summary>No test takes so long; a test that does has hung.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly WirePair pair = new();
    private readonly CrashAtRing faults = new() { IsAfter = true };
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly byte[] echoed = new byte[1 << 20];
    private Disturbance? disturbance;
    private WiredStack? near;
    private WiredStack? far;
    private TestThread? owner;
    private ISocketStack? sockets;
    private KernelEvent? signal;
    private int echoedBytes;

    public void Dispose()
    {
        owner?.Dispose();
        near?.Dispose();
        far?.Dispose();
    }

    [Fact]
    public void Stream_OfLentPagesAndCopies_CarriesEveryByte()
    {
        int socket = Connect();
        byte[] sent = SendAll(socket, MakePages());

        AssertEchoed(socket, sent);
        Assert.Empty(near!.Rig.Faults);
    }

    [Fact]
    public void Pages_AreTheDevicesUntilTheyAreAcknowledgedAndNoLonger()
    {
        int socket = Connect();
        PageBuffer[] pages = MakePages();
        Assert.Equal(1, Send(socket, RangeOf(pages[0])));
        Assert.Throws<OwnershipException>(() => pages[0].EndLoan(owner!.Context));

        while (echoedBytes < PageBytes)
        {
            Step(socket);
        }

        for (int round = 0; round < 100; round++)
        {
            Step(socket);
        }

        Assert.Equal(StackLimits.LentRangesMax, near!.Stack.Pool.FreeLentCount);
        pages[0].EndLoan(owner!.Context);
        PageBuffer.Free(owner.Context, ref pages[0]);
    }

    [Fact]
    public void Page_SentManyTimesAtOnce_IsTheDevicesUntilTheLastIsAcknowledged()
    {
        int socket = Connect();
        PageRange range = RangeOf(MakePages()[0]);
        for (int sent = 0; sent < 200; sent++)
        {
            while (Send(socket, range) == 0)
            {
                Step(socket);
            }

            Step(socket);
        }

        while (echoedBytes < 200 * PageBytes)
        {
            Step(socket);
        }

        Assert.Empty(near!.Rig.Faults);
    }

    /// <summary>Ends and beginnings of pages, two ranges of one page, and whole pages: what lies together is one piece for the devices.</summary>
    [Fact]
    public void Ranges_ThatLieTogether_AreOneAndEachPageComesBack()
    {
        int socket = Connect();
        PageBuffer[] pages = [.. MakePages().OrderBy(page => page.GetBusAddress(owner!.Context))];
        List<PageRange> ranges = [Part(pages[0], 1_000, PageBytes - 1_000), RangeOf(pages[1]), Part(pages[2], 0, 3_000)];
        ranges.AddRange([Part(pages[3], 0, 2_200), Part(pages[3], 1_500, 2_596), .. pages[4..].Select(RangeOf)]);
        byte[] sent = [.. BytesOf(pages[0])[1_000..], .. BytesOf(pages[1]), .. BytesOf(pages[2])[..3_000], .. BytesOf(pages[3])[..2_200],
            .. BytesOf(pages[3])[1_500..], .. pages[4..].SelectMany(BytesOf)];

        Assert.Equal(ranges.Count, Send(socket, [.. ranges]));

        Assert.Equal(RunsOf(ranges), StackLimits.LentRangesMax - near!.Stack.Pool.FreeLentCount);
        AssertEchoed(socket, sent);
        for (int round = 0; round < 100; round++)
        {
            Step(socket);
        }

        Assert.Equal(StackLimits.LentRangesMax, near.Stack.Pool.FreeLentCount);
        Array.ForEach(pages, page => page.EndLoan(owner!.Context));
    }

    [Fact]
    public void Stream_WhoseDriverDiesAtItsRings_CarriesEveryByte()
    {
        int socket = Connect();
        faults.Every = 7;
        byte[] sent = SendAll(socket, MakePages());

        AssertEchoed(socket, sent);
        Assert.True(near!.Recoveries >= 3, $"{near.Recoveries} recoveries");
    }

    [Fact]
    public void Stream_OverABadNetwork_CarriesEveryByte()
    {
        disturbance = new Disturbance
        {
            Seed = 5,
            LossPermille = 30,
            DuplicationPermille = 10,
            CorruptionPermille = 10,
            ReorderingPermille = 20,
            ReorderingMicros = 900,
        };
        int socket = Connect();
        byte[] sent = SendAll(socket, MakePages());

        AssertEchoed(socket, sent);
    }

    [Fact]
    public void Connection_ThatIsReset_GivesThePagesBack()
    {
        int socket = Connect();
        PageBuffer[] pages = MakePages();
        Assert.Equal(2, Send(socket, RangeOf(pages[0]), RangeOf(pages[1])));
        Assert.True(sockets!.SetOption(owner!.Context, socket, SocketOption.LingerSeconds, 0).IsOk);
        Assert.True(sockets.Close(owner.Context, socket).IsOk);
        for (int round = 0; round < 100; round++)
        {
            near!.Poll();
        }

        pages[0].EndLoan(owner.Context);
        pages[1].EndLoan(owner.Context);
    }

    [Fact]
    public void Frames_ThatALinkShows_EndWhereOnlyDevicesRead()
    {
        int socket = Connect();
        CallContext context = owner!.Context;
        int tap = sockets!.Open(context, AddressFamily.Packet, SocketKind.Raw, 0, signal!).Value;
        Assert.True(sockets.SetOption(context, tap, SocketOption.BoundLink, 2).IsOk);
        Assert.Equal(1, Send(socket, RangeOf(MakePages()[0])));

        byte[] frame = new byte[8_192];
        int captured = sockets.Receive(context, tap, frame, SocketFlags.None, out ReceivedMessage message).Value;
        Assert.InRange(captured, 54, 94);
        Assert.True(message.FullLengthBytes > 1_400, $"{message.FullLengthBytes} bytes");
    }

    [Fact]
    public void Sending_AgainAndAgain_AllocatesNothing()
    {
        int socket = Connect(isPlain: true);
        PageBuffer[] pages = MakePages();
        PageRange[] ranges = Array.ConvertAll(pages, RangeOf);
        Exchange(socket, ranges, rounds: 60);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Exchange(socket, ranges, rounds: 60);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private void Exchange(int socket, PageRange[] ranges, int rounds)
    {
        for (int round = 0; round < rounds; round++)
        {
            echoedBytes = 0;
            int taken = 0;
            while (echoedBytes < ranges.Length * PageBytes)
            {
                if (taken < ranges.Length)
                {
                    Reply<int, SocketError> reply = sockets!.SendLent(
                        owner!.Context, socket, new DomainId(Owner), ranges.AsSpan(taken), SocketFlags.None);
                    taken += reply.IsOk ? reply.Value : 0;
                }

                Step(socket);
            }
        }
    }

    private void AssertEchoed(int socket, byte[] sent)
    {
        while (echoedBytes < sent.Length)
        {
            Step(socket);
        }

        Assert.Equal(sent, echoed.AsSpan(0, echoedBytes));
        Assert.Empty(far!.Errors);
    }

    /// <summary>Two stacks on one wire, and a connection from the near one to the far one's echo.</summary>
    private int Connect(bool isPlain = false)
    {
        near = new WiredStack(
            scheduler => disturbance is null ? pair.First : new DisturbedLink(pair.First, disturbance, () => scheduler.UptimeMicros),
            Near, 24, faults: faults, isPlain: isPlain);
        far = new WiredStack(_ => pair.Second, Far, 24, station: Frames.Other, isPlain: isPlain);
        owner = new TestThread(near.Rig.Heap, near.Rig.Scheduler, Owner);
        signal = KernelEvent.Create(owner.Context);
        sockets = new SocketStackProxy(
            new SocketStack(near.Stack, new StackWork(near.Context, near.Stack)),
            new DomainGate(WiredStack.StackDomain, "TcpStack", homeExecutorId: 0, isReentrant: true));
        int socket = sockets.Open(owner.Context, AddressFamily.InterNetwork, SocketKind.Stream, 0, signal).Value;
        _ = sockets.Connect(owner.Context, socket, new SocketAddress(Far, WiredStack.EchoPort));
        while ((sockets.GetReadiness(owner.Context, socket).Value.Events & SocketEvents.Writable) == 0)
        {
            Step(socket);
        }

        return socket;
    }

    private void Step(int socket)
    {
        if (clock.Elapsed > Patience)
        {
            Assert.Fail($"waited in vain; {echoedBytes} bytes have come back");
        }

        near!.Poll();
        far!.Poll();
        Reply<int, SocketError> reply = sockets!.Receive(
            owner!.Context, socket, echoed.AsSpan(echoedBytes), SocketFlags.None, out _);
        echoedBytes += reply.IsOk ? reply.Value : 0;
    }

    private PageBuffer[] MakePages()
    {
        var random = new Random(11);
        var pages = new PageBuffer[PageCount];
        for (int index = 0; index < pages.Length; index++)
        {
            pages[index] = PageBuffer.Allocate(owner!.Context);
            random.NextBytes(pages[index].BorrowMutable(owner.Context));
            _ = pages[index].Lend(owner.Context, LoanAccess.DeviceReads);
        }

        return pages;
    }

    private PageRange RangeOf(PageBuffer page) => new() { BusAddress = page.GetBusAddress(owner!.Context), LengthBytes = PageBytes };

    private PageRange Part(PageBuffer page, int offset, int lengthBytes) =>
        new() { BusAddress = page.GetBusAddress(owner!.Context) + (ulong)offset, LengthBytes = lengthBytes };

    private byte[] BytesOf(PageBuffer page) => page.Borrow(owner!.Context).ToArray();

    /// <summary>How many pieces the ranges are: one goes on in the next page when that is its neighbour, up to 64 KiB.</summary>
    private static int RunsOf(List<PageRange> ranges)
    {
        int runs = 0;
        ulong end = 0;
        int lengthBytes = 0;
        foreach (PageRange range in ranges)
        {
            bool goesOn = range.BusAddress == end && end % PageBytes == 0 && lengthBytes + range.LengthBytes <= 65_536;
            runs += goesOn ? 0 : 1;
            lengthBytes = (goesOn ? lengthBytes : 0) + range.LengthBytes;
            end = range.BusAddress + (ulong)range.LengthBytes;
        }

        Assert.InRange(runs, 3, ranges.Count / 2);
        return runs;
    }

    private int Send(int socket, params PageRange[] ranges) =>
        sockets!.SendLent(owner!.Context, socket, new DomainId(Owner), ranges, SocketFlags.None).Value;

    /// <summary>Sends parts of pages where they lie, with copied bytes of any number between them.</summary>
    private byte[] SendAll(int socket, PageBuffer[] pages)
    {
        var random = new Random(12);
        var sent = new MemoryStream();
        foreach (PageBuffer page in pages)
        {
            byte[] data = page.Borrow(owner!.Context).ToArray();
            int copied = random.Next(3) switch { 0 => 0, 1 => random.Next(1, 20), _ => random.Next(1, PageBytes) };
            SendCopy(socket, data.AsSpan(0, copied));
            sent.Write(data, 0, copied);

            int length = random.Next(2) == 0 ? PageBytes : random.Next(StackLimits.LentBytesMin, PageBytes);
            PageRange range = RangeOf(page) with { LengthBytes = length };
            range.BusAddress += (ulong)(PageBytes - length);
            while (Send(socket, range) == 0)
            {
                Step(socket);
            }

            sent.Write(data, PageBytes - length, length);
        }

        return sent.ToArray();
    }

    private void SendCopy(int socket, ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
        {
            Reply<int, SocketError> reply = sockets!.Send(owner!.Context, socket, data, SocketFlags.None);
            data = data[(reply.IsOk ? reply.Value : 0)..];
            if (data.Length > 0)
            {
                Step(socket);
            }
        }
    }
}
