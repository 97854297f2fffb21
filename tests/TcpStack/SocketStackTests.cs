using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack;
using RedLeafSharp.Domains.TcpStack.Packets;
using RedLeafSharp.Domains.TcpStack.Sockets;
using RedLeafSharp.Domains.TcpStack.Wire;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>The contract of sockets over the loopback, in virtual time and without a thread of the stack's own.</summary>
public sealed class SocketStackTests : IDisposable
{
    private static readonly IpAddress Home = IpAddress.FromV4(127, 0, 0, 1);

    private readonly TestThread thread = new();
    private readonly PacketPool pool;
    private readonly NetworkStack stack;
    private readonly SocketStack sockets;
    private readonly NetConfiguration configuration;
    private readonly KernelEvent signal;

    public SocketStackTests()
    {
        Assert.True(PacketPool.TryCreate(Context, 2_400, out pool));
        stack = new NetworkStack(pool, 1, 2);
        var work = new StackWork(Context, stack);
        sockets = new SocketStack(stack, work);
        configuration = new NetConfiguration(stack, work);
        signal = KernelEvent.Create(Context);
    }

    private CallContext Context => thread.Context;

    public void Dispose()
    {
        thread.Dispose();
    }

    [Fact]
    public void Stream_OverLoopback_CarriesBytesBothWaysAndEnds()
    {
        (int client, int server) = Connect(80);

        Assert.Equal(5, sockets.Send(Context, client, "hello"u8, SocketFlags.None).Value);
        byte[] buffer = new byte[100];
        Assert.Equal(5, sockets.Receive(Context, server, buffer, SocketFlags.None, out ReceivedMessage message).Value);
        Assert.Equal("hello"u8, buffer.AsSpan(0, 5));
        Assert.Equal(Home, message.Source.Address);
        Assert.Equal(SocketError.TryAgain, sockets.Receive(Context, server, buffer, SocketFlags.None, out _).Error);
        Assert.Equal(2, sockets.Send(Context, server, "ok"u8, SocketFlags.None).Value);
        Assert.True(sockets.Shutdown(Context, client, ShutdownHow.Send).IsOk);
        Assert.Equal(0, sockets.Receive(Context, server, buffer, SocketFlags.None, out _).Value);
        Assert.Equal(2, sockets.Receive(Context, client, buffer, SocketFlags.None, out _).Value);
        Assert.Equal(SocketError.BrokenPipe, sockets.Send(Context, client, "x"u8, SocketFlags.None).Error);
    }

    [Fact]
    public void Connect_NonBlocking_IsInProgressThenConnected()
    {
        _ = Listen(80);
        int client = Open(SocketKind.Stream);

        Assert.Equal(SocketError.InProgress, sockets.Connect(Context, client, new SocketAddress(Home, 80)).Error);
        Assert.Equal(SocketEvents.Writable, sockets.GetReadiness(Context, client).Value.Events);
        Assert.Equal(0, sockets.GetOption(Context, client, SocketOption.PendingError).Value);
        Assert.Equal(SocketError.IsConnected, sockets.Connect(Context, client, new SocketAddress(Home, 80)).Error);
        Assert.Equal(80, sockets.GetRemote(Context, client).Value.Port);
    }

    [Fact]
    public void Connect_ToAClosedPort_IsRefused()
    {
        int client = Open(SocketKind.Stream);
        _ = sockets.Connect(Context, client, new SocketAddress(Home, 81));

        SocketEvents events = sockets.GetReadiness(Context, client).Value.Events;
        Assert.Equal(SocketEvents.Error | SocketEvents.HungUp, events & (SocketEvents.Error | SocketEvents.HungUp));
        Assert.Equal(
            (long)SocketError.ConnectionRefused, sockets.GetOption(Context, client, SocketOption.PendingError).Value);
        Assert.Equal(SocketError.NotConnected, sockets.GetRemote(Context, client).Error);
    }

