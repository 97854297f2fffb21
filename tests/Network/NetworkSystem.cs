using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using RedLeafSharp.Kernel;
using RedLeafSharp.Kernel.Boot;
using RedLeafSharp.Kernel.Supervision;
using RedLeafSharp.Machine.Links.User;
using RedLeafSharp.Tests.Systems;

namespace RedLeafSharp.Tests.Network;

/// <summary>
/// The built-in system at a link, with a web server for a file of numbers, an echo, and a driver that can be made to die.
/// </summary>
internal sealed class NetworkSystem : IDisposable
{
    internal const int WebPort = 80;
    internal const int EchoPort = 7;

    private const int LineCount = 400_000;

    private readonly Task web;
    private readonly Task echo;

    /// <param name="link">As the command line has it.</param>
    /// <param name="address">The system's address; null for what goes with the link.</param>
    /// <param name="attach">Called when the link has been opened, and before programs run.</param>
    internal NetworkSystem(string link = "user", string? address = null, Action? attach = null)
    {
        LinkDescription described = LinkDescription.TryParse(link)!;
        described = described.IsUser
            ? described with { Published = [LinkDescription.TryParsePublished("0:80")!, LinkDescription.TryParsePublished("0:7")!], Reachable = null }
            : described;
        SystemDescription description = SystemDescription.Default
            .WithNetwork(new NetworkDescription { Link = described, Address = address })
            .WithRestartPolicy("E1000e", new RestartPolicy { RestartsMax = 1_000_000, StandbyCount = 4, YoungMicros = 0 });
        System = new TestSystem(description, crashSites: true);
        attach?.Invoke();
        Crashes = System.System.Crashes("E1000e");
        File = Encoding.ASCII.GetBytes(string.Concat(
            Enumerable.Range(1, LineCount).Select(number => number.ToString(CultureInfo.InvariantCulture) + "\n")));
        (int status, string output) = System.Shell($"mkdir /srv && seq {LineCount} > /srv/numbers");
        if (status != 0)
        {
            throw new InvalidOperationException(output);
        }

        web = Task.Factory.StartNew(() => System.Shell($"httpd -p {WebPort} /srv"), TaskCreationOptions.LongRunning);
        echo = Task.Factory.StartNew(() => System.Shell($"echod -p {EchoPort}"), TaskCreationOptions.LongRunning);
        if (described.IsUser)
        {
            Await(Ports[0], "GET / HTTP/1.0\r\n\r\n"u8.ToArray());
            Await(Ports[1], [1]);
        }
    }

    /// <summary>A server that does not listen yet has its connections reset.</summary>
    private static void Await(int port, byte[] question)
    {
        bool isUp = SpinWait.SpinUntil(
            () =>
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Connect(IPAddress.Loopback, port);
                _ = socket.Send(question, SocketFlags.None, out _);
                return socket.Receive(new byte[1], SocketFlags.None, out SocketError error) == 1 && error == SocketError.Success;
            },
            TimeSpan.FromMinutes(1));
        if (!isUp)
        {
            throw new InvalidOperationException("a server does not come up");
        }
    }

    internal TestSystem System { get; }

    internal CrashInjector Crashes { get; }

    /// <summary>What the web server has at /numbers.</summary>
    internal byte[] File { get; }

    /// <summary>The host's ports that lead to the web server and to the echo; of a user link.</summary>
    internal IReadOnlyList<int> Ports => ((UserLink)System.System.Hardware.Networks[NetworkDescription.DeviceName].Link).PublishedPorts;

    public void Dispose()
    {
        _ = Crashes.Disarm();
        _ = System.System.KillProcesses("httpd");
        _ = System.System.KillProcesses("echod");
        try
        {
            Task.WaitAll(web, echo);
        }
        finally
        {
            System.Dispose();
        }
    }
}
