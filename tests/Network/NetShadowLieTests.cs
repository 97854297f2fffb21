using RedLeafSharp.Contracts;
using RedLeafSharp.Tests.BlockDevices;
using Xunit;

namespace RedLeafSharp.Tests.Network;

/// <summary>A driver that tells of buffers and frames what cannot be is replaced, and no buffer or frame comes back twice, or never.</summary>
public class NetShadowLieTests
{
    private const int BufferCount = 8;
    private const int FrameCount = 4;
    private const int PieceBytes = 60;

    [Theory]
    [InlineData("longer than its buffer")]
    [InlineData("of negative length")]
    [InlineData("more than are posted")]
    [InlineData("more than there is room for")]
    [InlineData("a negative number")]
    public void Driver_ThatLiesAboutBuffers_IsReplaced(string lie)
    {
        using NetClient client = NetLinkBackend.Client(new NetRig().Started(), out TestServices services);
        ((NetLinkBackend)services.Link!).PollLie = LieOnce((frames, progress) =>
        {
            if (progress.ReceivedCount == 0)
            {
                return null;
            }

            switch (lie)
            {
                case "longer than its buffer":
                    frames[0].LengthBytes = NetClient.BufferBytes + 1;
                    return progress;
                case "of negative length":
                    frames[0].LengthBytes = -1;
                    return progress;
            }

            int count = lie switch
            {
                "more than are posted" => BufferCount + 1,
                "more than there is room for" => frames.Length + 1,
                _ => -1,
            };
            return progress with { ReceivedCount = count };
        });
        Assert.Equal(BufferCount, client.Post(0, BufferCount));
        client.PeerSends(Frames.Plain(100, 1, Frames.Station));
        client.Await(() => Statistics(client, services).Lies > 0, "the lie to be found out");

        Assert.True(client.Device.Recall(client.Context).IsOk);
        client.Await(() => client.Arrivals.Count >= BufferCount, "all buffers");
        Assert.Equal(BufferCount, client.Arrivals.Count);
        Assert.Equal((1, 1), (Statistics(client, services).Lies, Statistics(client, services).Recoveries));
    }

    [Theory]
    [InlineData("more than it has")]
    [InlineData("a part of one")]
    [InlineData("a negative number")]
    public void Driver_ThatLiesAboutFrames_IsReplaced(string lie)
    {
        using NetClient client = NetLinkBackend.Client(new NetRig().Started(), out TestServices services);
        ((NetLinkBackend)services.Link!).PollLie = LieOnce((_, progress) => progress.SentCount < 2 * FrameCount
            ? null
            : progress with
            {
                SentCount = lie switch
                {
                    "more than it has" => progress.SentCount + 1,
                    "a part of one" => progress.SentCount - 1,
                    _ => -1,
                },
            });
        Assert.Equal(2 * FrameCount, client.Submit(TwoPieces(client)).Value);

        client.Await(() => client.Sent.Count >= FrameCount, "all frames");
        client.Send(Frames.Plain(100, 9, Frames.Other));
        Assert.Equal([1, 2, 3, 4, 5], client.Sent);
        Assert.Equal((1, 1), (Statistics(client, services).Lies, Statistics(client, services).Recoveries));
    }

    [Theory]
    [InlineData("a part of one")]
    [InlineData("a part of the last one, which has no end")]
    public void Driver_ThatTakesAPartOfAFrame_IsReplaced(string lie)
    {
        using NetClient client = NetLinkBackend.Client(new NetRig().Started(), out TestServices services);
        var link = (NetLinkBackend)services.Link!;
        link.SendLie = given =>
        {
            link.SendLie = null;
            return lie == "a part of one" ? 1 : given.Length;
        };
        TransmitEntry[] frames = TwoPieces(client);
        TransmitEntry[] offered = lie == "a part of one" ? frames : [.. frames, frames[0]];

        Assert.Equal(frames.Length, client.Submit(offered).Value);
        client.Await(() => client.Sent.Count == FrameCount, "all frames");
        Assert.Equal((1, 1), (Statistics(client, services).Lies, Statistics(client, services).Recoveries));
        for (int frame = 0; frame < FrameCount; frame++)
        {
            Assert.Equal(Frames.Plain(100, frame, Frames.Other), client.PeerTakes());
        }
    }

