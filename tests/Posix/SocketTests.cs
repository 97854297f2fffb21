using RedLeafSharp.Contracts;
using Xunit;

namespace RedLeafSharp.Tests.Posix;

/// <summary>Sockets that wait, over the loopback of a network stack behind proxies.</summary>
public sealed class SocketTests
{
    private static readonly IpAddress Home = IpAddress.FromV4(127, 0, 0, 1);

    [Fact]
    public void Stream_BetweenProcesses_CarriesMoreThanItsQueues()
    {
        using var rig = new PosixRig(detectsDeadlock: false, hasNetwork: true);
        const int Total = 5_000_000;
        rig.Loader.Extra["server"] = (context, system) => Serve(context, system, Total);
        rig.Run(context =>
        {
            int server = rig.System.Spawn(context, "server\0"u8, 0, 1, 2).Value;
            int socket = Dial(context, rig.System, 80);
            byte[] data = new byte[100_000];
            for (int sent = 0; sent < Total; sent += data.Length)
            {
                data.AsSpan().Fill((byte)(sent / data.Length));
                Assert.Equal(data.Length, rig.System.Send(context, socket, data).Value);
            }

            Assert.True(rig.System.Shutdown(context, socket, ShutdownHow.Send).IsOk);
            byte[] answer = new byte[8];
            Assert.Equal(2, rig.System.Receive(context, socket, answer, SocketFlags.WaitAll).Value);
            Assert.Equal(0, rig.System.WaitForChild(context, server).Value.Status);
        });
    }

    [Fact]
    public void Receive_WithATimeout_IsTryAgain()
    {
        using var rig = new PosixRig(detectsDeadlock: false, hasNetwork: true);
        rig.Run(context =>
        {
            int socket = Make(context, rig.System, SocketKind.Datagram);
            Assert.True(rig.System.Bind(context, socket, new SocketAddress(Home, 53)).IsOk);
            Assert.True(rig.System.SetSocketOption(context, socket, SocketOption.ReceiveTimeoutMicros, 1_000).IsOk);

            Assert.Equal(Errno.TryAgain, rig.System.Receive(context, socket, new byte[1]).Error);
        });
    }

    [Fact]
    public void Poll_OfASocketAndAPipe_WakesForEither()
    {
        using var rig = new PosixRig(detectsDeadlock: false, hasNetwork: true);
        rig.Loader.Extra["sender"] = (context, system) =>
        {
            int socket = Make(context, system, SocketKind.Datagram);
            _ = system.SendTo(context, socket, "x"u8, new SocketAddress(Home, 53));
            return system.Write(context, 1, "y"u8).Value - 1;
        };
        rig.Run(context =>
        {
            int socket = Make(context, rig.System, SocketKind.Datagram);
            Assert.True(rig.System.Bind(context, socket, new SocketAddress(Home, 53)).IsOk);
            PipeEnds pipe = rig.System.MakePipe(context, OpenFlags.ReadOnly).Value;
            _ = rig.System.Spawn(context, "sender\0"u8, 0, pipe.WriteEnd, 2);
            PollEntry[] entries =
            [
                new() { Descriptor = socket, Events = SocketEvents.Readable },
                new() { Descriptor = pipe.ReadEnd, Events = SocketEvents.Readable },
            ];
            byte[] buffer = new byte[4];
            for (int seen = 0; seen < 2;)
            {
                Assert.InRange(rig.System.Poll(context, entries, -1).Value, 1, 2);
                foreach (PollEntry entry in entries.Where(one => one.Returned != SocketEvents.None))
                {
                    Assert.Equal(1, rig.System.Read(context, entry.Descriptor, buffer).Value);
                    seen++;
                }
            }

            Assert.Equal(0, rig.System.Poll(context, entries.AsSpan(0, 1), 1_000).Value);
        });
    }

