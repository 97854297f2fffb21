using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using RedLeafSharp.Machine.Links.User;
using RedLeafSharp.Tests.Cli;
using RedLeafSharp.Tests.Support;
using RedLeafSharp.Tests.Systems;
using Xunit;

namespace RedLeafSharp.Tests.Network;

/// <summary>A network filter between two shadows, as the template makes it, in the template's system.</summary>
public sealed class NetFilterTests : IDisposable
{
    private const int EchoPort = 7;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    public void Filter_UnderAConnection_PassesEveryByteOn(int crashEvery)
    {
        using TestSystem system = FilterSystem.Boot(folder, EchoPort, crashEvery);
        var echo = new BackgroundWork("echo", () => system.Shell($"echod -p {EchoPort}"));
        byte[] data = RandomNumberGenerator.GetBytes(1 << 20);

        byte[] answer = Echo(((UserLink)system.System.Hardware.Networks["net0"].Link).PublishedPorts[0], data);

        Assert.True(data.AsSpan().SequenceEqual(answer));
        int restarts = system.System.Restarts.Count(one => one.Domain == FilterSystem.Filter);
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

}
