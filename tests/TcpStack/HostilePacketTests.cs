using System.Buffers.Binary;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Tcp;
using RedLeafSharp.Domains.TcpStack.Wire;
using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>Peers that mean harm: mutated frames of every layer, and floods.</summary>
public sealed class HostilePacketTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Frames_Mutated_NeitherThrowNorLeak(int seed)
    {
        using var fuzz = new PacketFuzz(seed);
        fuzz.Run(60_000);
        Assert.True(fuzz is { Accepted: > 0, Delivered: > 0 });
        fuzz.End();
    }

    /// <summary>100,000 SYNs a second from everywhere to the port that is being used, and to another one.</summary>
    [Fact]
    public void Connection_DuringAFloodOfSyns_IsMadeAndCarriesItsBytes()
    {
        const long MicrosPerSyn = 10;
        const long Syns = 10_000;
        using var network = new SimulatedNetwork(new LinkFaults(DelayMicros: 2_000), seed: 3);
        Assert.Equal(SocketError.None, network.Right.Stack.Tcp.Listen(IpAddress.AnyV4, 81, 8, out TcpListener flooded));
        network.Right.Stack.Routes.TryAdd(new()
        {
            Network = IpAddress.AnyV4,
            Gateway = network.Left.Address,
            InterfaceIndex = network.Right.Wire.Index,
            Source = network.Right.Address,
        });
        var random = new Random(3);
        long syns = 0;
        network.Passed = _ =>
        {
            for (; syns < Syns && syns * MicrosPerSyn < network.Now; syns++)
            {
                network.Right.Wire.Incoming.Enqueue(Syn(network, random));
                if (syns % 128 == 0)
                {
                    network.Right.Poll();
                    network.Carry();
                }
            }
        };
        Transfer.Run(network, 100_000, seed: 3);
        Assert.Equal(Syns, syns);
        Assert.True(network.Right.Stack.Tcp.CookiesSent > 0);
        network.Passed = null;
        network.Right.Stack.Tcp.Close(network.Right.Context, flooded);
        network.Right.RunUntil(network.Now + 300_000_000);
        network.Right.AssertNoLeak();
    }

    private static byte[] Syn(SimulatedNetwork network, Random random)
    {
        byte[] frame = new byte[60];
        new EthernetHeader { Destination = network.Right.Wire.Mac, Source = network.Left.Wire.Mac, Type = EthernetHeader.TypeIpv4 }.Write(frame);
        IpAddress source = IpAddress.FromV4(0x0B00_0000u + (uint)random.Next(1 << 24));
        new Ipv4Header
        {
            TotalBytes = Ipv4Header.LengthBytes + TcpHeader.LengthBytes,
            TimeToLive = 64,
            Protocol = Ipv4Header.ProtocolTcp,
            Source = source,
            Destination = network.Right.Address,
        }.Write(frame.AsSpan(EthernetHeader.LengthBytes));
        Span<byte> segment = frame.AsSpan(EthernetHeader.LengthBytes + Ipv4Header.LengthBytes, TcpHeader.LengthBytes);
        new TcpHeader
        {
            SourcePort = (ushort)random.Next(1, 65_536),
            DestinationPort = (ushort)(80 + random.Next(2)),
            Sequence = (uint)random.Next(),
            HeaderBytes = TcpHeader.LengthBytes,
            Flags = TcpFlags.Syn,
            Window = 1_000,
        }.Write(segment);
        uint sum = InternetChecksum.Sum(frame.AsSpan(EthernetHeader.LengthBytes + 12, 8)) + Ipv4Header.ProtocolTcp + TcpHeader.LengthBytes;
        BinaryPrimitives.WriteUInt16BigEndian(
            segment[TcpHeader.ChecksumOffset..], InternetChecksum.Complement(InternetChecksum.Sum(segment) + sum));
        return frame;
    }
}
