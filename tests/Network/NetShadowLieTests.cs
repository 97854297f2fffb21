using RedLeafSharp.Contracts;
using RedLeafSharp.Tests.BlockDevices;
using Xunit;

namespace RedLeafSharp.Tests.Network;

/// <summary>A driver that tells of buffers and frames what cannot be is replaced, and no buffer or frame comes back twice, or never.</summary>
public class NetShadowLieTests
{
    private const int BufferCount = 8;
    private const int FrameCount = 4;

    [Theory]
    [InlineData("twice")]
    [InlineData("guessed")]
    [InlineData("outdated")]
    [InlineData("of no slot")]
    [InlineData("longer than its buffer")]
    [InlineData("of negative length")]
    [InlineData("more than there is room for")]
    [InlineData("a negative number")]
    public void Driver_ThatLiesAboutBuffers_IsReplaced(string lie)
    {
        using NetClient client = NetLinkBackend.Client(new NetRig().Started(), out TestServices services);
        var told = new List<ulong>();
        ((NetLinkBackend)services.Link!).PollLie = LieOnce((frames, _, progress) =>
        {
            if (progress.ReceivedCount > 0)
            {
                told.Add(frames[0].Tag);
            }

            if (told.Count < (lie == "outdated" ? 2 : 1))
            {
                return null;
            }

            ref ReceivedFrame extra = ref frames[progress.ReceivedCount];
            extra = frames[0];
            switch (lie)
            {
                case "guessed":
                    extra.Tag += 1 << 12;
                    break;
                case "outdated":
                    extra.Tag = told[0];
                    break;
                case "of no slot":
                    extra.Tag = 4_095;
                    break;
                case "longer than its buffer":
                    frames[0].LengthBytes = NetClient.BufferBytes + 1;
                    return progress;
                case "of negative length":
                    frames[0].LengthBytes = -1;
                    return progress;
            }

            int count = lie switch
            {
                "more than there is room for" => frames.Length + 1,
                "a negative number" => -1,
                _ => progress.ReceivedCount + 1,
            };
            return progress with { ReceivedCount = count };
        });
        Assert.Equal(BufferCount, client.Post(0, BufferCount));
        for (int frame = 0; frame < FrameCount && Statistics(client, services).Lies == 0; frame++)
        {
            int before = client.Arrivals.Count;
            client.PeerSends(Frames.Plain(100 + frame, 1, Frames.Station));
            client.Await(() => client.Arrivals.Count > before || Statistics(client, services).Lies > 0, "the frame, or the lie to be found out");
        }

        Assert.Equal(1, Statistics(client, services).Lies);
        Assert.True(client.Device.Recall(client.Context).IsOk);
        client.Await(() => client.Arrivals.Count >= BufferCount, "all buffers");
        Assert.Equal(Enumerable.Range(0, BufferCount), client.Arrivals.Select(arrival => (int)arrival.Frame.Tag).Order());
        Assert.Equal(1, Statistics(client, services).Recoveries);
    }

    [Theory]
    [InlineData("twice")]
    [InlineData("out of order")]
    [InlineData("before it is handed over")]
    [InlineData("more than there is room for")]
    [InlineData("a negative number")]
    public void Driver_ThatLiesAboutFrames_IsReplaced(string lie)
    {
        using NetClient client = NetLinkBackend.Client(new NetRig().Started(), out TestServices services);
        ((NetLinkBackend)services.Link!).PollLie = LieOnce((_, tags, progress) =>
        {
            if (progress.SentCount < FrameCount)
            {
                return null;
            }

            switch (lie)
            {
                case "twice":
                    tags[1] = tags[0];
                    return progress;
                case "out of order":
                    (tags[0], tags[1]) = (tags[1], tags[0]);
                    return progress;
                case "before it is handed over":
                    tags[progress.SentCount] = tags[progress.SentCount - 1] + 1;
                    return progress with { SentCount = progress.SentCount + 1 };
                default:
                    return progress with { SentCount = lie == "a negative number" ? -1 : tags.Length + 1 };
            }
        });
        Assert.Equal(FrameCount, client.SendBatch([.. Enumerable.Range(0, FrameCount).Select(frame => Frames.Plain(100, frame, Frames.Other))]));

        client.Await(() => client.Sent.Count >= FrameCount, "all frames");
        client.Send(Frames.Plain(100, 9, Frames.Other));
        Assert.Equal([1, 2, 3, 4, 5], client.Sent);
        Assert.Equal((1, 1), (Statistics(client, services).Lies, Statistics(client, services).Recoveries));
    }

    /// <summary>A lie that is told the first time it can be.</summary>
    private static Func<ReceivedFrame[], ulong[], NetProgress, NetProgress> LieOnce(
        Func<ReceivedFrame[], ulong[], NetProgress, NetProgress?> lie)
    {
        bool hasLied = false;
        return (frames, tags, progress) =>
        {
            NetProgress? told = hasLied ? null : lie(frames, tags, progress);
            hasLied |= told is not null;
            return told ?? progress;
        };
    }

    private static NetShadowStatistics Statistics(NetClient client, TestServices services) =>
        ((INetShadowStatistics)services.Provided[typeof(INetShadowStatistics)]).GetShadowStatistics(client.Context).Value;
}
