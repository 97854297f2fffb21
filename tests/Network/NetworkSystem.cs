using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
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
    internal const int IperfPort = 5201;
    internal const string TapAddress = "10.98.0.2";
    internal const string TapPeer = "10.98.0.1/24";
    internal const string TapAddressV6 = "fd98::2";
    internal const string TapPeerV6 = "fd98::1/64";

    private const int LineCount = 400_000;
    private const long DiskBytes = 64L << 20;

    private readonly HostNetwork? host;
    private readonly List<(string Program, Task Run)> servers = [];

    /// <param name="host">Linux at the other end, of a TAP interface; null for the user link.</param>
    /// <param name="fileCopies">How often the numbers are in the file.</param>
    internal NetworkSystem(HostNetwork? host = null, int fileCopies = 1)
    {
        this.host = host;
        LinkDescription link = host is null
            ? LinkDescription.TryParse("user")! with
            {
                Published = [LinkDescription.TryParsePublished("0:80")!, LinkDescription.TryParsePublished("0:7")!],
                Reachable = null,
            }
            : LinkDescription.TryParse($"tap:{host.Interface}")!;
        SystemDescription description = SystemDescription.Default
            .WithNetwork(new NetworkDescription { Link = link, Addresses = host is null ? [] : [$"{TapAddress}/24", $"{TapAddressV6}/64"] })
            .WithRestartPolicy("E1000e", new RestartPolicy { RestartsMax = 1_000_000, StandbyCount = 4, YoungMicros = 0 });
        byte[] numbers = Encoding.ASCII.GetBytes(string.Concat(
            Enumerable.Range(1, LineCount).Select(number => number.ToString(CultureInfo.InvariantCulture) + "\n")));
        System = new TestSystem(description, crashSites: true, memoryDiskBytes: DiskBytes + (2L * numbers.Length * fileCopies));
        host?.Attach();
        Crashes = System.System.Crashes("E1000e");
        FileBytes = (long)numbers.Length * fileCopies;
        FileSum = Sum(numbers, fileCopies);
        (int status, string output) = System.Shell(
            $"mkdir /srv; seq {LineCount} > /one; for i in $(seq {fileCopies}); do cat /one; done > /srv/numbers");
        if (status != 0)
        {
            throw new InvalidOperationException(output);
        }

        Serve("httpd", $"httpd -p {WebPort} /srv", WebPort, "GET / HTTP/1.0\r\n\r\n"u8.ToArray());
        Serve("echod", $"echod -p {EchoPort}", EchoPort, [1]);
    }

    internal TestSystem System { get; }

    internal CrashInjector Crashes { get; }

    /// <summary>The length of what the web server has at /numbers.</summary>
    internal long FileBytes { get; }

    /// <summary>Its SHA-256, in hexadecimal digits.</summary>
    internal string FileSum { get; }

    /// <summary>The host's port that leads to the web server; of a user link.</summary>
    internal int PublishedWebPort => Ports[0];

    private IReadOnlyList<int> Ports => ((UserLink)System.System.Hardware.Networks[NetworkDescription.DeviceName].Link).PublishedPorts;

    /// <summary>Runs a server of the system's until the end, and waits until it is there.</summary>
    /// <param name="program">Its name.</param>
    /// <param name="command">How the shell starts it.</param>
    /// <param name="port">Its port.</param>
    /// <param name="question">What it answers; empty when it is enough that it listens.</param>
    internal void Serve(string program, string command, int port, byte[] question)
    {
        servers.Add((program, Task.Factory.StartNew(() => System.Shell(command), TaskCreationOptions.LongRunning)));
        if (!SpinWait.SpinUntil(() => Answers(port, question), TimeSpan.FromMinutes(1)))
        {
            throw new InvalidOperationException($"{program} does not come up");
        }
    }

    /// <summary>A connection from Linux to a server of the system.</summary>
    internal Socket Connect(int port)
    {
        if (host is not null)
        {
            return host.Connect(TapAddress, port);
        }

        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPAddress.Loopback, Ports[port == WebPort ? 0 : 1]);
        return socket;
    }

    public void Dispose()
    {
        _ = Crashes.Disarm();
        foreach ((string program, _) in servers)
        {
            _ = System.System.KillProcesses(program);
        }

        try
        {
            Task.WaitAll([.. servers.Select(server => server.Run)]);
        }
        finally
        {
            System.Dispose();
        }
    }

    /// <summary>A server that does not listen yet has its connections refused, or reset by the gateway.</summary>
    private bool Answers(int port, byte[] question)
    {
        try
        {
            using Socket socket = Connect(port);
            return question.Length == 0 || (socket.Send(question) > 0 && socket.Receive(new byte[1]) == 1);
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string Sum(byte[] data, int copies)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int copy = 0; copy < copies; copy++)
        {
            hash.AppendData(data);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
