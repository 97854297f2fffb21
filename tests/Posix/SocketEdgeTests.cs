using RedLeafSharp.Contracts;
using Xunit;

namespace RedLeafSharp.Tests.Posix;

/// <summary>What scenarios of calls cannot show of sockets: waits, signals, sets of descriptors, sizes.</summary>
public sealed class SocketEdgeTests
{
    private const long PatienceMicros = 10_000_000;

    [Theory]
    [InlineData("write")]
    [InlineData("sendfile")]
    public void BrokenPipe_OfASocketOfMessages_IsNoSignal(string call)
    {
        using PosixRig rig = PosixRig.OnTmpfs();
        rig.Loader.Extra["writer"] = (context, system) =>
        {
            SocketPair pair = system.MakeSocketPair(context, AddressFamily.Unix, SocketKind.Datagram, OpenFlags.ReadOnly, 0).Value;
            _ = system.Shutdown(context, pair.First, ShutdownHow.Send);
            int file = system.Open(context, "/f"u8, OpenFlags.Create | OpenFlags.ReadWrite, 0x1B6).Value;
            _ = system.Write(context, file, "abc"u8);
            Reply<int, Errno> reply = call == "write"
                ? system.Write(context, pair.First, "x"u8)
                : system.SendFileAt(context, pair.First, file, 0, 3);
            return reply.Error == Errno.BrokenPipe ? 0 : 1;
        };
        rig.Run(context =>
        {
            int process = rig.System.Spawn(context, "writer\0"u8, 0, 1, 2).Value;
            Assert.Equal(0, rig.System.WaitForChild(context, process).Value.Status);
        });
    }

    [Theory]
    [InlineData(AddressFamily.Unix, SocketKind.Stream, Errno.None)]
    [InlineData(AddressFamily.Unix, SocketKind.Datagram, Errno.None)]
    [InlineData(AddressFamily.InterNetwork, SocketKind.Datagram, Errno.NotConnected)]
    public void Shutdown_OfASocketThatAnotherReads_EndsItsWait(AddressFamily family, SocketKind kind, Errno expected)
    {
        using var rig = new PosixRig(detectsDeadlock: false, hasNetwork: true);
        rig.Loader.Extra["reader"] = (context, system) =>
        {
            Reply<int, Errno> reply = system.Receive(context, 0, new byte[1]);
            return reply.IsOk && reply.Value == 0 ? 0 : 1;
        };
        rig.Run(context =>
        {
            int socket = family == AddressFamily.Unix
                ? rig.System.MakeSocketPair(context, family, kind, OpenFlags.ReadOnly, 0).Value.First
                : Make(context, rig.System, kind);
            _ = rig.System.SetSocketOption(context, socket, SocketOption.ReceiveTimeoutMicros, PatienceMicros);
            int process = rig.System.Spawn(context, "reader\0"u8, socket, 1, 2).Value;
            _ = rig.System.Sleep(context, 20_000);

            Assert.Equal(expected, rig.System.Shutdown(context, socket, ShutdownHow.Receive).Error);
            Assert.Equal(0, rig.System.WaitForChild(context, process).Value.Status);
        });
    }

    [Fact]
    public void Peek_ThatWaitsForAll_SeesItFromTheFirstByte()
    {
        using var rig = new PosixRig(detectsDeadlock: false, hasNetwork: true);
        rig.Loader.Extra["sender"] = (context, system) =>
        {
            int sent = system.Send(context, 1, "ab"u8).Value;
            _ = system.Sleep(context, 20_000);
            return sent + system.Send(context, 1, "cde"u8).Value - 5;
        };
        rig.Run(context =>
        {
            (int client, int server) = Connect(context, rig.System);
            int process = rig.System.Spawn(context, "sender\0"u8, 0, client, 2).Value;
            Assert.True(rig.System.Close(context, client).IsOk);
            byte[] buffer = new byte[9];

            Assert.Equal(4, rig.System.Receive(context, server, buffer.AsSpan(0, 4), SocketFlags.WaitAll | SocketFlags.Peek).Value);
            Assert.Equal("abcd"u8, buffer.AsSpan(0, 4));
            Assert.Equal(0, rig.System.WaitForChild(context, process).Value.Status);
            Assert.Equal(5, rig.System.Receive(context, server, buffer, SocketFlags.WaitAll | SocketFlags.Peek).Value);
            Assert.Equal(5, rig.System.Receive(context, server, buffer).Value);
        });
    }

    [Fact]
    public void Peek_ThatWaitsForAll_EndsWithItsTime()
    {
        using var rig = new PosixRig(detectsDeadlock: false, hasNetwork: true);
        rig.Run(context =>
        {
            (int client, int server) = Connect(context, rig.System);
            Assert.True(rig.System.SetSocketOption(context, server, SocketOption.ReceiveTimeoutMicros, 20_000).IsOk);
            Assert.Equal(2, rig.System.Send(context, client, "ab"u8).Value);

            Assert.Equal(2, rig.System.Receive(context, server, new byte[4], SocketFlags.WaitAll | SocketFlags.Peek).Value);
        });
    }

