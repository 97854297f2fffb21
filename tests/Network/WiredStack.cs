using System.Diagnostics;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.NetShadow;
using RedLeafSharp.Domains.TcpStack;
using RedLeafSharp.Domains.TcpStack.Ip;
using RedLeafSharp.Domains.TcpStack.Links;
using RedLeafSharp.Domains.TcpStack.Packets;
using RedLeafSharp.Domains.TcpStack.Tcp;
using RedLeafSharp.Machine.E1000e;
using RedLeafSharp.Machine.Links;
using RedLeafSharp.Tests.BlockDevices;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Network;

/// <summary>
/// A stack over shadow, driver and simulated controller at a link of the test's choice, in the time of the host. It answers pings, and
/// echoes what comes to port 7.
/// </summary>
internal sealed class WiredStack : IDisposable
{
    internal const ushort EchoPort = 7;
    internal const uint StackDomain = 200;
    private const int PacketCount = 4_096;

    /// <summary>No test takes so long, however busy the machine is; a test that does has hung.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly TestThread thread;
    private readonly TestServices services;
    private readonly PacketPool pool;
    private readonly TcpListener echo;
    private readonly List<TcpConnection> echoed = [];
    private readonly byte[] buffer = new byte[16 << 10];

    internal WiredStack(
        Func<InlineScheduler, LinkPort> makeLink, IpAddress address, int prefixBits, IpAddress gateway = default,
        E1000eFaults? faults = null, ulong station = Frames.Station, bool isPlain = false)
    {
        Rig = new NetRig(new E1000eOptions { Faults = faults }, makeLink, station).Started();
        thread = new TestThread(Rig.Heap, Rig.Scheduler, StackDomain);
        services = new TestServices { Link = isPlain ? new PlainLink(Rig) : new NetLinkBackend(Rig), Loans = Rig.Loans };
        Assert.True(new NetShadowDomain().Start(Context, new DomainServices(services)).IsOk);
        Assert.True(PacketPool.TryCreate(Context, PacketCount, out pool));
        Stack = new NetworkStack(pool, 1, 2);
        KernelEvent wake = KernelEvent.Create(Context);
        Device = new HookedDevice((INetDevice)services.Provided[typeof(INetDevice)]);
        Assert.True(DeviceInterface.TryOpen(Context, Device, pool, "eth0", wake, out DeviceInterface? link));
        Stack.AddInterface(link!);
        Assert.True(Stack.TryAddAddress(link!, address, prefixBits, isTentative: false));
        if (gateway.IsV4)
        {
            Stack.Routes.TryAdd(new Route { Network = IpAddress.AnyV4, Gateway = gateway, InterfaceIndex = link!.Index, Source = address });
        }

        Assert.Equal(SocketError.None, Stack.Tcp.Listen(address.IsV4 ? IpAddress.AnyV4 : IpAddress.AnyV6, EchoPort, 16, out echo));
    }

    internal NetRig Rig { get; }

    internal NetworkStack Stack { get; }

    /// <summary>The shadow, as the stack knows it.</summary>
    internal HookedDevice Device { get; }

    internal CallContext Context => thread.Context;

    /// <summary>How often the shadow has replaced the driver.</summary>
    internal long Recoveries =>
        ((INetShadowStatistics)services.Provided[typeof(INetShadowStatistics)]).GetShadowStatistics(Context).Value.Recoveries;

    /// <summary>Errors of connections to the echo port; a peer that just closes leaves none.</summary>
    internal List<SocketError> Errors { get; } = [];

    /// <summary>Works until something has happened.</summary>
    internal void Until(Func<bool> isDone, string what)
    {
        while (!isDone())
        {
            Assert.True(clock.Elapsed < Patience, $"waited in vain for {what}");
            Poll();
        }
    }

    internal void Poll()
    {
        long now = (long)clock.Elapsed.TotalMicroseconds;
        Rig.Scheduler.Advance(Math.Max(now - Rig.Scheduler.UptimeMicros, 0));
        foreach (Func<bool> step in Rig.Scheduler.PollSteps)
        {
            _ = step();
        }

        _ = Stack.Poll(Context);
        Echo();
        Stack.Flush(Context);
    }

    internal TcpConnection Connect(IpAddress remote, ushort port)
    {
        Assert.Equal(SocketError.None, Stack.Tcp.Connect(
            Context, default, 0, remote, port, TcpOptionsOfSocket.Default, out TcpConnection? connection));
        return connection!;
    }

    public void Dispose()
    {
        thread.Dispose();
        Rig.Dispose();
    }

    private void Echo()
    {
        while (echo.TryAccept(out TcpConnection? connection))
        {
            echoed.Add(connection!);
        }

        for (int index = echoed.Count - 1; index >= 0; index--)
        {
            TcpConnection one = echoed[index];
            int room = Math.Min(buffer.Length, TcpOptionsOfSocket.Default.SendBytes - one.UnsentBytes);
            int count = room > 0 ? one.Receive(Context, buffer.AsSpan(0, room), isPeek: false, out _) : 0;
            if (count > 0 && one.Send(Context, buffer.AsSpan(0, count), out _) != count)
            {
                Assert.Fail("the echo had room, and has none"); // Assert.Equal would allocate
            }

            if (one.State == TcpState.Closed || one.IsAtEnd)
            {
                if (one.Error != SocketError.None)
                {
                    Errors.Add(one.Error);
                }

                one.Close(Context);
                echoed.RemoveAt(index);
            }
        }
    }
}
