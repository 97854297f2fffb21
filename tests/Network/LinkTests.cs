using System.Buffers.Binary;
using System.Diagnostics;
using RedLeafSharp.Machine.Links;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Network;

/// <summary>Links that disturb what they carry, or write it down.</summary>
public class LinkTests
{
    private const int FrameCount = 400;

    private long now;

    [Fact]
    public void Link_WithoutDisturbance_CarriesAllInOrder() =>
        Assert.Equal(Enumerable.Range(0, FrameCount), Run(new Disturbance { Seed = 1 }));

    [Fact]
    public void Disturbances_OfTheSameSeed_DoTheSame()
    {
        var disturbance = new Disturbance
        {
            Seed = 7,
            LossPermille = 100,
            DuplicationPermille = 100,
            ReorderingPermille = 300,
            ReorderingMicros = 50,
        };
        List<int> first = Run(disturbance);
        Assert.Equal(first, Run(disturbance));
        Assert.NotEqual(first, Run(disturbance with { Seed = 8 }));
        Assert.NotEqual(first, first.Order());
        Assert.True(first.Count > first.Distinct().Count());
        Assert.InRange(first.Distinct().Count(), FrameCount * 8 / 10, FrameCount - 1);
    }

    [Fact]
    public void Corruption_OfEveryFrame_TurnsOneBit()
    {
        var pair = new WirePair();
        using var link = new DisturbedLink(pair.First, new Disturbance { Seed = 3, CorruptionPermille = 1000 }, () => now);
        byte[] frame = new byte[100];
        link.Send(frame, default);
        Assert.True(pair.Second.TryPeek(out ReadOnlySpan<byte> arrived, out _));
        int bits = 0;
        foreach (byte one in arrived)
        {
            bits += int.PopCount(one);
        }

        Assert.Equal(1, bits);
    }

    [Fact]
    public void Delay_AndRate_KeepFramesOnTheirWay()
    {
        var pair = new WirePair();
        using var link = new DisturbedLink(
            pair.First, new Disturbance { Seed = 1, DelayMicros = 100, BytesPerSecond = 1_000_000 }, () => now);
        link.Send(new byte[50], default);
        link.Send(new byte[50], default);
        now = 149;
        Assert.False(link.TryPeek(out _, out _));
        Assert.False(pair.Second.TryPeek(out _, out _));
        now = 150;
        _ = link.TryPeek(out _, out _);
        Assert.True(pair.Second.TryPeek(out _, out _));
        pair.Second.Take();
        Assert.True(link.HasInFlight);
        now = 200;
        _ = link.TryPeek(out _, out _);
        Assert.True(pair.Second.TryPeek(out _, out _));
        Assert.False(link.HasInFlight);
    }

    [Fact]
    public void PcapFile_HoldsBothDirectionsOnce()
    {
        var pair = new WirePair();
        var file = new MemoryStream();
        using var link = new PcapLink(pair.First, file, () => 1_700_000_000_000_123);
        link.Send(new byte[60], default);
        pair.Second.Send(new byte[70], default);
        Assert.True(link.TryPeek(out _, out _));
        Assert.True(link.TryPeek(out _, out _));
        link.Take();
        ReadOnlySpan<byte> bytes = file.ToArray();
        Assert.Equal(24 + 16 + 60 + 16 + 70, bytes.Length);
        Assert.Equal(0xA1B2C3D4, BinaryPrimitives.ReadUInt32LittleEndian(bytes));
        Assert.Equal(1_700_000_000u, BinaryPrimitives.ReadUInt32LittleEndian(bytes[24..]));
        Assert.Equal(123u, BinaryPrimitives.ReadUInt32LittleEndian(bytes[28..]));
        Assert.Equal(70, BinaryPrimitives.ReadInt32LittleEndian(bytes[108..]));
    }

    [Fact]
    public void PcapFile_IsPlayedAtItsTimes()
    {
        var pair = new WirePair();
        var file = new MemoryStream();
        long clock = 5_000_000;
        var writer = new PcapLink(pair.First, file, () => clock);
        writer.Send(Frames.Plain(60, 1), default);
        clock += 250;
        writer.Send(Frames.Plain(1514, 2), default);
        using var player = new PcapReplayLink(new MemoryStream(file.ToArray()), () => now);
        Assert.True(player.TryPeek(out ReadOnlySpan<byte> frame, out _));
        Assert.Equal(Frames.Plain(60, 1), frame.ToArray());
        player.Take();
        now += 249;
        Assert.False(player.TryPeek(out _, out _));
        Assert.True(player.HasInFlight);
        now++;
        Assert.True(player.TryPeek(out frame, out _));
        Assert.Equal(Frames.Plain(1514, 2), frame.ToArray());
        player.Take();
        Assert.False(player.HasInFlight);
        Assert.Throws<IOException>(() => new PcapReplayLink(new MemoryStream(new byte[24]), () => 0));
    }

