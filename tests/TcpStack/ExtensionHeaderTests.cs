using System.Buffers.Binary;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Wire;
using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>Extension headers, fragments and what is complained of them: RFC 8200 section 4, RFC 4443 sections 2.4 and 3.4.</summary>
public sealed class ExtensionHeaderTests : IDisposable
{
    private static readonly IpAddress Own = Ipv6Peer.Own;
    private static readonly IpAddress Peer = Ipv6Peer.Peer;

    private readonly Ipv6Peer peer = new();

    public ExtensionHeaderTests() => peer.Introduce(Peer);

    public void Dispose()
    {
        peer.Rig.AssertNoLeak();
        peer.Dispose();
    }

    /// <summary>Each is before an echo, which is answered.</summary>
    [Theory]
    [InlineData(0, "3a 00 01 04 00 00 00 00")] // hop-by-hop: padding
    [InlineData(0, "3a 00 05 02 00 00 01 00")] // router alert
    [InlineData(0, "3a 00 1e 04 00 00 00 00")] // an option that may be passed over
    [InlineData(60, "3a 00 00 00 00 00 00 00")] // destination options: Pad1 six times
    [InlineData(60, "3a 01 3e 0c 00 00 00 00 00 00 00 00 00 00 00 00")] // longer
    [InlineData(43, "3a 00 00 00 00 00 00 00")] // a routing header of type 0 that has been used up
    [InlineData(43, "3a 00 fd 00 00 00 00 00")] // of a type that nobody knows
    [InlineData(0, "3c 00 01 04 00 00 00 00 2b 00 01 04 00 00 00 00 3a 00 00 00 00 00 00 00")] // hop-by-hop, destination, routing
    [InlineData(44, "3a 00 00 00 12 34 56 78")] // an atomic fragment (RFC 6946)
    [InlineData(60, "3a 02 01 00 1e 00 01 00 1e 00 1e 00 1e 00 1e 00 1e 00 1e 00 1e 00 01 00")] // as many options as may be, and padding
    public void Header_ThatAsksForNothing_IsPassedOver(byte nextHeader, string hex)
    {
        Send(nextHeader, hex);
        SentPacket answer = peer.Next();
        Assert.Equal((129, Own, Peer), (answer.Payload[0], answer.Header.Source, answer.Header.Destination));
        Assert.Equal(Ipv6Peer.Echo(16)[8..], answer.Payload[8..]);
    }

    [Theory]
    [InlineData(0, "3a 00 5e 04 00 00 00 00")] // 01: discard
    [InlineData(60, "3a 00 5e 04 00 00 00 00")]
    [InlineData(60, "3a 00 01 05 00 00 00 00")] // an option that goes beyond its header
    [InlineData(60, "3a 09 01 04 00 00 00 00")] // a header that goes beyond the packet
    [InlineData(59, "")] // no next header
    [InlineData(60, "3a 02 1e 00 1e 00 1e 00 1e 00 1e 00 1e 00 1e 00 1e 00 1e 00 01 02 00 00")] // more than a bound of options
    public void Header_ThatAsksForSilence_IsDropped(byte nextHeader, string hex)
    {
        Send(nextHeader, hex);
        peer.AssertSilent();
    }

    [Theory]
    [InlineData(0, "3a 00 9e 04 00 00 00 00", 2, 42)] // 10: discard and tell
    [InlineData(60, "3a 00 01 00 de 02 00 00", 2, 44)] // 11: discard and tell, unless to a group
    [InlineData(0, "3a 00 c2 04 00 01 00 00", 2, 42)] // a jumbo payload (RFC 2675), which is not known
    [InlineData(43, "3a 02 00 01 00 00 00 00 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 77", 0, 42)] // type 0 (RFC 5095)
    [InlineData(43, "3a 00 04 02 00 00 00 00", 0, 42)] // another type with segments left
    [InlineData(99, "00 00", 1, 6)] // no such protocol
    [InlineData(60, "63 00 01 04 00 00 00 00", 1, 40)] // the same, named by an extension header
    [InlineData(60, "00 00 01 04 00 00 00 00 3a 00 01 04 00 00 00 00", 1, 40)] // hop-by-hop, but not first
    [InlineData(44, "3a 00 00 01 00 00 00 01 aa bb cc", 0, 4)] // a first fragment of 3 bytes and an echo of 24
    [InlineData(44, "3c 00 00 01 00 00 00 01 06 04 00 00 00 00 00 00", 3, 0)] // a chain of headers that is cut (RFC 7112)
    public void Header_NotUnderstood_IsToldWithItsPlace(byte nextHeader, string hex, byte code, uint pointer)
    {
        byte[] packet = Send(nextHeader, hex);
        byte[] problem = peer.Next().Payload;
        Assert.Equal((4, code, pointer), (problem[0], problem[1], BinaryPrimitives.ReadUInt32BigEndian(problem.AsSpan(4))));
        Assert.Equal(packet, problem[8..]);
    }

