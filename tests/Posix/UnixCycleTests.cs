using RedLeafSharp.Contracts;
using Xunit;

namespace RedLeafSharp.Tests.Posix;

/// <summary>UNIX-domain sockets in messages that nobody can receive (Linux's unix_gc).</summary>
public sealed class UnixCycleTests : IDisposable
{
    /// <summary>More than the files of a session that may be under way: what is not collected would show.</summary>
    private const int Rounds = 1_000;

    private readonly PosixRig rig = new();

    public void Dispose() => rig.Dispose();

    [Theory]
    [InlineData(SocketKind.Stream)]
    [InlineData(SocketKind.Datagram)]
    public void Socket_SentThroughItself_IsClosedWithItsLastDescriptor(SocketKind kind) => rig.Run(context =>
    {
        for (int round = 0; round < Rounds; round++)
        {
            (int one, int other) = Pair(context, kind);
            Send(context, through: one, other);
            Close(context, one, other);
        }
    });

    [Theory]
    [InlineData(SocketKind.Stream)]
    [InlineData(SocketKind.Datagram)]
    public void Sockets_SentThroughEachOther_AreClosed(SocketKind kind) => rig.Run(context =>
    {
        for (int round = 0; round < Rounds; round++)
        {
            (int first, int second) = Pair(context, kind);
            (int third, int fourth) = Pair(context, kind);
            Send(context, through: first, fourth);
            Send(context, through: third, second);
            Close(context, first, second, third, fourth);
        }
    });

    /// <summary>A queue that somebody can read holds the cycle, and what is in its queues; it goes with the queue.</summary>
    [Fact]
    public void Cycle_ThatALivingSocketHolds_Stays() => rig.Run(context =>
    {
        for (int round = 0; round < Rounds; round++)
        {
            (int reader, int writer) = Pair(context, SocketKind.Stream);
            (int one, int other) = Pair(context, SocketKind.Stream);
            Send(context, through: one, other);
            Send(context, through: writer, other);
            Close(context, one, other);

            int[] received = new int[1];
            if (round % 2 == 0)
            {
                Reply<int, Errno> reply = rig.System.ReceiveDescriptors(
                    context, reader, new byte[1], default, SocketFlags.None, received, out MessageInfo message);
                Assert.True(reply.IsOk, reply.ToString());
                Assert.Equal(1, message.DescriptorCount);
                byte[] buffer = new byte[4];
                Assert.Equal(1, rig.System.Receive(context, received[0], buffer).Value); // what was sent through it is still there
                Close(context, received[0]);
            }

            Close(context, reader, writer);
        }
    });

    /// <summary>The other side of a connection learns of the end.</summary>
    [Fact]
    public void Peer_OfACollectedSocket_SeesTheEnd() => rig.Run(context =>
    {
        (int one, int other) = Pair(context, SocketKind.Stream);
        Send(context, through: one, other);
        Close(context, other);
        Assert.Equal(0, rig.System.Receive(context, one, new byte[1]).Value);
    });

    [Fact]
    public void Listener_SentThroughAConnectionToItself_IsClosed() => rig.Run(context =>
    {
        for (int round = 0; round < Rounds; round++)
        {
            int listener = rig.System.MakeSocket(context, AddressFamily.Unix, SocketKind.Stream, OpenFlags.ReadOnly, 0).Value;
            byte[] name = [(byte)AddressFamily.Unix, 0, 0, (byte)'a'];
            Assert.True(rig.System.Bind(context, listener, name).IsOk);
            Assert.True(rig.System.Listen(context, listener, 4).IsOk);
            int client = rig.System.MakeSocket(context, AddressFamily.Unix, SocketKind.Stream, OpenFlags.ReadOnly, 0).Value;
            Assert.True(rig.System.Connect(context, client, name).IsOk);
            Send(context, through: client, listener);
            Close(context, listener, client);
        }
    });

    private (int One, int Other) Pair(CallContext context, SocketKind kind)
    {
        Reply<SocketPair, Errno> pair = rig.System.MakeSocketPair(context, AddressFamily.Unix, kind, OpenFlags.ReadOnly, 0);
        Assert.True(pair.IsOk, pair.ToString());
        return (pair.Value.First, pair.Value.Second);
    }

    private void Send(CallContext context, int through, int descriptor)
    {
        Reply<int, Errno> reply = rig.System.SendDescriptors(context, through, "x"u8, SocketFlags.None, [descriptor]);
        Assert.True(reply is { IsOk: true, Value: 1 }, reply.ToString());
    }

    private void Close(CallContext context, params ReadOnlySpan<int> descriptors)
    {
        foreach (int descriptor in descriptors)
        {
            Assert.True(rig.System.Close(context, descriptor).IsOk);
        }
    }
}