    /// <summary>A frame that a driver says is malformed, and is not, must not hold up those behind it.</summary>
    [Fact]
    public void Driver_ThatRefusesAFrameForGood_HasItGivenBackUnsent()
    {
        using NetClient client = NetLinkBackend.Client(new NetRig().Started(), out TestServices services);
        var link = (NetLinkBackend)services.Link!;
        int refusals = 0;
        link.SendLie = _ =>
        {
            link.SendLie = ++refusals == 2 ? null : link.SendLie;
            return NetError.InvalidFrame;
        };
        Assert.Equal(2 * FrameCount, client.Submit(TwoPieces(client)).Value);

        client.Await(() => client.Sent.Count == FrameCount, "all frames");
        Assert.Equal(1, Statistics(client, services).Abandoned);
        for (int frame = 1; frame < FrameCount; frame++)
        {
            Assert.Equal(Frames.Plain(100, frame, Frames.Other), client.PeerTakes());
        }
    }

    /// <summary>Whoever arms to wait must not wait for a frame that is to be given back.</summary>
    [Fact]
    public void Client_ThatArmsBehindAFrameRefusedForGood_IsToldToPoll()
    {
        using NetClient client = NetLinkBackend.Client(new NetRig().Started(), out TestServices services);
        var link = (NetLinkBackend)services.Link!;
        client.Await(() => client.Device.Arm(client.Context) is { IsOk: true, Value: false }, "nothing to poll for");
        link.SendLie = _ => NetError.InvalidFrame;
        Assert.Equal(1, client.SendBatch([Frames.Plain(100, 1, Frames.Other)]));

        Assert.True(client.Device.Arm(client.Context) is { IsOk: true, Value: true });
        client.Await(() => client.Sent.Count == 1, "the frame to be given back");
        Assert.Equal(1, Statistics(client, services).Abandoned);
    }

    /// <summary>A frame with which every driver lies is given back, too, before the supervisor has lost patience.</summary>
    [Fact]
    public void Frame_ThatEachDriverTakesAPartOf_IsGivenBackUnsent()
    {
        using NetClient client = NetLinkBackend.Client(new NetRig().Started(), out TestServices services);
        ((NetLinkBackend)services.Link!).SendLie = given => given[0].LengthBytes == PieceBytes ? 1 : given.Length;
        Assert.Equal(2, client.Submit(client.Place(Frames.Plain(100, 1, Frames.Other), pieceBytes: PieceBytes)).Value);

        client.Await(() => client.Sent.Count == 1, "the frame to be given back");
        NetShadowStatistics statistics = Statistics(client, services);
        Assert.Equal((1, 2, false), (statistics.Abandoned, statistics.Lies, statistics.HasGivenUp));
    }

    /// <summary>A driver may take what the shadow would not have handed on; the next one is not asked to.</summary>
    [Fact]
    public void Frame_LongerThanAnyAdmitted_IsGivenBackWhenItsDriverDies()
    {
        using NetClient client = NetLinkBackend.Client(new NetRig().Started(), out TestServices services);
        var link = (NetLinkBackend)services.Link!;
        link.SendLie = given => given.Length;
        TransmitEntry[] frame = client.Place(Frames.Plain(140, 1, Frames.Other), pieceBytes: 2);
        Assert.Equal(70, frame.Length);
        Assert.Equal(70, client.Submit(frame).Value);
        link.PollLie = LieOnce((_, progress) => progress with { SentCount = -1 });

        client.Await(() => client.Sent.Count == 1, "the frame to be given back");
        NetShadowStatistics statistics = Statistics(client, services);
        Assert.Equal((1, 1, false), (statistics.Abandoned, statistics.Lies, statistics.HasGivenUp));
    }

    private static TransmitEntry[] TwoPieces(NetClient client) =>
        [.. Enumerable.Range(0, FrameCount).SelectMany(frame => client.Place(Frames.Plain(100, frame, Frames.Other), pieceBytes: PieceBytes))];

    /// <summary>A lie that is told the first time it can be.</summary>
    private static Func<ReceivedFrame[], NetProgress, NetProgress> LieOnce(Func<ReceivedFrame[], NetProgress, NetProgress?> lie)
    {
        bool hasLied = false;
        return (frames, progress) =>
        {
            NetProgress? told = hasLied ? null : lie(frames, progress);
            hasLied |= told is not null;
            return told ?? progress;
        };
    }

    private static NetShadowStatistics Statistics(NetClient client, TestServices services) =>
        ((INetShadowStatistics)services.Provided[typeof(INetShadowStatistics)]).GetShadowStatistics(client.Context).Value;
}
