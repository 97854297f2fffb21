using System.Net;
using System.Net.Sockets;
using RedLeafSharp.Kernel;
using RedLeafSharp.Machine.Links.User;
using RedLeafSharp.Tests.Cli;
using RedLeafSharp.Tests.Support;
using RedLeafSharp.Tests.Systems;
using Xunit;

namespace RedLeafSharp.Tests.Network;

/// <summary>A whole system that is booted without its network driver, whose binary is not even there yet.</summary>
public sealed class LateDriverSystemTests : IDisposable
{
    private const string Driver = "E1000e";
    private const string Yaml = """
        devices:
          - {name: disk0, model: nvme}
          - {name: net0, model: e1000e, link: user, publish: ["0:7"]}
        domains:
          - {name: Nvme, device: disk0}
          - {name: BlockShadow, shadows: Nvme}
          - {name: Ext4, use: {IBlockDevice: BlockShadow}}
          - {name: E1000e, device: net0, start: later, restart: {restartsMax: 100, youngMicros: 0}}
          - {name: NetShadow, shadows: E1000e}
          - name: TcpStack
            use: {INetDevice: NetShadow}
            settings: {links: eth0=NetShadow, addresses: eth0=10.0.2.15/24, routes: default=10.0.2.2}
          - name: Personality
            use: {IFileSystem: Ext4, ISocketStack: TcpStack, INetConfiguration: TcpStack}
            settings: {stacks: TcpStack}
        programs: [Programs]
        """;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Listener_OpenedBeforeThereIsADriver_AnswersWhenOneHasCome()
    {
        using TestSystem system = Boot();
        BackgroundWork echo = Echo(system);
        Assert.Contains("eth0: <NO-CARRIER,BROADCAST,MULTICAST,UP>", system.Shell("ip link").Output, StringComparison.Ordinal);
        Assert.NotEqual(0, system.Shell("ping -c 1 -W 1 10.0.2.2").Status);

        AddBinary();
        system.System.Load(Driver);

        using Socket first = Connect(system);
        AssertEchoed(first, 1);
        Assert.Contains("eth0: <BROADCAST,MULTICAST,UP,LOWER_UP>", system.Shell("ip link").Output, StringComparison.Ordinal);
        Assert.Contains("112 \"E1000e\".1: has been put", string.Join('\n', system.Log), StringComparison.Ordinal);
        Assert.Throws<BootException>(() => system.System.Load(Driver));
        End(system, echo);
    }

    [Fact]
    public void Connection_WhoseDriverIsTakenAwayAndAnotherComes_GoesOn()
    {
        AddBinary();
        using TestSystem system = Boot();
        BackgroundWork echo = Echo(system);
        system.System.Load(Driver);
        using Socket connection = Connect(system);
        AssertEchoed(connection, 1);

        system.System.Unload(Driver);
        Assert.True(
            SpinWait.SpinUntil(
                () => system.Shell("ip link").Output.Contains("NO-CARRIER", StringComparison.Ordinal), TimeSpan.FromMinutes(1)),
            "the link stays up");
        Assert.Contains("E1000e 1", system.Shell("cat /proc/domains").Output, StringComparison.Ordinal);
        Assert.Contains("absent", system.Shell("cat /proc/domains").Output, StringComparison.Ordinal);
        Assert.Throws<BootException>(() => system.System.Unload(Driver));
        Assert.Throws<BootException>(() => system.System.Reload(Driver));
        _ = connection.Send([2]); // stays with the gateway, which sends it again
        system.System.Load(Driver);

        Assert.Equal(2, Receive(connection));
        AssertEchoed(connection, 3);
        system.System.Kill(Driver);
        AssertEchoed(connection, 4);
        End(system, echo);
        Assert.True(system.System.WaitForReclaims(TimeSpan.FromSeconds(60)));
        Assert.All(system.System.Reclaims, record => Assert.Equal(string.Empty, record.Detail));
    }

    [Fact]
    public void Unload_OfADriverThatItsShadowNeeds_IsRefused()
    {
        AddBinary();
        using TestSystem system = Boot();
        Assert.Throws<BootException>(() => system.System.Unload("Nvme"));
        Assert.Throws<BootException>(() => system.System.Load("Nvme"));
        Assert.Equal(0, system.Shell("sync").Status);
    }

    [Fact]
    public void Load_OfWhatIsNoDriver_ChangesNothing()
    {
        using TestSystem system = Boot();
        Assert.Throws<BootException>(() => system.System.Load(Driver));
        Copy("Tmpfs", Driver);
        Assert.Throws<BootException>(() => system.System.Load(Driver));
        Directory.Delete(Path.Combine(folder.Path, Driver), recursive: true);
        AddBinary();
        BackgroundWork echo = Echo(system);
        system.System.Load(Driver);
        using Socket connection = Connect(system);
        AssertEchoed(connection, 1);
        End(system, echo);
    }

    private TestSystem Boot()
    {
        foreach (string name in new[] { "Nvme", "BlockShadow", "Ext4", "NetShadow", "TcpStack", "Personality", "Programs" })
        {
            Copy(name, name);
        }

        return new TestSystem(SystemDescription.Parse("late.yaml", Yaml), domainsFolder: folder.Path);
    }

    private void AddBinary() => Copy(Driver, Driver);

    private void Copy(string from, string to)
    {
        string target = Path.Combine(folder.Path, to);
        Directory.CreateDirectory(target);
        foreach (string file in Directory.GetFiles(Path.Combine(TestSystem.DomainsFolder, from)))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }
    }

    private static BackgroundWork Echo(TestSystem system) => new("echo", () => system.Shell("echod -p 7"));

    private static void End(TestSystem system, BackgroundWork echo)
    {
        _ = system.System.KillProcesses("echod");
        Assert.True(echo.Join(TimeSpan.FromMinutes(1)), "the echo's program does not end");
    }

    /// <summary>The gateway resets connections that the system does not take yet.</summary>
    private static Socket Connect(TestSystem system)
    {
        int port = ((UserLink)system.System.Hardware.Networks["net0"].Link).PublishedPorts[0];
        Socket? made = null;
        Assert.True(SpinWait.SpinUntil(() => TryConnect(port, out made), TimeSpan.FromMinutes(1)), "nobody echoes");
        return made!;
    }

    private static bool TryConnect(int port, out Socket? made)
    {
        made = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 60_000 };
        try
        {
            made.Connect(IPAddress.Loopback, port);
            return made.Send([0]) == 1 && made.Receive(new byte[1]) == 1;
        }
        catch (SocketException)
        {
            made.Dispose();
            return false;
        }
    }

    private static void AssertEchoed(Socket socket, byte value)
    {
        _ = socket.Send([value]);
        Assert.Equal(value, Receive(socket));
    }

    private static byte Receive(Socket socket)
    {
        byte[] one = new byte[1];
        Assert.Equal(1, socket.Receive(one));
        return one[0];
    }
}
