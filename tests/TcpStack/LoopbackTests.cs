using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Tcp;
using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

public sealed class LoopbackTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void Stream_OverLoopback_AllocatesNothingPerSegment(string target)
    {
        using var rig = new StackRig(IpAddress.FromV4(10, 0, 0, 1), packetCount: 7_000);
        rig.Poll();
        rig.Wire.Sent.Clear();
        rig.Stack.Tcp.Listen(IpAddress.AnyV6, 80, 4, out TcpListener listener);
        rig.Stack.Tcp.Connect(
            rig.Context, IpAddress.AnyV6, 0, Ipv6Peer.Parse(target), 80, TcpOptionsOfSocket.Default,
            out TcpConnection? client);
        rig.Poll();
        Assert.True(listener.TryAccept(out TcpConnection? server));
        byte[] data = new byte[16_384];
        byte[] buffer = new byte[65_536];

        Assert.Equal(4_000_000, Move(rig, client!, server!, data, buffer, 4_000_000));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(8_000_000, Move(rig, client!, server!, data, buffer, 8_000_000));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000);
        client!.Abort(rig.Context, SocketError.None);
        server!.Close(rig.Context);
        client.Close(rig.Context);
        rig.Stack.Tcp.Close(rig.Context, listener);
        rig.Poll();
        rig.AssertNoLeak();
    }

    private static int Move(
        StackRig rig, TcpConnection client, TcpConnection server, byte[] data, byte[] buffer, int lengthBytes)
    {
        int sent = 0;
        int received = 0;
        for (int round = 0; received < lengthBytes && round < 100_000; round++)
        {
            sent += client.Send(rig.Context, data.AsSpan(0, Math.Min(data.Length, lengthBytes - sent)), out _);
            rig.Thread.Scheduler.Advance(100);
            rig.Poll();
            received += server.Receive(rig.Context, buffer, isPeek: false, out _);
        }

        return received;
    }
}
