using System.Buffers.Binary;
using RedLeafSharp.Machine.Links;
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
