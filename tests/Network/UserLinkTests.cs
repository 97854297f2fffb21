using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Tcp;
using RedLeafSharp.Machine.Links;
using RedLeafSharp.Machine.Links.User;
using Xunit;
using HostFlags = System.Net.Sockets.SocketFlags;
using HostSocket = System.Net.Sockets.Socket;

namespace RedLeafSharp.Tests.Network;

/// <summary>Connections between the host and the stack through the gateway, and what a dying driver does to them: nothing.</summary>
public sealed class UserLinkTests
{
    private const int TransferBytes = 2 << 20;

    private static readonly IpAddress Guest = IpAddress.FromV4(UserNetwork.Guest);
    private static readonly IpAddress Gateway = IpAddress.FromV4(UserNetwork.Gateway);
    private static readonly PublishedPort Echo = new(IPAddress.Loopback, 0, WiredStack.EchoPort);

    private UserLink? link;

    [Fact]
    public void PublishedPort_EchoOfTheStack_GivesEveryByteBack()
    {
        using WiredStack stack = Create(new UserNetwork { Published = [Echo] });
        AssertEcho(stack, TransferBytes);
        stack.Until(() => link!.ConnectionCount == 0 || stack.Stack.Tcp.ConnectionCount <= 1, "the end");
        Assert.Empty(stack.Errors);
    }

    [Fact]
    public void PublishedPort_MoreConnectionsOneAfterTheOtherThanThereIsRoomFor_AllEcho()
    {
        using WiredStack stack = Create(new UserNetwork { Published = [Echo] });
        for (int connection = 0; connection <= LinkLimits.FlowsMax; connection++)
        {
            AssertEcho(stack, 10);
        }

        Assert.Empty(stack.Errors);
    }

    [Theory]
    [InlineData(false, 23)]
    [InlineData(true, 23)]
    [InlineData(false, 61)]
    [InlineData(true, 61)]
    public void PublishedPort_WhileTheDriverDiesAtItsRings_GivesEveryByteBack(bool isAfter, int every)
    {
        var faults = new CrashAtRing { IsAfter = isAfter };
        using WiredStack stack = Create(new UserNetwork { Published = [Echo] }, faults);
        faults.Every = every;
        AssertEcho(stack, TransferBytes / 4);
        faults.Every = 0;
        Assert.True(stack.Recoveries >= 2, $"{stack.Recoveries} recoveries");
        Assert.Empty(stack.Errors);
        Assert.Empty(stack.Rig.Complaints);
        Assert.Empty(stack.Rig.Faults);
    }