    [Fact]
    public void Receive_AfterAnAbort_TellsTheResetOnceAndThenTheEnd()
    {
        (int client, int server) = Connect(80);
        Assert.True(sockets.SetOption(Context, client, SocketOption.LingerSeconds, 0).IsOk);
        Assert.True(sockets.Close(Context, client).IsOk);

        byte[] buffer = new byte[10];
        Assert.Equal(SocketError.ConnectionReset, sockets.Receive(Context, server, buffer, SocketFlags.None, out _).Error);
        Assert.Equal(0, sockets.Receive(Context, server, buffer, SocketFlags.None, out _).Value);
        Assert.Equal(SocketError.BrokenPipe, sockets.Send(Context, server, "x"u8, SocketFlags.None).Error);
    }

    [Fact]
    public void Bind_ToAPortThatIsTaken_IsInUseUnlessShared()
    {
        int listener = Listen(80);
        Assert.True(sockets.SetOption(Context, listener, SocketOption.ReuseAddress, 1).IsOk);
        Assert.Equal(SocketError.AddressInUse, sockets.Bind(Context, Open(SocketKind.Stream), new SocketAddress(Home, 80)).Error);

        int client = Open(SocketKind.Stream);
        _ = sockets.Connect(Context, client, new SocketAddress(Home, 80));
        int server = sockets.Accept(Context, listener, signal, out _).Value;
        sockets.Close(Context, server);
        sockets.Close(Context, client);
        sockets.Close(Context, listener);

        int later = Open(SocketKind.Stream);
        Assert.Equal(SocketError.AddressInUse, sockets.Bind(Context, later, new SocketAddress(IpAddress.AnyV4, 80)).Error);
        Assert.True(sockets.SetOption(Context, later, SocketOption.ReuseAddress, 1).IsOk);
        Assert.True(sockets.Bind(Context, later, new SocketAddress(IpAddress.AnyV4, 80)).IsOk);
    }

    [Fact]
    public void Datagram_OverLoopback_ArrivesWithItsSource()
    {
        int receiver = Open(SocketKind.Datagram);
        Assert.True(sockets.Bind(Context, receiver, new SocketAddress(Home, 53)).IsOk);
        int sender = Open(SocketKind.Datagram);
        Assert.Equal(4, sockets.SendTo(Context, sender, "ping"u8, new SocketAddress(Home, 53), SocketFlags.None).Value);

        byte[] buffer = new byte[2];
        Assert.Equal(2, sockets.Receive(Context, receiver, buffer, SocketFlags.Peek, out _).Value);
        Assert.Equal(2, sockets.Receive(Context, receiver, buffer, SocketFlags.None, out ReceivedMessage message).Value);
        Assert.Equal(4, message.FullLengthBytes);
        Assert.Equal(sockets.GetLocal(Context, sender).Value.Port, message.Source.Port);
        Assert.Equal(SocketError.TryAgain, sockets.Receive(Context, receiver, buffer, SocketFlags.None, out _).Error);
    }

    [Fact]
    public void Datagram_ConnectedToAClosedPort_HearsOfIt()
    {
        int socket = Open(SocketKind.Datagram);
        Assert.True(sockets.Connect(Context, socket, new SocketAddress(Home, 9)).IsOk);
        Assert.Equal(1, sockets.Send(Context, socket, "x"u8, SocketFlags.None).Value);

        Assert.Equal(SocketError.ConnectionRefused, sockets.Send(Context, socket, "x"u8, SocketFlags.None).Error);
    }

    [Fact]
    public void Raw_EchoRequestToOneself_IsAnswered()
    {
        int socket = sockets.Open(Context, AddressFamily.InterNetwork, SocketKind.Raw, 1, signal).Value;
        byte[] echo = [8, 0, 0xf7, 0xfe, 0, 1, 0, 0];
        Assert.Equal(8, sockets.SendTo(Context, socket, echo, new SocketAddress(Home, 0), SocketFlags.None).Value);

        byte[] buffer = new byte[100];
        Assert.Equal(28, sockets.Receive(Context, socket, buffer, SocketFlags.None, out _).Value);
        Assert.Equal(8, buffer[20]);
        Assert.Equal(28, sockets.Receive(Context, socket, buffer, SocketFlags.None, out _).Value);
        Assert.Equal(0, buffer[20]);
    }

