using System.Net;
using System.Net.Sockets;
using System.Text;
using RedLeafSharp.Machine.Links.User;
using RedLeafSharp.Tests.Cli;
using RedLeafSharp.Tests.Support;
using RedLeafSharp.Tests.Systems;
using Xunit;

namespace RedLeafSharp.Tests.Network;

/// <summary>
/// A filter between the stack's shadow and the driver's that is taken away and put back, also while pages of a file are being sent.
/// </summary>
public sealed class FilterReloadTests : IDisposable
{
    private const int WebPort = 7;
    private const int LineCount = 1_400_000;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Filter_TakenAwayAndLoadedAgain_HasTheLinkComeUp()
    {
        using TestSystem system = FilterSystem.Boot(folder, WebPort);
        Reload(system, () => { });
    }

    /// <summary>Nobody who may have the pages granted is calling when the new filter is told of them.</summary>
    [Fact]
    public void Filter_ReloadedWhilePagesAreSent_LosesNoByte()
    {
        using TestSystem system = FilterSystem.Boot(folder, WebPort);
        int before = GrantedPages(system);
        BackgroundWork server = Serve(system);
        using Socket socket = Ask(system, before);

        Reload(system, () => { });

        byte[] answer = ReadAll(socket);
        byte[] lines = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(1, LineCount).Select(line => $"{line}\n")));
        int headerBytes = answer.AsSpan().IndexOf("\r\n\r\n"u8) + 4;
        Assert.Equal(lines.Length, answer.Length - headerBytes);
        Assert.Equal(lines.Length, answer.AsSpan(headerBytes).CommonPrefixLength(lines));
        AwaitGranted(system, before);
        End(system, server);
    }

    /// <summary>What the stack takes back while there is no filter, the shadow below hears of when there is one.</summary>
    [Fact]
    public void Filter_ReloadedAfterTheConnectionHasGone_LeavesNoPageMapped()
    {
        using TestSystem system = FilterSystem.Boot(folder, WebPort);
        int before = GrantedPages(system);
        BackgroundWork server = Serve(system);
        using Socket socket = Ask(system, before);
        _ = socket.Send("unread, so the end of the server is a reset"u8);

        Reload(system, () => End(system, server));

        AwaitGranted(system, before);
    }

    private static void Reload(TestSystem system, Action between)
    {
        system.System.Unload(FilterSystem.Filter);
        Assert.True(SpinWait.SpinUntil(() => !IsUp(system), TimeSpan.FromMinutes(1)), "the link stays up");
        between();
        system.System.Load(FilterSystem.Filter);
        Assert.True(SpinWait.SpinUntil(() => IsUp(system), TimeSpan.FromMinutes(1)), "the link stays down");
        Assert.DoesNotContain(system.System.Restarts, restart => restart.Domain == FilterSystem.Filter);
    }

    private static BackgroundWork Serve(TestSystem system)
    {
        Assert.Equal(0, system.Shell($"mkdir /srv; seq {LineCount} > /srv/big; sync").Status);
        var server = new BackgroundWork("httpd", () => system.Shell($"httpd -p {WebPort} /srv"));
        Assert.True(SpinWait.SpinUntil(() => system.Shell($"nc -z 10.0.2.15 {WebPort}").Status == 0, TimeSpan.FromMinutes(1)));
        return server;
    }

    private static void End(TestSystem system, BackgroundWork server)
    {
        _ = system.System.KillProcesses("httpd");
        Assert.True(server.Join(TimeSpan.FromMinutes(1)));
    }

    /// <summary>Asks for the file, and does not read it.</summary>
    private static Socket Ask(TestSystem system, int grantedPages)
    {
        Socket socket = Connect(system);
        _ = socket.Send("GET /big HTTP/1.0\r\n\r\n"u8);
        Assert.True(SpinWait.SpinUntil(() => GrantedPages(system) > grantedPages + 16, TimeSpan.FromMinutes(1)), "nothing is lent");
        return socket;
    }

    private static Socket Connect(TestSystem system)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            ReceiveTimeout = 60_000,
            ReceiveBufferSize = 4_096,
        };
        socket.Connect(IPAddress.Loopback, ((UserLink)system.System.Hardware.Networks["net0"].Link).PublishedPorts[0]);
        return socket;
    }

    private static byte[] ReadAll(Socket socket)
    {
        using var stream = new NetworkStream(socket);
        using var all = new MemoryStream();
        stream.CopyTo(all);
        return all.ToArray();
    }

    private static void AwaitGranted(TestSystem system, int pages) => Assert.True(
        SpinWait.SpinUntil(() => GrantedPages(system) == pages, TimeSpan.FromMinutes(1)), $"{GrantedPages(system)} pages, {pages} before");

    private static int GrantedPages(TestSystem system) => system.System.Hardware.Windows.Sum(window => window.CountGranted());

    private static bool IsUp(TestSystem system) => !system.Shell("ip link").Output.Contains("NO-CARRIER", StringComparison.Ordinal);
}
