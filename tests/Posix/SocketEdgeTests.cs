using RedLeafSharp.Contracts;
using Xunit;

namespace RedLeafSharp.Tests.Posix;

/// <summary>What scenarios of calls cannot show of sockets: waits, signals, sets of descriptors, sizes.</summary>
public sealed class SocketEdgeTests
{
    private const long PatienceMicros = 10_000_000;

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
