using System.Buffers.Binary;
using RedLeafSharp.Machine.E1000e;
using RedLeafSharp.Tests.Network;
using Xunit;
using static RedLeafSharp.Tests.Machine.SentDescriptor;

namespace RedLeafSharp.Tests.Machine;

/// <summary>What the controller sends for the descriptors that it is given, whatever is in them.</summary>
public class E1000eTransmitTests
{
    private const int HeaderBytes = 54;

    /// <summary>A checksum that lies outside its packet is not inserted (8254x manual, table 3-14).</summary>
    [Theory]
    [InlineData(255)]
    [InlineData(59)]
    [InlineData(24)]
    public void Checksum_OutsideItsPacket_IsLeftOut(int ipOffset)
    {
        var link = new FinishingLink();
        using var rig = new E1000eRig(link);
        rig.StartTransmit();
        byte[] frame = Frames.Ip(isIPv6: false, isTcp: true, Frames.Pattern(6, 1), isFinished: false, isCut: true);
        rig.Submit(Context(HeaderBytes, 100, ipOffset), Data(rig.Place(frame), frame.Length, Segmentation | EndOfPacket, options: 3));

        Assert.Equal(frame.Length, Assert.Single(link.Sent).Length);
        Assert.Equal(ipOffset + 2 > frame.Length, rig.Complaints.Count > 0);
    }