    [Fact]
    public void Raw_WithAHeaderOfItsOwn_SendsItAndCompletesIt()
    {
        int socket = sockets.Open(Context, AddressFamily.InterNetwork, SocketKind.Raw, 1, signal).Value;
        Assert.True(sockets.SetOption(Context, socket, SocketOption.HeaderIncluded, 1).IsOk);
        byte[] echo =
        [
            0x46, 0x20, 0, 0, 0, 0, 0, 0, 9, 1, 0, 0, 0, 0, 0, 0, 127, 0, 0, 1, 1, 1, 1, 0,
            8, 0, 0xf7, 0xfe, 0, 1, 0, 0,
        ];
        Assert.Equal(32, sockets.SendTo(Context, socket, echo, new SocketAddress(Home, 0), SocketFlags.None).Value);

        byte[] buffer = new byte[100];
        Assert.Equal(32, sockets.Receive(Context, socket, buffer, SocketFlags.None, out _).Value);
        Assert.True(Ipv4Header.TryParse(buffer, out Ipv4Header header));
        Assert.Equal((24, 32, 0x20, 9, Home), (header.HeaderBytes, header.TotalBytes, header.TypeOfService, header.TimeToLive, header.Source));
        Assert.NotEqual(0, header.Identification);
        Assert.Equal(28, sockets.Receive(Context, socket, buffer, SocketFlags.None, out _).Value);
        Assert.Equal(0, buffer[20]);
    }

    [Theory]
    [InlineData(19, SocketError.InvalidArgument)]
    [InlineData(24, SocketError.InvalidArgument)]
    [InlineData(70_000, SocketError.MessageTooLong)]
    public void Raw_WithAHeaderThatIsCutOrTooMuchBehindIt_IsRefused(int lengthBytes, SocketError expected)
    {
        int socket = sockets.Open(Context, AddressFamily.InterNetwork, SocketKind.Raw, 255, signal).Value;
        byte[] packet = new byte[lengthBytes];
        packet[0] = 0x47;

        Assert.Equal(expected, sockets.SendTo(Context, socket, packet, new SocketAddress(Home, 0), SocketFlags.None).Error);
    }

    [Fact]
    public void Stream_WithATimeToLive_SendsAllSegmentsWithIt()
    {
        int listener = Listen(80);
        Assert.True(sockets.SetOption(Context, listener, SocketOption.TimeToLive, 7).IsOk);
        int client = Open(SocketKind.Stream);
        Assert.True(sockets.SetOption(Context, client, SocketOption.TimeToLive, 9).IsOk);
        int raw = sockets.Open(Context, AddressFamily.InterNetwork, SocketKind.Raw, 6, signal).Value;
        _ = sockets.Connect(Context, client, new SocketAddress(Home, 80));
        int server = sockets.Accept(Context, listener, signal, out _).Value;
        Assert.Equal(2, sockets.Send(Context, client, "hi"u8, SocketFlags.None).Value);
        Assert.Equal(2, sockets.Send(Context, server, "ok"u8, SocketFlags.None).Value);

        byte[] segment = new byte[100];
        int count = 0;
        for (; sockets.Receive(Context, raw, segment, SocketFlags.None, out _).IsOk; count++)
        {
            bool isOfServer = segment[20] == 0 && segment[21] == 80;
            Assert.Equal(isOfServer ? 7 : 9, segment[8]);
        }

        Assert.InRange(count, 5, 100);
    }

    [Fact]
    public void Pages_Received_CarryTheBytes()
    {
        (int client, int server) = Connect(80);
        byte[] data = new byte[7_900];
        data.AsSpan().Fill(7);
        Assert.Equal(data.Length, sockets.Send(Context, client, data, SocketFlags.None).Value);

        Reply<PageBuffer, SocketError> reply = sockets.ReceivePages(Context, server, 16_384, out int received);
        PageBuffer got = reply.Value;
        Assert.Equal(7_900, received);
        Assert.Equal(-1, got.Borrow(Context)[..received].IndexOfAnyExcept((byte)7));
        PageBuffer.Free(Context, ref got);
    }