    [Theory]
    [InlineData(8, true)]
    [InlineData(9, false)]
    public void Headers_UpToABound_ArePassedOver(int count, bool isAnswered)
    {
        Send(60, string.Concat(Enumerable.Repeat("3c 00 01 04 00 00 00 00 ", count - 1)) + "3a 00 01 04 00 00 00 00");
        Assert.Equal(isAnswered, peer.TryNext(out _));
    }

    [Fact]
    public void Fragment_BeyondTheLongestPacket_IsToldWithItsPlace()
    {
        byte[] packet = Ipv6Peer.Packet(Peer, Own, 44, Hex("3a 00 ff f8 00 00 00 01 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10"));
        peer.Inject(packet);
        byte[] problem = peer.Next().Payload;
        Assert.Equal((4, 0, 42U), (problem[0], problem[1], BinaryPrimitives.ReadUInt32BigEndian(problem.AsSpan(4))));
    }

    [Theory]
    [InlineData("9e", true)]
    [InlineData("de", false)]
    public void Option_NotUnderstoodOfAGroup_IsToldOnlyWhenItSaysSo(string option, bool isTold)
    {
        byte[] echo = Ipv6Peer.Icmp(Peer, Ipv6Peer.Parse("ff02::1"), Ipv6Peer.Echo(8));
        peer.Inject(Ipv6Peer.Packet(Peer, Ipv6Peer.Parse("ff02::1"), 60, [.. Hex($"3a 00 {option} 04 00 00 00 00"), .. echo]));
        Assert.Equal(isTold, peer.TryNext(out _));
    }

    [Theory]
    [InlineData("01 00")] // of an error
    [InlineData("89 00")] // of a redirect
    public void Header_NotUnderstoodBeforeAnError_IsNotTold(string type)
    {
        peer.Inject(Ipv6Peer.Packet(Peer, Own, 60, Hex($"3a 00 9e 04 00 00 00 00 {type} 00 00 00 00 00 00")));
        peer.AssertSilent();
    }

    [Fact]
    public void Errors_StormOfPackets_AreLimited()
    {
        int told = 0;
        for (int count = 0; count < 1_000; count++)
        {
            Send(99, "00 00");
            told += peer.TryNext(out _) ? 1 : 0;
        }

        Assert.Equal(100, told);
    }

    [Fact]
    public void Errors_LongPacket_QuoteWhatTheLeastMtuCarries()
    {
        peer.Inject(Ipv6Peer.Packet(Peer, Own, 99, new byte[1_400]));
        Assert.Equal(1_280 - 40, peer.Next().Payload.Length);
    }

    [Theory]
    [InlineData(0, 1, 2)]
    [InlineData(2, 0, 1)]
    [InlineData(1, 2, 0)]
    [InlineData(2, 1, 0)]
    public void Fragments_InAnyOrder_ArePutTogether(int first, int second, int third)
    {
        byte[] echo = Ipv6Peer.Icmp(Peer, Own, Ipv6Peer.Echo(3_000));
        foreach (int index in new[] { first, second, third })
        {
            int length = Math.Min(1_024, echo.Length - (index * 1_024));
            peer.Inject(Fragment(index * 1_024, index < 2, echo.AsSpan(index * 1_024, length)));
        }

        byte[] answer = new byte[echo.Length];
        int total = 0;
        while (peer.TryNext(out SentPacket packet))
        {
            Assert.Equal(Ipv6Header.NextFragment, packet.Header.NextHeader);
            Assert.True(FragmentHeader.TryParse(packet.Payload, out FragmentHeader header));
            Assert.Equal(Ipv6Header.NextIcmp, header.NextHeader);
            packet.Payload.AsSpan(8).CopyTo(answer.AsSpan(header.OffsetBytes));
            total += packet.Payload.Length - 8;
        }

        Assert.Equal(echo.Length, total);
        Assert.Equal(echo[8..], answer[8..]);
    }

