using RedLeafSharp.Contracts;
using RedLeafSharp.Machine.E1000e;
using RedLeafSharp.Tests.BlockDevices;
using Xunit;

namespace RedLeafSharp.Tests.Network;

/// <summary>The contract, through the shadow.</summary>
public class NetShadowContractTests : NetDeviceContractTests
{
    internal override NetClient CreateClient(params (string Name, object Value)[] settings)
    {
        var rig = new NetRig();
        E1000eContractTests.Configure(rig, settings);
        return NetLinkBackend.Client(rig.Started(), out _);
    }
}

/// <summary>Drivers that die, and what those above the shadow notice.</summary>
public class NetShadowTests
{
    private const int FrameCount = 24;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Traffic_WhoseDriverDiesAtAnyRegisterAccess_GoesOn(bool isAfter)
    {
        long points = Run(-1, 0, isAfter, out _);
        Assert.InRange(points, 10, 1000);
        for (long point = 1; point <= points; point++)
        {
            Run(point, 0, isAfter, out NetShadowStatistics statistics);
            Assert.Equal(1, statistics.Recoveries);
        }
    }

    [Theory]
    [InlineData(1150)]
    [InlineData(1197)]
    [InlineData(1209)]
    public void Traffic_WhoseDriversDieAgainAndAgain_GoesOn(int every)
    {
        Run(7, every, isAfter: false, out NetShadowStatistics statistics);
        Assert.True(statistics.Recoveries >= 1);
        Assert.False(statistics.HasGivenUp);
    }

    /// <summary>What is sent while everything is given back is not the driver's; it may be sent again afterwards.</summary>
    [Fact]
    public void Frame_SentWhileEverythingIsGivenBack_IsNotTaken()
    {
        const int Buffers = 20;
        using NetClient client = NetLinkBackend.Client(new NetRig().Started(), out TestServices services);
        Assert.Equal(Buffers, client.Post(0, Buffers));
        Assert.True(client.Device.Recall(client.Context).IsOk);
        TransmitEntry[] frame = client.Place(Frames.Plain(100, 1, Frames.Other));
        Assert.Equal(0, client.Submit(frame).Value);
        client.Await(() => client.Arrivals.Count == Buffers, "all buffers");
        Assert.Empty(client.Sent);

        client.Await(() => client.Submit(frame).Value == 1, "the frame to be taken");
        client.Await(() => client.Sent.Count == 1, "the frame to be sent");
        var shadow = (INetShadowStatistics)services.Provided[typeof(INetShadowStatistics)];
        NetShadowStatistics statistics = shadow.GetShadowStatistics(client.Context).Value;
        Assert.Equal((0, 0), (statistics.Lies, statistics.Recoveries));
    }

    [Fact]
    public void Filters_AndVlans_AreSetAgain()
    {
        var faults = new CrashAtRegister();
        using NetClient client = NetLinkBackend.Client(new NetRig(new E1000eOptions { Faults = faults }).Started(), out _);
        MacAddress group = new(0x01005E112233);
        Assert.True(client.Device.SetReceiveFilter(client.Context, ReceiveFilter.None, [group]).IsOk);
        Assert.True(client.Device.SetVlans(client.Context, [7]).IsOk);
        client.Post(0, 8);
        Die(client, faults);
        client.PeerSends(Frames.Plain(100, 1, MacAddress.Broadcast.Value));
        client.PeerSends(Frames.Plain(101, 2, group.Value));
        client.PeerSends(Frames.Ethernet(Frames.Station, 0x88B5, Frames.Pattern(88, 3), tag: 8));
        client.PeerSends(Frames.Ethernet(Frames.Station, 0x88B5, Frames.Pattern(89, 4), tag: 7));
        client.Await(() => client.Arrivals.Count == 2, "the two that pass");
        Assert.Equal([101, 103], client.Arrivals.Select(arrival => arrival.Bytes.Length));
    }

    [Fact]
    public void Client_ThatWaitsWhenTheDriverDies_IsWoken()
    {
        var faults = new CrashAtRegister();
        using NetClient client = NetLinkBackend.Client(new NetRig(new E1000eOptions { Faults = faults }).Started(), out _);
        client.Post(0, 8);
        client.Await(() => client.Device.Arm(client.Context) is { IsOk: true, Value: false }, "nothing to poll for");
        client.Signal.IsSignaled = false;
        Die(client, faults);
        Assert.True(client.Signal.IsSignaled);
        client.Await(() => client.Device.Arm(client.Context) is { IsOk: true, Value: false }, "nothing to poll for");
        byte[] frame = Frames.Plain(100, 1);
        client.PeerSends(frame);
        Assert.Equal(WaitResult.Signaled, client.Signal.Wait(client.Context, 1_000_000));
        Assert.Equal(frame, client.Receive().Bytes);
    }

