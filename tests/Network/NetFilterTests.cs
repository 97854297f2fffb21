using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using RedLeafSharp.Kernel;
using RedLeafSharp.Machine.Links.User;
using RedLeafSharp.Tests.Cli;
using RedLeafSharp.Tests.Support;
using RedLeafSharp.Tests.Systems;
using RedLeafSharp.Tests.Tidy;
using Xunit;

namespace RedLeafSharp.Tests.Network;

/// <summary>A network filter between two shadows, as the template makes it, in the template's system.</summary>
public sealed class NetFilterTests : IDisposable
{
    private const string Template = "packages/Templates/content/redleaf-domain/Net";
    private const int EchoPort = 7;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    public void Filter_UnderAConnection_PassesEveryByteOn(int crashEvery)
    {
        using TestSystem system = Boot(crashEvery);
        var echo = new BackgroundWork("echo", () => system.Shell($"echod -p {EchoPort}"));
        byte[] data = RandomNumberGenerator.GetBytes(1 << 20);

        byte[] answer = Echo(((UserLink)system.System.Hardware.Networks["net0"].Link).PublishedPorts[0], data);

        Assert.True(data.AsSpan().SequenceEqual(answer));
        int restarts = system.System.Restarts.Count(one => one.Domain == "Counter");
        Assert.True(crashEvery == 0 ? restarts == 0 : restarts > 3, $"{restarts} restarts");
        _ = system.System.KillProcesses("echod");
        Assert.True(echo.Join(TimeSpan.FromMinutes(1)), "the echo's program does not end");
        Assert.True(system.System.WaitForReclaims(TimeSpan.FromSeconds(60)));
        Assert.All(system.System.Reclaims, record => Assert.Equal(string.Empty, record.Detail));
    }

    /// <summary>Sends all and reads all, beside each other; before that, waits until somebody listens.</summary>
    private static byte[] Echo(int port, byte[] data)
    {
        byte[] answer = new byte[data.Length];
        using Socket socket = Connect(port);
        Task sending = Task.Run(() => socket.Send(data));
        for (int count = 0; count < answer.Length;)
        {
            int read = socket.Receive(answer.AsSpan(count));
            Assert.True(read > 0, $"the connection ended after {count} bytes");
            count += read;
        }

        sending.Wait();
        return answer;
    }

    private static Socket Connect(int port)
    {
        Socket? connected = null;
        bool isUp = SpinWait.SpinUntil(
            () =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Connect(IPAddress.Loopback, port);
                _ = socket.Send([1], SocketFlags.None, out _);
                bool isEchoed = socket.Receive(new byte[1], SocketFlags.None, out SocketError error) == 1 && error == SocketError.Success;
                connected = isEchoed ? socket : null;
                if (!isEchoed)
                {
                    socket.Dispose();
                }

                return isEchoed;
            },
            TimeSpan.FromMinutes(1));
        Assert.True(isUp, "the echo does not come up");
        return connected!;
    }

    private TestSystem Boot(int crashEvery)
    {
        string source = string.Join('\n', new[] { "NetFilterDomain.cs", "NetFilter.cs" }
            .SelectMany(file => File.ReadAllLines(Path.Combine(Repository.Root, Template, file)))
            .Where(line => !line.StartsWith("using ", StringComparison.Ordinal) && !line.StartsWith("namespace ", StringComparison.Ordinal)));
        DomainCompiler.WriteFolder(Path.Combine(folder.Path, "bin", "domain"), TemplateText("domain.yaml"), $"namespace RedLeafDomain1 {{ {source} }}");
        string yaml = TemplateText("system.yaml")
            .Replace("8080:80", $"0:{EchoPort}", StringComparison.Ordinal)
            .Replace("crashEvery: \"0\"}, restart: {standby: 2}", $"crashEvery: \"{crashEvery}\"}}, restart: {{restartsMax: 100000, youngMicros: 0}}", StringComparison.Ordinal);
        return new TestSystem(SystemDescription.Parse(folder.Write("system.yaml", yaml), yaml));
    }

    /// <summary>The template's own name is the name of the class's namespace, too; only the domain's is changed.</summary>
    private static string TemplateText(string file) => File.ReadAllText(Path.Combine(Repository.Root, Template, file))
        .Replace("name: RedLeafDomain1", "name: Counter", StringComparison.Ordinal)
        .Replace("shadows: RedLeafDomain1", "shadows: Counter", StringComparison.Ordinal);
}