    [Fact]
    public void Fragments_OverlappingOnes_EndThePacketForGood()
    {
        byte[] echo = Ipv6Peer.Icmp(Peer, Own, Ipv6Peer.Echo(120));
        peer.Inject(Fragment(0, true, echo.AsSpan(0, 64)));
        peer.Inject(Fragment(56, true, echo.AsSpan(56, 16)));
        peer.Inject(Fragment(0, true, echo.AsSpan(0, 64)));
        peer.Inject(Fragment(64, false, echo.AsSpan(64)));
        peer.AssertSilent();
    }

    [Fact]
    public void Fragments_SameOneTwice_AreTakenOnce()
    {
        byte[] echo = Ipv6Peer.Icmp(Peer, Own, Ipv6Peer.Echo(120));
        peer.Inject(Fragment(0, true, echo.AsSpan(0, 64)));
        peer.Inject(Fragment(0, true, echo.AsSpan(0, 64)));
        peer.Inject(Fragment(64, false, echo.AsSpan(64)));
        Assert.Equal(echo[8..], peer.Next().Payload[8..]);
    }

    [Fact]
    public void Fragments_AtomicOneOfTheSameIdentification_IsNotMixedIn()
    {
        byte[] echo = Ipv6Peer.Icmp(Peer, Own, Ipv6Peer.Echo(120));
        peer.Inject(Fragment(0, true, echo.AsSpan(0, 64)));
        byte[] small = Ipv6Peer.Icmp(Peer, Own, Ipv6Peer.Echo(8));
        peer.Inject(Fragment(0, false, small));
        Assert.Equal(16, peer.Next().Payload.Length);
        peer.Inject(Fragment(64, false, echo.AsSpan(64)));
        Assert.Equal(echo.Length, peer.Next().Payload.Length);
    }

    [Fact]
    public void Fragments_RestNeverComes_AreToldOfAfterAMinute()
    {
        byte[] echo = Ipv6Peer.Icmp(Peer, Own, Ipv6Peer.Echo(120));
        peer.Inject(Fragment(0, true, echo.AsSpan(0, 64)));
        peer.Rig.RunUntil(peer.Rig.Now + 59_000_000);
        while (peer.TryNext(out SentPacket probe))
        {
            Assert.Equal(135, probe.Payload[0]);
        }

        peer.Introduce(Peer);
        peer.Rig.RunUntil(peer.Rig.Now + 2_000_000);
        byte[] told = peer.Next().Payload;
        Assert.Equal((3, 1), (told[0], told[1]));
    }

    [Fact]
    public void Fragments_ManyPackets_StayBounded()
    {
        for (uint identification = 0; identification < 500; identification++)
        {
            peer.Inject(Fragment(8, true, new byte[64], identification));
        }

        Assert.InRange(peer.Rig.Stack.Pool.Capacity - peer.Rig.Stack.Pool.FreeCount, 1, 32);
        peer.Rig.RunUntil(peer.Rig.Now + 61_000_000);
    }

    private static byte[] Fragment(int offset, bool more, ReadOnlySpan<byte> data, uint identification = 7)
    {
        byte[] payload = new byte[FragmentHeader.LengthBytes + data.Length];
        new FragmentHeader
        {
            NextHeader = Ipv6Header.NextIcmp,
            OffsetBytes = offset,
            MoreFragments = more,
            Identification = identification,
        }.Write(payload);
        data.CopyTo(payload.AsSpan(FragmentHeader.LengthBytes));
        return Ipv6Peer.Packet(Peer, Own, Ipv6Header.NextFragment, payload);
    }

    private static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));

    private byte[] Send(byte nextHeader, string hex)
    {
        byte[] echo = Ipv6Peer.Icmp(Peer, Own, Ipv6Peer.Echo(16));
        byte[] packet = Ipv6Peer.Packet(Peer, Own, nextHeader, [.. Hex(hex), .. echo]);
        peer.Inject(packet);
        return packet;
    }
}