    [Fact]
    public void Pages_AfterADeath_CanBeTakenBack()
    {
        var faults = new CrashAtRegister();
        var rig = new NetRig(new E1000eOptions { Faults = faults });
        using NetClient client = NetLinkBackend.Client(rig.Started(), out _);
        PageBuffer page = PageBuffer.Allocate(client.Context);
        ulong bus = page.Lend(client.Context, LoanAccess.DeviceReads);
        Assert.True(client.Device.Register(client.Context, [bus], LoanAccess.DeviceReads).IsOk);
        Assert.Equal(NetError.NotLent, client.Device.Register(client.Context, [bus], LoanAccess.DeviceReads).Error);
        Die(client, faults);
        Assert.True(client.Device.Unregister(client.Context, [bus]).IsOk);
        page.EndLoan(client.Context);
        PageBuffer.Free(client.Context, ref page);
    }

    /// <summary>Also if the stack waits and does not poll meanwhile.</summary>
    [Fact]
    public void Frames_ThatADriverWithholds_AreGivenBackByTheNext()
    {
        var rig = new NetRig();
        using NetClient client = NetLinkBackend.Client(rig.Started(), out TestServices services);
        var link = (NetLinkBackend)services.Link!;
        uint first = rig.Generation;
        link.WithholdsSent = true;
        Assert.Equal(1, client.SendBatch([Frames.Plain(100, 1, Frames.Other)]));
        _ = client.Poll();
        for (int second = 0; second < 20 && rig.Generation == first; second++)
        {
            rig.Scheduler.Advance(1_000_000);
            Assert.True(client.Device.Arm(client.Context).IsOk);
        }

        Assert.Equal(first + 1, rig.Generation);
        link.WithholdsSent = false;
        client.Await(() => client.Sent.Count == 1, "the frame");
    }

    /// <summary>Sends and receives frames with a driver that dies somewhere; returns the register accesses that this took.</summary>
    private static long Run(long crashAt, long every, bool isAfter, out NetShadowStatistics statistics)
    {
        var faults = new CrashAtRegister { IsAfter = isAfter };
        var rig = new NetRig(new E1000eOptions { Faults = faults });
        using NetClient client = NetLinkBackend.Client(rig.Started(), out TestServices services);
        byte[][] outgoing = [.. Enumerable.Range(0, FrameCount).Select(each => Frames.Plain(100 + each, each, Frames.Other))];
        byte[][] incoming = [.. Enumerable.Range(0, FrameCount).Select(each => Frames.Plain(200 + each, each))];
        long before = faults.Accesses;
        (faults.CrashAt, faults.Every) = (crashAt < 0 ? -1 : before + crashAt, every);
        int posted = 0;
        for (int batch = 0; batch < FrameCount; batch += 4)
        {
            posted += client.Post(posted, 8);
            Array.ForEach(incoming[batch..(batch + 4)], client.PeerSends);
            Assert.Equal(4, client.SendBatch(outgoing[batch..(batch + 4)]));
            client.Await(() => client.Sent.Count == batch + 4, "the frames");
            for (int step = 0; step < 4; step++)
            {
                _ = rig.Controller!.Step();
                _ = client.Poll();
            }

            _ = client.Device.Arm(client.Context);
        }

        long accesses = faults.Accesses - before;
        faults.CrashAt = -1;
        AssertOutgoing(client, outgoing);
        statistics = ((INetShadowStatistics)services.Provided[typeof(INetShadowStatistics)]).GetShadowStatistics(client.Context).Value;
        AssertIncoming(client, incoming, posted, mayLose: statistics.Recoveries > 0);
        Assert.Equal(0, statistics.Lies);
        Assert.Empty(rig.Faults);
        Assert.Empty(rig.Complaints);
        return accesses;
    }

    /// <summary>Each frame once or twice, in order but for what a recovery repeats.</summary>
    private static void AssertOutgoing(NetClient client, byte[][] outgoing)
    {
        Assert.Equal(outgoing.Length, client.Sent.Count);
        var counts = new int[outgoing.Length];
        while (client.TryTakeAtPeer() is { } frame)
        {
            int index = frame.Length - 100;
            Assert.Equal(outgoing[index], frame);
            counts[index]++;
        }

        Assert.All(counts, count => Assert.InRange(count, 1, 2));
    }

    /// <summary>Frames in order, whole, none twice; and every buffer back exactly once.</summary>
    private static void AssertIncoming(NetClient client, byte[][] incoming, int posted, bool mayLose)
    {
        Assert.True(client.Device.Recall(client.Context).IsOk);
        client.Await(() => client.Arrivals.Count >= posted, "all buffers");
        Assert.Equal(posted, client.Arrivals.Count);
        int last = -1;
        int count = 0;
        foreach (Arrival arrival in client.Arrivals.Where(arrival => !arrival.Frame.Flags.HasFlag(ReceiveFlags.Unfilled)))
        {
            int index = arrival.Bytes.Length - 200;
            Assert.Equal(incoming[index], arrival.Bytes);
            Assert.True(index > last);
            last = index;
            count++;
        }

        Assert.True(mayLose || count == incoming.Length, $"{count} frames");
    }

    private static void Die(NetClient client, CrashAtRegister faults)
    {
        faults.CrashAt = faults.Accesses + 1;
        Assert.True(client.Device.GetLink(client.Context).IsOk);
    }
}
