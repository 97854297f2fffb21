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

    private static int Make(CallContext context, ISystem system, SocketKind kind) =>
        system.MakeSocket(context, AddressFamily.InterNetwork, kind, OpenFlags.ReadOnly, 0).Value;
}