    [Fact]
    public void Number_OfAClosedSocket_IsNoOtherSocket()
    {
        int first = Open(SocketKind.Stream);
        Assert.True(sockets.Close(Context, first).IsOk);
        int second = Open(SocketKind.Stream);

        Assert.NotEqual(first, second);
        Assert.Equal(SocketError.BadSocket, sockets.Listen(Context, first, 1).Error);
    }

    [Fact]
    public void Configuration_OfTheLoopback_CanBeReadAndChanged()
    {
        var links = new LinkInfo[4];
        Assert.Equal(1, configuration.DumpLinks(Context, 0, links).Value);
        Assert.Equal("lo", links[0].Name.ToString());
        IpAddress second = IpAddress.FromV4(10, 1, 2, 3);
        Assert.True(configuration.NewAddress(Context, new AddressInfo { LinkIndex = 1, Address = second, PrefixBits = 24 }).IsOk);
        Assert.Equal(
            SocketError.Exists,
            configuration.NewAddress(Context, new AddressInfo { LinkIndex = 1, Address = second, PrefixBits = 24 }).Error);
        var routes = new RouteInfo[4];
        Assert.Equal(1, configuration.DumpRoutes(Context, 0, routes).Value);
        Assert.Equal(IpAddress.FromV4(10, 1, 2, 0), routes[0].Destination);
        Assert.True(configuration.DeleteAddress(Context, new AddressInfo { LinkIndex = 1, Address = second }).IsOk);
        Assert.Equal(0, configuration.DumpRoutes(Context, 0, routes).Value);
        Assert.Equal(
            SocketError.NetworkUnreachable,
            configuration.NewRoute(Context, new RouteInfo { Destination = IpAddress.AnyV4, Gateway = second }).Error);
    }

    [Theory]
    [InlineData("::", 0UL, 0UL)]
    [InlineData("::1", 0UL, 1UL)]
    [InlineData("2001:db8::8:800:200c:417a", 0x2001_0db8_0000_0000UL, 0x0008_0800_200c_417aUL)]
    [InlineData("1:2:3:4:5:6:7:8", 0x0001_0002_0003_0004UL, 0x0005_0006_0007_0008UL)]
    [InlineData("fe80::", 0xfe80_0000_0000_0000UL, 0UL)]
    [InlineData("10.0.0.255", 0UL, 0xffff_0a00_00ffUL)]
    public void Address_AsText_IsRead(string text, ulong high, ulong low)
    {
        Assert.True(IpAddress.TryParse(text, out IpAddress address));
        Assert.Equal(new IpAddress(high, low), address);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1.2.3")]
    [InlineData("1.2.3.4.")]
    [InlineData("1.2.3.256")]
    [InlineData("01.2.3.4")]
    [InlineData("1:2:3:4:5:6:7")]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    [InlineData("1::2::3")]
    [InlineData("12345::")]
    [InlineData(":1:2:3:4:5:6:7")]
    public void Address_ThatIsNone_IsRefused(string text) => Assert.False(IpAddress.TryParse(text, out _));

    private int Open(SocketKind kind) => sockets.Open(Context, AddressFamily.InterNetwork, kind, 0, signal).Value;

    private int Listen(ushort port)
    {
        int listener = Open(SocketKind.Stream);
        Assert.True(sockets.Bind(Context, listener, new SocketAddress(IpAddress.AnyV4, port)).IsOk);
        Assert.True(sockets.Listen(Context, listener, 4).IsOk);
        return listener;
    }

    private (int Client, int Server) Connect(ushort port)
    {
        int listener = Listen(port);
        Assert.Equal(SocketError.TryAgain, sockets.Accept(Context, listener, signal, out _).Error);
        int client = Open(SocketKind.Stream);
        Assert.Equal(SocketError.InProgress, sockets.Connect(Context, client, new SocketAddress(Home, port)).Error);
        Assert.Equal(SocketEvents.Readable, sockets.GetReadiness(Context, listener).Value.Events);
        Reply<int, SocketError> server = sockets.Accept(Context, listener, signal, out SocketAddress peer);
        Assert.True(server.IsOk);
        Assert.Equal(sockets.GetLocal(Context, client).Value, peer);
        return (client, server.Value);
    }
}