    [Fact]
    public void EventPoll_WithNothingReady_TimesOut()
    {
        using var rig = new PosixRig(detectsDeadlock: false, hasNetwork: true);
        rig.Run(context =>
        {
            int socket = Make(context, rig.System, SocketKind.Datagram);
            int poll = rig.System.MakeEventPoll(context, OpenFlags.ReadOnly).Value;
            var entry = new EventPollEntry { Events = SocketEvents.Readable };
            Assert.True(rig.System.ControlEventPoll(context, poll, EventPollCommand.Add, socket, entry).IsOk);

            Reply<int, Errno> reply = rig.System.WaitEventPoll(context, poll, new EventPollEntry[1], 1_000);

            Assert.True(reply.IsOk);
            Assert.Equal(0, reply.Value);
        });
    }

    [Fact]
    public void UnixStream_ByPath_ConnectsAndEnds()
    {
        using PosixRig rig = PosixRig.OnTmpfs();
        rig.Run(context =>
        {
            ISystem system = rig.System;
            int listener = system.MakeSocket(context, AddressFamily.Unix, SocketKind.Stream, OpenFlags.ReadOnly, 0).Value;
            byte[] name = SocketNames.OfPath("/s"u8);
            Assert.True(system.Bind(context, listener, name).IsOk);
            Assert.True(system.Listen(context, listener, 1).IsOk);
            int client = system.MakeSocket(context, AddressFamily.Unix, SocketKind.Stream, OpenFlags.ReadOnly, 0).Value;
            Assert.True(system.Connect(context, client, name).IsOk);
            int server = system.Accept(context, listener, default, OpenFlags.ReadOnly, out _).Value;
            Assert.Equal(3, system.Write(context, client, "abc"u8).Value);
            Assert.True(system.Close(context, client).IsOk);

            byte[] buffer = new byte[9];
            Assert.Equal(3, system.Read(context, server, buffer).Value);
            Assert.Equal(0, system.Read(context, server, buffer).Value);
            Assert.Equal(Errno.BrokenPipe, system.Write(context, server, buffer).Error);
            Assert.True(system.Close(context, listener).IsOk);
            int late = system.MakeSocket(context, AddressFamily.Unix, SocketKind.Stream, OpenFlags.ReadOnly, 0).Value;
            Assert.Equal(Errno.ConnectionRefused, system.Connect(context, late, name).Error);
        });
    }

    private static int Serve(CallContext context, ISystem system, int total)
    {
        int listener = Make(context, system, SocketKind.Stream);
        if (!system.Bind(context, listener, new SocketAddress(IpAddress.AnyV4, 80)).IsOk || !system.Listen(context, listener, 5).IsOk)
        {
            return 1;
        }

        int socket = system.Accept(context, listener, out _).Value;
        byte[] buffer = new byte[70_000];
        int received = 0;
        for (int count = 1; count > 0; received += count)
        {
            count = system.Receive(context, socket, buffer).Value;
            for (int index = 0; index < count; index++)
            {
                if (buffer[index] != (byte)((received + index) / 100_000))
                {
                    return 2;
                }
            }
        }

        _ = system.Send(context, socket, "ok"u8);
        return received == total ? 0 : 3;
    }

    /// <summary>Connects as soon as the server listens.</summary>
    private static int Dial(CallContext context, ISystem system, ushort port)
    {
        while (true)
        {
            int socket = Make(context, system, SocketKind.Stream);
            Reply<Unit, Errno> reply = system.Connect(context, socket, new SocketAddress(Home, port));
            if (reply.IsOk)
            {
                return socket;
            }

            Assert.Equal(Errno.ConnectionRefused, reply.Error);
            _ = system.Close(context, socket);
            _ = system.Sleep(context, 1_000);
        }
    }

    private static int Make(CallContext context, ISystem system, SocketKind kind) =>
        system.MakeSocket(context, AddressFamily.InterNetwork, kind, OpenFlags.ReadOnly, 0).Value;
}
