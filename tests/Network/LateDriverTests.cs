using RedLeafSharp.Contracts;
using RedLeafSharp.Machine.E1000e;
using RedLeafSharp.Tests.BlockDevices;
using Xunit;

namespace RedLeafSharp.Tests.Network;

/// <summary>A shadow whose driver comes later, goes, and comes again.</summary>
public class LateDriverTests
{
    [Fact]
    public void Shadow_WithoutADriver_IsALinkThatIsDown()
    {
        using NetClient client = NetLinkBackend.Client(new NetRig(), out _, isLoaded: false);
        Assert.False(client.Device.GetLink(client.Context).Value.IsUp);
        Assert.Equal(0, client.Post(0, 4));
        Assert.Equal(2, client.SendBatch([Frames.Plain(100, 1, Frames.Other), Frames.Plain(101, 2, Frames.Other)]));
        Assert.True(client.Device.Arm(client.Context) is { IsOk: true, Value: true });
        Assert.Equal(2, client.Poll());
        Assert.Equal(2, client.Sent.Count);
        Assert.True(client.Device.Arm(client.Context) is { IsOk: true, Value: false });
        Assert.Equal(2, client.Device.GetStatistics(client.Context).Value.SendErrors);
    }

    [Fact]
    public void Driver_LoadedLater_HasWhatWasAskedBefore()
    {
        var rig = new NetRig();
        using NetClient client = NetLinkBackend.Client(rig, out TestServices services, isLoaded: false);
        MacAddress group = new(0x01005E112233);
        Assert.True(client.Device.SetReceiveFilter(client.Context, ReceiveFilter.None, [group]).IsOk);
        client.Signal.IsSignaled = false;

        ((NetLinkBackend)services.Link!).ChangeLoad(isThere: true);

        Assert.True(client.Signal.IsSignaled);
        Assert.True(client.Device.Arm(client.Context) is { IsOk: true, Value: true });
        Assert.True(client.Device.Poll(client.Context, new ReceivedFrame[32]).Value.HasLinkChanged);
        Assert.True(client.Device.GetLink(client.Context).Value.IsUp);
        Assert.Equal(Frames.Station, client.Device.GetInfo(client.Context).Value.Address.Value);
        AssertWorks(client, firstBuffer: 0, group.Value);
        Assert.Empty(rig.Faults);
    }

    /// <summary>The device further down goes on writing into the buffers that the filter has handed on.</summary>
    [Fact]
    public void Filter_TakenAway_KeepsItsBuffersUntilTheNextOneHasStarted()
    {
        using NetClient client = NetLinkBackend.Client(new NetRig().Started(), out TestServices services, isFilter: true);
        var link = (NetLinkBackend)services.Link!;
        Assert.Equal(6, client.Post(0, 6));
        link.ChangeLoad(isThere: false);

        Assert.Equal(0, client.Poll());
        Assert.Equal(1, client.SendBatch([Frames.Plain(100, 1, Frames.Other)]));
        Assert.Equal(1, client.Poll());
        Assert.Equal(0, client.Poll());
        Assert.Single(client.Sent);
        Assert.Empty(client.Arrivals);
        Assert.True(client.Device.Arm(client.Context) is { IsOk: true, Value: false });

        link.ChangeLoad(isThere: true);
        client.Await(() => client.Arrivals.Count == 6, "all buffers");
        Assert.All(client.Arrivals, arrival => Assert.Equal(ReceiveFlags.Unfilled, arrival.Frame.Flags));
        client.Await(() => client.Device.GetLink(client.Context).Value.IsUp, "the link");
        Assert.Equal(6, client.Post(0, 6));
    }

    /// <summary>It may have handed the frame on before it died, so the device further down may still read it.</summary>
    [Fact]
    public void Filter_ThatDiesOfAFrame_KeepsItUntilTheNextOneHasStarted()
    {
        var faults = new CrashAtRegister { IsAfter = true };
        var rig = new NetRig(new E1000eOptions { Faults = faults });
        using NetClient client = NetLinkBackend.Client(rig.Started(), out TestServices services, isFilter: true);
        var link = (NetLinkBackend)services.Link!;
        client.Await(() => client.Device.GetLink(client.Context).Value.IsUp, "the link");
        link.IsLoaded = false;
        faults.CrashAt = faults.Accesses + 1;

        Assert.Equal(1, client.SendBatch([Frames.Plain(100, 1, Frames.Other)]));
        Assert.Equal(1, link.Deaths);
        for (int round = 0; round < 10; round++)
        {
            _ = client.Poll();
        }

        Assert.Empty(client.Sent);

        link.ChangeLoad(isThere: true);
        client.Await(() => client.Sent.Count == 1, "the frame");
    }

    [Fact]
    public void Driver_TakenAway_EverythingIsGivenBackAndTheNextWorks()
    {
        var rig = new NetRig();
        using NetClient client = NetLinkBackend.Client(rig.Started(), out TestServices services);
        var link = (NetLinkBackend)services.Link!;
        Assert.Equal(6, client.Post(0, 6));
        client.Signal.IsSignaled = false;

        link.ChangeLoad(isThere: false);

        Assert.True(client.Signal.IsSignaled);
        Assert.Equal(1, client.SendBatch([Frames.Plain(100, 1, Frames.Other)]));
        client.Await(() => client.Arrivals.Count == 6 && client.Sent.Count == 1, "all buffers and frames");
        Assert.All(client.Arrivals, arrival => Assert.Equal(ReceiveFlags.Unfilled, arrival.Frame.Flags));
        Assert.False(client.Device.GetLink(client.Context).Value.IsUp);
        Assert.False(client.Device.Arm(client.Context).Value);

        link.ChangeLoad(isThere: true);
        client.Arrivals.Clear();
        AssertWorks(client, firstBuffer: 0, Frames.Station);
        Assert.Empty(rig.Faults);
    }

    /// <summary>The operator loads another one after the shadow has given up.</summary>
    [Fact]
    public void Driver_LoadedAfterItsDeviceWasGivenUp_WorksAgain()
    {
        var rig = new NetRig();
        using NetClient client = NetLinkBackend.Client(rig.Started(), out TestServices services);
        var link = (NetLinkBackend)services.Link!;
        link.GivesUp = true;
        link.ChangeLoad(isThere: false);
        Assert.Equal(NetError.DeviceFailed, PollError(client));
        Assert.Equal(NetError.DeviceFailed, PollError(client));
        link.GivesUp = false;
        link.ChangeLoad(isThere: true);
        AssertWorks(client, firstBuffer: 0, Frames.Station);
    }

    private static NetError PollError(NetClient client)
    {
        _ = client.Device.Poll(client.Context, new ReceivedFrame[32]);
        return client.Device.Poll(client.Context, new ReceivedFrame[32]).Error;
    }

    /// <summary>Frames pass in both directions.</summary>
    private static void AssertWorks(NetClient client, int firstBuffer, ulong destination)
    {
        _ = client.Poll();
        Assert.Equal(4, client.Post(firstBuffer, 4));
        byte[] incoming = Frames.Plain(200, 7, destination);
        client.PeerSends(incoming);
        Assert.Equal(incoming, client.Receive().Bytes);
        byte[] outgoing = Frames.Plain(150, 9, Frames.Other);
        client.Send(outgoing);
        Assert.Equal(outgoing, client.PeerTakes());
    }
}