    [Fact]
    public void HostPort_ThatMayBeReached_AnswersTheStack()
    {
        using HostSocket listener = Listen(out int port);
        using WiredStack stack = Create(new UserNetwork { Reachable = new HashSet<int> { port } });
        TcpConnection connection = stack.Connect(Gateway, (ushort)port);
        stack.Until(() => listener.Poll(0, SelectMode.SelectRead), "the connection");
        using HostSocket accepted = listener.Accept();
        byte[] data = RandomNumberGenerator.GetBytes(TransferBytes);
        Task sending = Task.Run(() =>
        {
            accepted.Send(data);
            accepted.Shutdown(SocketShutdown.Send);
        });
        var received = new MemoryStream();
        byte[] buffer = new byte[64 << 10];
        stack.Until(
            () =>
            {
                received.Write(buffer, 0, connection.Receive(stack.Context, buffer, isPeek: false, out _));
                return connection.IsAtEnd;
            },
            "all bytes");
        stack.Until(() => sending.IsCompleted, "the sender");
        Assert.Equal(SHA256.HashData(data), SHA256.HashData(received.ToArray()));
        connection.Send(stack.Context, "bye"u8, out _);
        connection.ShutdownSend(stack.Context);
        stack.Until(() => accepted.Available == 3, "what the stack has sent");
        Assert.Equal(3, accepted.Receive(buffer));
        stack.Until(() => accepted.Poll(0, SelectMode.SelectRead), "the end");
        Assert.Equal(0, accepted.Receive(buffer));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void HostPort_ThatIsClosedOrForbidden_RefusesTheStack(bool isAllowed)
    {
        HostSocket listener = Listen(out int port);
        if (isAllowed)
        {
            listener.Dispose();
        }

        using WiredStack stack = Create(new UserNetwork { Reachable = isAllowed ? null : new HashSet<int>() });
        TcpConnection connection = stack.Connect(Gateway, (ushort)port);
        stack.Until(() => connection.State == TcpState.Closed, "the refusal");
        Assert.Equal(Contracts.SocketError.ConnectionRefused, connection.Error);
        listener.Dispose();
    }

    [Fact]
    public void Reset_OfTheHost_ResetsTheStacksConnection()
    {
        using HostSocket listener = Listen(out int port);
        using WiredStack stack = Create(new UserNetwork { Reachable = null });
        TcpConnection connection = stack.Connect(Gateway, (ushort)port);
        stack.Until(() => listener.Poll(0, SelectMode.SelectRead), "the connection");
        HostSocket accepted = listener.Accept();
        stack.Until(() => connection.IsSynchronized, "the handshake");
        accepted.LingerState = new LingerOption(true, 0);
        accepted.Dispose();
        stack.Until(() => connection.State == TcpState.Closed, "the reset");
        Assert.Equal(Contracts.SocketError.ConnectionReset, connection.Error);
    }

    [Fact]
    public void Reset_OfTheStack_ResetsTheHostsConnection()
    {
        using HostSocket listener = Listen(out int port);
        using WiredStack stack = Create(new UserNetwork { Reachable = null });
        TcpConnection connection = stack.Connect(Gateway, (ushort)port);
        stack.Until(() => listener.Poll(0, SelectMode.SelectRead), "the connection");
        using HostSocket accepted = listener.Accept();
        stack.Until(() => connection.IsSynchronized, "the handshake");
        connection.Abort(stack.Context, Contracts.SocketError.None);
        stack.Until(() => accepted.Poll(0, SelectMode.SelectRead), "the reset");
        _ = accepted.Receive(new byte[1], HostFlags.None, out System.Net.Sockets.SocketError error);
        Assert.Equal(System.Net.Sockets.SocketError.ConnectionReset, error);
    }

    [Fact]
    public void Port_ThatIsTaken_IsSaid()
    {
        using HostSocket listener = Listen(out int port);
        var network = new UserNetwork { Published = [new PublishedPort(IPAddress.Loopback, port, 80)] };
        IOException refusal = Assert.Throws<IOException>(() => new UserLink(network, () => 0));
        Assert.Contains($"port {port} of 127.0.0.1 cannot be published", refusal.Message, StringComparison.Ordinal);
        using var other = new UserLink(new UserNetwork { Published = [Echo] }, () => 0);
        var same = new UserNetwork { Published = [new PublishedPort(IPAddress.Loopback, other.PublishedPorts[0], 80)] };
        Assert.Throws<IOException>(() => new UserLink(same, () => 0));
    }

    private static HostSocket Listen(out int port)
    {
        var listener = new HostSocket(System.Net.Sockets.AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        return listener;
    }

    private WiredStack Create(UserNetwork network, CrashAtRing? faults = null) => new(
        scheduler => link = new UserLink(network with { Resolver = null }, () => scheduler.UptimeMicros), Guest, UserNetwork.PrefixBits, Gateway, faults);

    /// <summary>Sends bytes to the echo from a thread of the host, and compares what comes back.</summary>
    private void AssertEcho(WiredStack stack, int lengthBytes)
    {
        byte[] data = RandomNumberGenerator.GetBytes(lengthBytes);
        using var client = new HostSocket(System.Net.Sockets.AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(IPAddress.Loopback, link!.PublishedPorts[0]);
        using var stream = new NetworkStream(client, ownsSocket: false);
        Task sending = Task.Run(() =>
        {
            client.Send(data);
            client.Shutdown(SocketShutdown.Send);
        });
        Task<byte[]> receiving = Task.Run(() =>
        {
            var all = new MemoryStream();
            stream.CopyTo(all);
            return all.ToArray();
        });
        stack.Until(() => sending.IsCompleted && receiving.IsCompleted, "the echo");
        Assert.Equal(SHA256.HashData(data), SHA256.HashData(receiving.Result));
    }
}