    [FactNeeding(Need.Tcpdump)]
    public void PcapFile_IsReadByTcpdump()
    {
        string path = Path.GetTempFileName();
        try
        {
            var pair = new WirePair();
            using (var link = new PcapLink(pair.First, File.Create(path), () => 1_700_000_000_000_123))
            {
                link.Send(Frames.Ip(isIPv6: false, isTcp: true, Frames.Pattern(100, 1), isFinished: true), default);

                // The checksum is left to the link; in the file it is made.
                var state = new FrameState { NeedsChecksum = true, ChecksumStart = 34, ChecksumOffset = 16 };
                byte[] unfinished = Frames.Ip(isIPv6: false, isTcp: true, Frames.Pattern(80, 2), isFinished: false);
                BinaryPrimitives.WriteUInt16BigEndian(unfinished.AsSpan(24), 0);
                BinaryPrimitives.WriteUInt16BigEndian(unfinished.AsSpan(24), (ushort)~Frames.Sum(unfinished.AsSpan(14, 20)));
                link.Send(unfinished, in state);
            }

            (int status, string output) = Outside.Run("tcpdump", "-r", path, "-n", "-vv", "-tt");
            Assert.Equal(0, status);
            Assert.Contains("1700000000.000123", output, StringComparison.Ordinal);
            Assert.Equal(2, output.Split("(correct)").Length - 1);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Switch_LearnsWhereStationsAre()
    {
        var hub = new FrameSwitch(3);
        byte[] toUnknown = Frames.Plain(60, 1);
        hub.Ports[0].Send(toUnknown, default);
        Assert.Equal([false, true, true], Arrived(hub));
        byte[] answer = Frames.Plain(60, 2, Frames.Other);
        answer[11]++;
        hub.Ports[2].Send(answer, default);
        Assert.Equal([true, false, false], Arrived(hub));
    }

    [Fact]
    public void Switch_SendsToAKnownStationAlone_AndGroupsToAll()
    {
        var hub = new FrameSwitch(3);
        byte[] announcement = Frames.Plain(60, 1, 0xFFFF_FFFF_FFFF);
        hub.Ports[1].Send(announcement, default);
        Assert.Equal([true, false, true], Arrived(hub));
        hub.Ports[0].Send(Frames.Plain(60, 2, Frames.Other), default);
        Assert.Equal([false, false, false], Arrived(hub)); // the same station has sent from port 0 now
        hub.Ports[1].Send(announcement, default);
        _ = Arrived(hub);
        byte[] fromElsewhere = Frames.Plain(60, 3, Frames.Other);
        fromElsewhere[11]++;
        hub.Ports[2].Send(fromElsewhere, default);
        Assert.Equal([false, true, false], Arrived(hub));
    }

    [FactNeeding(Need.Vde)]
    public void VdeSwitch_CarriesFramesBetweenTwoPorts()
    {
        string folder = Directory.CreateTempSubdirectory("rlvde").FullName;
        Process hub = Process.Start(new ProcessStartInfo("vde_switch", ["-s", Path.Combine(folder, "s")]) { RedirectStandardInput = true })!;
        try
        {
            SpinWait.SpinUntil(() => File.Exists(Path.Combine(folder, "s", "ctl")), TimeSpan.FromSeconds(30));
            using VdeLink first = OpenWhenReady(Path.Combine(folder, "s"));
            using VdeLink second = VdeLink.Open(Path.Combine(folder, "s"));
            byte[] frame = Frames.Plain(1514, 1);
            first.Send(frame, default);
            SpinWait.SpinUntil(() => second.TryPeek(out _, out _), TimeSpan.FromSeconds(30));
            Assert.True(second.TryPeek(out ReadOnlySpan<byte> arrived, out _));
            Assert.Equal(frame, arrived.ToArray());
            Assert.True(first.IsUp);
            Assert.Throws<IOException>(() => VdeLink.Open(Path.Combine(folder, "none")));
        }
        finally
        {
            hub.Kill();
            hub.WaitForExit();
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The socket's name is there a moment before the switch listens at it.</summary>
    private static VdeLink OpenWhenReady(string folder)
    {
        VdeLink? link = null;
        SpinWait.SpinUntil(
            () =>
            {
                try
                {
                    link = VdeLink.Open(folder);
                    return true;
                }
                catch (IOException)
                {
                    return false;
                }
            },
            TimeSpan.FromSeconds(30));
        return link!;
    }

    /// <summary>Which ports have a frame; they are taken.</summary>
    private static bool[] Arrived(FrameSwitch hub)
    {
        bool[] arrived = new bool[hub.Ports.Count];
        for (int index = 0; index < arrived.Length; index++)
        {
            arrived[index] = hub.Ports[index].TryPeek(out _, out _);
            if (arrived[index])
            {
                hub.Ports[index].Take();
            }
        }

        return arrived;
    }

    /// <summary>Sends numbered frames a microsecond apart; returns the numbers as they arrive.</summary>
    private List<int> Run(Disturbance disturbance)
    {
        now = 0;
        var pair = new WirePair();
        using var link = new DisturbedLink(pair.First, disturbance, () => now);
        var arrived = new List<int>();
        byte[] frame = new byte[64];
        for (; now < FrameCount + 1000; now++)
        {
            if (now < FrameCount)
            {
                BinaryPrimitives.WriteInt32LittleEndian(frame, (int)now);
                link.Send(frame, default);
            }

            _ = link.TryPeek(out _, out _);
            while (pair.Second.TryPeek(out ReadOnlySpan<byte> one, out _))
            {
                arrived.Add(BinaryPrimitives.ReadInt32LittleEndian(one));
                pair.Second.Take();
            }
        }

        return arrived;
    }
}
