using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Wire;
using RedLeafSharp.Machine.Links;
using Xunit;

namespace RedLeafSharp.Tests.Network;

/// <summary>The whole path of a packet, in and out: link, controller, driver, shadow, stack.</summary>
public sealed class PathAllocationTests
{
    private const int Batch = 32;
    private const int Rounds = 300;
    private const int HeaderBytes = 14 + 20 + 8;

    private static readonly IpAddress Own = IpAddress.FromV4(10, 1, 0, 1);
    private static readonly IpAddress Peer = IpAddress.FromV4(10, 1, 0, 2);

    [Theory]
    [InlineData(64)]
    [InlineData(1514)]
    public void Echo_FromTheWireToTheStackAndBack_AllocatesNothing(int frameBytes)
    {
        var pair = new WirePair(capacity: 256);
        using var stack = new WiredStack(_ => pair.First, Own, 24, isPlain: true);
        stack.Stack.Neighbors.SetPermanent(stack.Context, stack.Stack.Interface(1), Peer, new MacAddress(Frames.Other));
        byte[] request = Request(frameBytes);
        Assert.Equal(Rounds * Batch, Exchange(stack, pair.Second, request));
        long before = GC.GetAllocatedBytesForCurrentThread();

        int answers = Exchange(stack, pair.Second, request);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(Rounds * Batch, answers);
    }

    private static int Exchange(WiredStack stack, LinkPort peer, byte[] request)
    {
        int answers = 0;
        for (int round = 0; round < Rounds; round++)
        {
            for (int index = 0; index < Batch; index++)
            {
                peer.Send(request, default);
            }

            // A controller works on a few frames at a time; all of them are answered after some rounds.
            int wanted = answers + Batch;
            for (int step = 0; step < 10_000 && answers < wanted; step++)
            {
                stack.Poll();
                while (peer.TryPeek(out ReadOnlySpan<byte> frame, out _))
                {
                    answers += frame.Length == request.Length && frame[34] == 0 ? 1 : 0;
                    peer.Take();
                }
            }
        }

        return answers;
    }

    /// <summary>An echo request (RFC 792) of so many bytes with its Ethernet header.</summary>
    private static byte[] Request(int frameBytes)
    {
        byte[] frame = new byte[frameBytes];
        new EthernetHeader { Destination = new(Frames.Station), Source = new(Frames.Other), Type = EthernetHeader.TypeIpv4 }.Write(frame);
        new Ipv4Header { TotalBytes = frameBytes - 14, TimeToLive = 64, Protocol = 1, Source = Peer, Destination = Own }.Write(frame.AsSpan(14));
        Frames.Pattern(frameBytes - HeaderBytes, seed: 3).CopyTo(frame, HeaderBytes);
        frame[34] = 8;
        ushort sum = (ushort)~Frames.Sum(frame.AsSpan(34));
        (frame[36], frame[37]) = ((byte)(sum >> 8), (byte)sum);
        return frame;
    }
}
