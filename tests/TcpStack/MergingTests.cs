using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Tcp;
using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>Segments that arrive in one round are merged; what the peers see of that is fewer ACKs.</summary>
public sealed class MergingTests : IDisposable
{
    private const int SegmentBytes = 1_448;

    private readonly StackRig sender = new(IpAddress.FromV4(10, 0, 0, 1));
    private readonly StackRig receiver;
    private readonly TcpConnection from;
    private readonly TcpConnection to;

    public MergingTests()
    {
        receiver = new StackRig(IpAddress.FromV4(10, 0, 0, 2), sender.Thread, key: 2);
        Assert.Equal(SocketError.None, receiver.Stack.Tcp.Listen(IpAddress.AnyV4, 7, 1, out TcpListener listener));
        Assert.Equal(SocketError.None, sender.Stack.Tcp.Connect(
            sender.Context, default, 0, receiver.Address, 7, TcpOptionsOfSocket.Default, out TcpConnection? connection));
        TcpConnection? accepted;
        while (!listener.TryAccept(out accepted))
        {
            Carry(sender, receiver);
            Carry(receiver, sender);
        }

        (from, to) = (connection!, accepted!);
    }

    public void Dispose() => sender.Dispose();

    [Fact]
    public void Segments_OfOneRound_AreAcknowledgedOnce()
    {
        byte[] data = Fill(8 * SegmentBytes);
        Assert.Equal(8, sender.Wire.Sent.Count);
        Carry(sender, receiver);
        Assert.Single(receiver.Wire.Sent);
        AssertReceived(data);
    }

    [Fact]
    public void Segments_AroundALostOne_AreAcknowledgedAroundIt()
    {
        byte[] data = Fill(8 * SegmentBytes);
        byte[][] segments = [.. sender.Wire.Sent];
        sender.Wire.Sent.Clear();
        foreach (byte[] segment in segments.Where((_, index) => index != 3))
        {
            receiver.Wire.Incoming.Enqueue(segment);
        }

        receiver.Poll();
        Assert.Equal(3 * SegmentBytes, to.UnreadBytes);
        receiver.Wire.Incoming.Enqueue(segments[3]);
        receiver.Poll();
        AssertReceived(data);
    }

    [Fact]
    public void Segments_OfWhichOneIsDamaged_AreNotMergedOverIt()
    {
        byte[] data = Fill(4 * SegmentBytes);
        byte[][] segments = [.. sender.Wire.Sent];
        byte[] damaged = [.. segments[1]];
        damaged[^1] ^= 1;
        receiver.Wire.Incoming.Enqueue(segments[0]);
        receiver.Wire.Incoming.Enqueue(damaged);
        receiver.Wire.Incoming.Enqueue(segments[2]);
        receiver.Poll();
        Assert.Equal(SegmentBytes, to.UnreadBytes);
        Array.ForEach(segments[1..], receiver.Wire.Incoming.Enqueue);
        receiver.Poll();
        AssertReceived(data);
    }

    private static void Carry(StackRig source, StackRig destination)
    {
        while (source.Wire.Sent.TryDequeue(out byte[]? packet))
        {
            destination.Wire.Incoming.Enqueue(packet);
        }

        destination.Poll();
    }

    private byte[] Fill(int lengthBytes)
    {
        byte[] data = new byte[lengthBytes];
        new Random(1).NextBytes(data);
        Assert.Equal(lengthBytes, from.Send(sender.Context, data, out _));
        return data;
    }

    /// <summary>All of it, and no buffer but those of the sender's queue is kept.</summary>
    private void AssertReceived(byte[] data)
    {
        byte[] buffer = new byte[data.Length];
        Assert.Equal(data.Length, to.Receive(receiver.Context, buffer, isPeek: false, out _));
        Assert.Equal(data, buffer);
        receiver.AssertNoLeak();
    }
}