    [Fact]
    public void Select_WithABadDescriptor_LeavesItsSetsAlone()
    {
        using var rig = new PosixRig();
        rig.Run(context =>
        {
            PipeEnds pipe = rig.System.MakePipe(context).Value;
            ulong[] readable = [1UL << pipe.ReadEnd];
            ulong[] writable = [(1UL << pipe.WriteEnd) | (1UL << 63)];
            ulong[] exceptional = [1UL << pipe.ReadEnd];
            ulong[][] before = [[.. readable], [.. writable], [.. exceptional]];

            Assert.Equal(Errno.BadDescriptor, rig.System.Select(context, readable, writable, exceptional, 0).Error);
            Assert.Equal(before, [readable, writable, exceptional]);
        });
    }

    [Fact]
    public void Select_ForWhatAnEndIsNot_WaitsItsTime()
    {
        const long WaitMicros = 30_000;
        using var rig = new PosixRig(detectsDeadlock: false, hasNetwork: true);
        rig.Run(context =>
        {
            int socket = Make(context, rig.System, SocketKind.Stream);
            ulong[] exceptional = [1UL << socket];
            long start = context.UptimeMicros;

            Reply<int, Errno> reply = rig.System.Select(context, new ulong[1], new ulong[1], exceptional, WaitMicros);

            Assert.True(reply.IsOk);
            Assert.Equal((0, 0UL), (reply.Value, exceptional[0]));
            Assert.InRange(context.UptimeMicros - start, WaitMicros, long.MaxValue);
        });
    }

    [Fact]
    public void Select_ForWhatAnEndIsNot_HearsOfOthers()
    {
        using var rig = new PosixRig(detectsDeadlock: false, hasNetwork: true);
        rig.Loader.Extra["writer"] = (context, system) =>
        {
            _ = system.Sleep(context, 10_000);
            return system.Write(context, 1, "x"u8).Value - 1;
        };
        rig.Run(context =>
        {
            int socket = Make(context, rig.System, SocketKind.Stream);
            PipeEnds pipe = rig.System.MakePipe(context).Value;
            _ = rig.System.Spawn(context, "writer\0"u8, 0, pipe.WriteEnd, 2);
            ulong[] readable = [1UL << pipe.ReadEnd];
            ulong[] exceptional = [1UL << socket];

            Assert.Equal(1, rig.System.Select(context, readable, new ulong[1], exceptional, PatienceMicros).Value);
            Assert.Equal((1UL << pipe.ReadEnd, 0UL), (readable[0], exceptional[0]));
        });
    }

    [Fact]
    public void Socket_WatchedByManyEventPolls_TellsEach()
    {
        const int Count = 40;
        using var rig = new PosixRig(detectsDeadlock: false, hasNetwork: true);
        rig.Run(context =>
        {
            int socket = Make(context, rig.System, SocketKind.Datagram);
            var entry = new EventPollEntry { Events = SocketEvents.Writable };
            for (int index = 0; index < Count; index++)
            {
                int poll = rig.System.MakeEventPoll(context, OpenFlags.ReadOnly).Value;

                Assert.Equal(Errno.None, rig.System.ControlEventPoll(context, poll, EventPollCommand.Add, socket, entry).Error);
                Assert.Equal(1, rig.System.WaitEventPoll(context, poll, new EventPollEntry[1], PatienceMicros).Value);
            }
        });
    }

    [Theory]
    [InlineData(AddressFamily.Unix, SocketKind.Stream)]
    [InlineData(AddressFamily.Unix, SocketKind.Datagram)]
    [InlineData(AddressFamily.InterNetwork, SocketKind.Stream)]
    [InlineData(AddressFamily.InterNetwork, SocketKind.Datagram)]
    public void BufferSizes_AreToldAsTheyWereSet(AddressFamily family, SocketKind kind)
    {
        using var rig = new PosixRig(detectsDeadlock: false, hasNetwork: true);
        rig.Run(context =>
        {
            int socket = rig.System.MakeSocket(context, family, kind, OpenFlags.ReadOnly, 0).Value;
            Assert.True(rig.System.SetSocketOption(context, socket, SocketOption.SendBytes, 10_000).IsOk);
            Assert.True(rig.System.SetSocketOption(context, socket, SocketOption.ReceiveBytes, 20_000).IsOk);

            Assert.Equal(10_000, rig.System.GetSocketOption(context, socket, SocketOption.SendBytes).Value);
            Assert.Equal(20_000, rig.System.GetSocketOption(context, socket, SocketOption.ReceiveBytes).Value);
        });
    }

    private static (int Client, int Server) Connect(CallContext context, ISystem system)
    {
        var address = new SocketAddress(IpAddress.FromV4(127, 0, 0, 1), 80);
        int listener = Make(context, system, SocketKind.Stream);
        Assert.True(system.Bind(context, listener, address).IsOk);
        Assert.True(system.Listen(context, listener, 1).IsOk);
        int client = Make(context, system, SocketKind.Stream);
        Assert.True(system.Connect(context, client, address).IsOk);
        return (client, system.Accept(context, listener, out _).Value);
    }

    private static int Make(CallContext context, ISystem system, SocketKind kind) =>
        system.MakeSocket(context, AddressFamily.InterNetwork, kind, OpenFlags.ReadOnly, 0).Value;
}
