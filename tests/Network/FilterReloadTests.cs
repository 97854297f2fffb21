using System.Net;
using System.Net.Sockets;
using RedLeafSharp.Kernel;
using RedLeafSharp.Machine.Links.User;
using RedLeafSharp.Tests.Cli;
using RedLeafSharp.Tests.Support;
using RedLeafSharp.Tests.Systems;
using RedLeafSharp.Tests.Tidy;
using Xunit;

namespace RedLeafSharp.Tests.Network;

/// <summary>A filter between the stack's shadow and the driver's that is taken away and put back, also while pages of a file are being sent.</summary>
public sealed class FilterReloadTests : IDisposable
{
    private const int FileBytes = 10_000_000;
    private const string Template = "packages/Templates/content/redleaf-domain/Net";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Filter_TakenAwayAndLoadedAgain_HasTheLinkComeUp()
    {
        using TestSystem system = Boot();
        Reload(system, () => { });
    }

    /// <summary>Nobody who may have the pages granted is calling when the new filter is told of them.</summary>
    [Fact]
    public void Filter_ReloadedWhilePagesAreSent_LosesNoByte()
    {
        using TestSystem system = Boot();
        int before = GrantedPages(system);
        BackgroundWork server = Serve(system);
        using Socket socket = Ask(system, before);

        Reload(system, () => { });

        Assert.True(Drain(socket) > FileBytes);
        Assert.True(SpinWait.SpinUntil(() => GrantedPages(system) == before, TimeSpan.FromMinutes(1)), $"{GrantedPages(system)} pages, {before} before");
        End(system, server);
    }

    /// <summary>What the stack takes back while there is no filter, the shadow below hears of when there is one.</summary>
    [Fact]
    public void Filter_ReloadedAfterTheConnectionHasGone_LeavesNoPageMapped()
    {
        using TestSystem system = Boot();
        int before = GrantedPages(system);
        BackgroundWork server = Serve(system);
        using Socket socket = Ask(system, before);
        _ = socket.Send("unread, so the end of the server is a reset"u8);

        Reload(system, () => End(system, server));

        Assert.True(SpinWait.SpinUntil(() => GrantedPages(system) == before, TimeSpan.FromMinutes(1)), $"{GrantedPages(system)} pages, {before} before");
    }

    private static void Reload(TestSystem system, Action between)
    {
        system.System.Unload("Counter");
        Assert.True(SpinWait.SpinUntil(() => !IsUp(system), TimeSpan.FromMinutes(1)), "the link stays up");
        between();
        system.System.Load("Counter");
        Assert.True(SpinWait.SpinUntil(() => IsUp(system), TimeSpan.FromMinutes(1)), "the link stays down");
        Assert.DoesNotContain(system.System.Restarts, restart => restart.Domain == "Counter");
    }

    private static BackgroundWork Serve(TestSystem system)
    {
        Assert.Equal(0, system.Shell($"mkdir /srv; head -c {FileBytes} /dev/zero > /srv/big; sync").Status);
        var server = new BackgroundWork("httpd", () => system.Shell("httpd -p 7 /srv"));
        Assert.True(SpinWait.SpinUntil(() => system.Shell("nc -z 10.0.2.15 7").Status == 0, TimeSpan.FromMinutes(1)));
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
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 60_000, ReceiveBufferSize = 4_096 };
        socket.Connect(IPAddress.Loopback, ((UserLink)system.System.Hardware.Networks["net0"].Link).PublishedPorts[0]);
        return socket;
    }

    private static long Drain(Socket socket)
    {
        long total = 0;
        byte[] buffer = new byte[65_536];
        for (int count = socket.Receive(buffer); count > 0; count = socket.Receive(buffer))
        {
            total += count;
        }

        return total;
    }

    private static int GrantedPages(TestSystem system) => system.System.Hardware.Windows.Sum(window => window.CountGranted());

    private static bool IsUp(TestSystem system) => !system.Shell("ip link").Output.Contains("NO-CARRIER", StringComparison.Ordinal);

    private TestSystem Boot()
    {
        string source = string.Join('\n', new[] { "NetFilterDomain.cs", "NetFilter.cs" }
            .SelectMany(file => File.ReadAllLines(Path.Combine(Repository.Root, Template, file)))
            .Where(line => !line.StartsWith("using ", StringComparison.Ordinal) && !line.StartsWith("namespace ", StringComparison.Ordinal)));
        DomainCompiler.WriteFolder(Path.Combine(folder.Path, "bin", "domain"), TemplateText("domain.yaml"), $"namespace RedLeafDomain1 {{ {source} }}");
        string yaml = TemplateText("system.yaml")
            .Replace("8080:80", "0:7", StringComparison.Ordinal)
            .Replace("restart: {standby: 2}}", "restart: {restartsMax: 100, youngMicros: 0}}", StringComparison.Ordinal);
        return new TestSystem(SystemDescription.Parse(folder.Write("system.yaml", yaml), yaml));
    }

    private static string TemplateText(string file) => File.ReadAllText(Path.Combine(Repository.Root, Template, file))
        .Replace("name: RedLeafDomain1", "name: Counter", StringComparison.Ordinal)
        .Replace("shadows: RedLeafDomain1", "shadows: Counter", StringComparison.Ordinal);
}