    /// <summary>Whoever has the ring's memory may write anything into it; what is behind the device goes on.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Descriptors_WithAnyContent_AreWorkedOff(int seed)
    {
        var random = new Random(seed);
        var link = new FinishingLink();
        using var rig = new E1000eRig(seed % 2 == 0 ? link : null);
        rig.StartTransmit(E1000eSpec.TransmitEnable | E1000eSpec.TransmitPad);
        rig[E1000eSpec.VlanEtherType] = seed > 2 ? 0x88A8u : 0x8100;
        rig[E1000eSpec.Control] = E1000eSpec.ControlSetLinkUp | E1000eSpec.ControlVlanMode;
        ulong memory = rig.Place(Frames.Ip(isIPv6: false, isTcp: true, Frames.Pattern(12_000, seed), isFinished: false, isCut: true));
        for (int round = 0; round < 20_000; round++)
        {
            rig.Submit(Draw(random, memory));
            link.Sent.Clear();
            while (rig.TakeAtPeer() is not null)
            {
            }
        }

        Assert.Equal(rig[E1000eSpec.TransmitQueue + E1000eSpec.Tail], rig[E1000eSpec.TransmitQueue + E1000eSpec.Head]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Tag_IsInsertedWithTheTypeThatTheRegisterHolds(bool isCut)
    {
        var link = new FinishingLink();
        using var rig = new E1000eRig(link);
        rig.StartTransmit();
        rig[E1000eSpec.VlanEtherType] = 0x88A8;
        rig[E1000eSpec.Control] = E1000eSpec.ControlSetLinkUp | E1000eSpec.ControlVlanMode;
        byte[] frame = Frames.Ip(isIPv6: false, isTcp: true, Frames.Pattern(150, 1), isFinished: !isCut, isCut);
        ulong bus = rig.Place(frame);
        rig.Submit(
            Context(HeaderBytes, 100),
            Data(bus, HeaderBytes, isCut ? Segmentation : 0, isCut ? 3 : 0),
            Data(bus + HeaderBytes, frame.Length - HeaderBytes, EndOfPacket | Vlan, tag: 7));

        Assert.Equal(isCut ? 2 : 1, link.Sent.Count);
        foreach (byte[] sent in link.Sent)
        {
            Assert.Equal(0x88A8, BinaryPrimitives.ReadUInt16BigEndian(sent.AsSpan(12)));
            Assert.Equal(7, BinaryPrimitives.ReadUInt16BigEndian(sent.AsSpan(14)));
            Assert.True(Frames.IsRight([.. sent[..12], .. sent[16..]]));
        }
    }

    /// <summary>What the link is left to cut counts as the frames that it becomes.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Statistics_CountWhatIsCut(bool isLeftToLink)
    {
        var link = new FinishingLink();
        using var rig = new E1000eRig(isLeftToLink ? link : null);
        rig.StartTransmit();
        byte[] frame = Frames.Ip(isIPv6: false, isTcp: true, Frames.Pattern(250, 1), isFinished: false, isCut: true);
        rig.Submit(Context(HeaderBytes, 100), Data(rig.Place(frame), frame.Length, Segmentation | EndOfPacket, options: 3));

        Assert.Equal(3u, rig[E1000eSpec.GoodSent]);
        Assert.Equal(3u, rig[E1000eSpec.TotalSent]);
        Assert.Equal((3u * (HeaderBytes + 4)) + 250u, rig[E1000eSpec.GoodOctetsSent]);
        Assert.Equal((1u, 2u), (rig[E1000eSpec.Sent64 + 4], rig[E1000eSpec.Sent64 + 8]));
        Assert.Equal(1u, rig[E1000eSpec.SegmentationsSent]);
    }

    /// <summary>TCTL.PSP: 64 bytes with the link's checksum.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Frame_ThatIsTooShort_IsPaddedWhereItIsAskedFor(bool isPadded)
    {
        using var rig = new E1000eRig();
        rig.StartTransmit(E1000eSpec.TransmitEnable | (isPadded ? E1000eSpec.TransmitPad : 0));
        byte[] longer = Frames.Plain(200, 1);
        byte[] frame = Frames.Plain(42, 2);
        rig.Submit(Data(rig.Place(longer), longer.Length, EndOfPacket), Data(rig.Place(frame), frame.Length, EndOfPacket));

        Assert.Equal(longer, rig.TakeAtPeer());
        Assert.Equal(isPadded ? [.. frame, .. new byte[18]] : frame, rig.TakeAtPeer());
    }

    /// <summary>The place is told by the last descriptor of a frame, the start by the first (section 7.2.10.1).</summary>
    [Fact]
    public void LegacyChecksum_BeginsWhereTheFirstDescriptorSays()
    {
        using var rig = new E1000eRig();
        rig.StartTransmit();
        byte[] frame = Frames.Ip(isIPv6: false, isTcp: true, Frames.Pattern(80, 1), isFinished: false);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(24), (ushort)~Frames.Sum(frame.AsSpan(14, 20)));
        ulong bus = rig.Place(frame);
        rig.Submit(
            Legacy(bus, 60, 0, checksumStart: 34),
            Legacy(bus + 60, frame.Length - 60, InsertChecksum | EndOfPacket, checksumStart: 40, checksumOffset: 50));

        Assert.True(Frames.IsRight(rig.TakeAtPeer()));
    }

    private static SentDescriptor[] Draw(Random random, ulong memory)
    {
        var drawn = new SentDescriptor[random.Next(1, 6)];
        for (int index = 0; index < drawn.Length; index++)
        {
            SentDescriptor one = random.Next(4) switch
            {
                0 => Context(Near(HeaderBytes), random.Next(3) == 0 ? random.Next(65_536) : random.Next(3_000), Near(24), Near(50)),
                1 => Legacy(memory, random.Next(300), (uint)random.Next(256) << 24, random.Next(256), random.Next(256)),
                _ => Data(memory, random.Next(random.Next(2) == 0 ? 200 : 12_000), (uint)random.Next(256) << 24, random.Next(4), random.Next(65_536)),
            };

            // A context of which nothing is right is refused before it is used.
            int Near(int right) => random.Next(4) == 0 ? random.Next(256) : right;

            // Most are nearly right; in some a bit is turned.
            one = random.Next(8) switch
            {
                0 => one with { Address = one.Address ^ (1ul << random.Next(64)) },
                1 => one with { Lower = one.Lower ^ (1u << random.Next(32)) },
                2 => one with { Upper = one.Upper ^ (1u << random.Next(32)) },
                3 => Context(HeaderBytes, random.Next(1, 1_460)),
                _ => one,
            };
            drawn[index] = one;
        }

        return drawn;
    }
}
