using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Network;

/// <summary>iperf3: the server of iperf 3's tests over TCP, in both directions and with several streams.</summary>
public sealed class Iperf3Program : Utility
{
    private protected override string Synopsis => "-s [-1] [-p PORT]";

    private protected override int Run(Libc libc)
    {
        libc.IgnorePipeSignal();
        Options options = Options.Parse(libc.Arguments, "s1p:");
        ushort port = Iperf3Spec.Port;
        bool isGood = options.Error is null && options.Has('s')
            && (options.ValueOf('p') is not { } text || SocketText.TryParsePort(text, out port));
        if (!isGood)
        {
            return libc.ComplainUsage(options.Error ?? $"usage: {libc.Name} {Synopsis}");
        }

        Reply<int, Errno> made = libc.System.MakeSocket(
            libc.Context, AddressFamily.InterNetworkV6, SocketKind.Stream, OpenFlags.CloseOnExec, 0);
        _ = libc.System.SetSocketOption(libc.Context, made.Value, SocketOption.ReuseAddress, 1);
        Errno error = made.IsOk
            ? Errors.Of(libc.System.Bind(libc.Context, made.Value, new SocketAddress(IpAddress.AnyV6, port)))
            : Errors.Of(made);
        error = error != Errno.None ? error : Errors.Of(libc.System.Listen(libc.Context, made.Value, Iperf3Spec.StreamsMax));
        if (error != Errno.None)
        {
            return libc.Complain($"port {port}", error);
        }

        libc.PrintLine($"Server listening on {port}");
        libc.Flush();
        int status = 0;
        var pages = new Iperf3Pages();
        do
        {
            Reply<int, Errno> control = libc.System.Accept(libc.Context, made.Value, out SocketAddress peer);
            if (!control.IsOk)
            {
                return libc.Complain("accept", Errors.Of(control));
            }

            libc.PrintLine($"Accepted connection from {peer.Address}, port {peer.Port}");
            status = new Iperf3Test(made.Value, control.Value, pages).Run(libc);
            libc.Flush();
        }
        while (!options.Has('1'));
        return status;
    }
}
