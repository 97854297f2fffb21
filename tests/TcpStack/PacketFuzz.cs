using System.Diagnostics;
using System.Globalization;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Tcp;
using RedLeafSharp.Domains.TcpStack.Udp;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>
/// A stack with sockets in use, among hostile frames of every layer: a second stack holds real conversations with it, and what is injected
/// are those frames, mutated. Nothing may be thrown, tables stay within their bounds, and in the end each buffer is back.
/// </summary>
internal sealed class PacketFuzz : IDisposable
{
    private const int FramesPerRound = 256;
    private const int ConnectionsMax = 12;
    private const int SocketPort = 80;
    private const int NeighborsMax = 1_024;

    /// <summary>Longer than any time-out of a stack.</summary>
    private const long AllTimeoutsMicros = 3_600_000_000;

    private static readonly IpAddress VictimV6 = new(0x2001_0DB8_0000_0000, 1);

    private readonly TestThread thread = new();
    private readonly StackRig victim;
    private readonly StackRig peer;
    private readonly Random random;
    private readonly FrameMutator mutator;
    private readonly TcpListener listener;
    private readonly DatagramSocket datagrams;
    private readonly DatagramSocket raw;
    private readonly DatagramSocket sender;
    private readonly List<TcpConnection> ours = [];
    private readonly List<TcpConnection> theirs = [];
    private readonly byte[] buffer = new byte[8_000];

    internal PacketFuzz(int seed)
    {
        random = new Random(seed);
        mutator = new FrameMutator(random);
        victim = new StackRig(IpAddress.FromV4(10, 0, 0, 1), thread, packetCount: 6_000, hasLinkHeader: true, key: (ulong)seed);
        peer = new StackRig(IpAddress.FromV4(10, 0, 0, 2), thread, packetCount: 6_000, hasLinkHeader: true, key: (ulong)seed + 1);
        AddV6(victim, VictimV6);
        AddV6(peer, new IpAddress(VictimV6.High, 2));
        Assert.Equal(SocketError.None, victim.Stack.Tcp.Listen(IpAddress.AnyV6, SocketPort, 8, out listener));
        datagrams = new DatagramSocket(victim.Stack.Pool) { Local = IpAddress.AnyV6 };
        Assert.Equal(SocketError.None, victim.Stack.Udp.Bind(datagrams, IpAddress.AnyV6, SocketPort));
        raw = new DatagramSocket(victim.Stack.Pool) { Protocol = 1 };
        victim.Stack.Raw.Open(raw);
        sender = new DatagramSocket(peer.Stack.Pool) { Local = IpAddress.AnyV6 };
    }

    /// <summary>Frames injected so far.</summary>
    internal long Injected { get; private set; }

    /// <summary>Conversations that got as far as being accepted.</summary>
    internal int Accepted { get; private set; }

    /// <summary>Bytes that arrived at sockets in spite of everything.</summary>
    internal long Delivered { get; private set; }

    /// <summary>Prints what has happened, with the memory that is in use.</summary>
    internal static bool RunAll(long count, int seed, TextWriter output)
    {
        using var fuzz = new PacketFuzz(seed);
        var clock = Stopwatch.StartNew();
        for (long target = count / 10; fuzz.Injected < count; target += count / 10)
        {
            fuzz.Run(Math.Min(target, count));
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{fuzz.Injected} frames, {fuzz.Accepted} conversations, {fuzz.Delivered >> 20} MiB delivered, "
                + $"{GC.GetTotalMemory(forceFullCollection: true) >> 20} MiB managed, {clock.Elapsed.TotalSeconds:F0} s"));
        }

        fuzz.End();
        output.WriteLine("every buffer is back");
        return true;
    }

    /// <summary>Injects until there have been so many.</summary>
    internal void Run(long count)
    {
        while (Injected < count)
        {
            Talk();
            for (int frame = 0; frame < FramesPerRound; frame++, Injected++)
            {
                victim.Wire.Incoming.Enqueue(mutator.Next());
            }

            Step(random.Next(1, 20_000));
            Assert.True(victim.Stack.Neighbors.Count <= NeighborsMax);
        }
    }

    /// <summary>Closes everything, lets all time-outs pass, and counts.</summary>
    internal void End()
    {
        ours.ForEach(connection => End(victim, connection));
        theirs.ForEach(connection => End(peer, connection));
        victim.Stack.Tcp.Close(victim.Context, listener);
        victim.Stack.Udp.Close(datagrams);
        victim.Stack.Raw.Close(raw);
        peer.Stack.Udp.Close(sender);
        for (long end = thread.Scheduler.UptimeMicros + AllTimeoutsMicros; thread.Scheduler.UptimeMicros < end;)
        {
            long next = Math.Min(victim.Stack.DeadlineMicros, peer.Stack.DeadlineMicros);
            Step(Math.Clamp(next - thread.Scheduler.UptimeMicros, 1, end - thread.Scheduler.UptimeMicros));
        }

        Assert.Equal(0, victim.Stack.Tcp.ConnectionCount);
        victim.AssertNoLeak();
        peer.AssertNoLeak();
    }

    public void Dispose()
    {
        victim.Dispose();
        peer.Dispose();
        thread.Dispose();
    }

    private static void End(StackRig rig, TcpConnection connection)
    {
        connection.Abort(rig.Context, SocketError.None);
        connection.Close(rig.Context);
    }

    /// <summary>The programs above both stacks: connections come and go, data flows, datagrams are sent whole and in fragments.</summary>
    private void Talk()
    {
        if (theirs.Count < ConnectionsMax && peer.Stack.Tcp.Connect(
            peer.Context, IpAddress.AnyV6, 0, Target(), SocketPort, TcpOptionsOfSocket.Default, out TcpConnection? made) == SocketError.None)
        {
            theirs.Add(made!);
        }

        while (listener.TryAccept(out TcpConnection? accepted))
        {
            Accepted++;
            ours.Add(accepted!);
        }

        Work(peer, theirs);
        Work(victim, ours);
        _ = peer.Stack.Udp.Send(peer.Context, sender, buffer.AsSpan(0, random.Next(4_000)), Target(), SocketPort);
        Ask();
        while (datagrams.Count > 0)
        {
            Delivered += datagrams.Dequeue(victim.Context, buffer);
        }

        while (raw.Count > 0)
        {
            Delivered += raw.Dequeue(victim.Context, buffer);
        }
    }

    /// <summary>One of the addresses of either version.</summary>
    private IpAddress Target() => random.Next(2) == 0 ? victim.Address : VictimV6;

    /// <summary>Messages of neighbours, routers and groups, for the mutator to learn from.</summary>
    private void Ask()
    {
        IpAddress router = new(0xFE80_0000_0000_0000, 2);
        if (random.Next(8) == 0)
        {
            mutator.Learn(Ipv6Frames.Advertisement(victim.Wire.Mac, router));
            mutator.Learn(Ipv6Frames.Query(victim.Wire.Mac, router));
            mutator.Learn(Ipv6Frames.Redirect(victim.Wire.Mac, router, VictimV6));
            mutator.Learn(Ipv6Frames.Options(victim.Wire.Mac, new IpAddress(VictimV6.High, 2), VictimV6));
        }
    }

    private static void AddV6(StackRig rig, IpAddress address)
    {
        rig.Stack.Autoconfiguration.Enable(rig.Wire);
        Assert.True(rig.Stack.TryAddAddress(rig.Wire, address, 64, isTentative: false));
    }

    private void Work(StackRig rig, List<TcpConnection> connections)
    {
        for (int index = connections.Count - 1; index >= 0; index--)
        {
            TcpConnection one = connections[index];
            Delivered += one.Receive(rig.Context, buffer, isPeek: false, out _);
            _ = one.Send(rig.Context, buffer.AsSpan(0, random.Next(3_000)), out _);
            if (one.State == TcpState.Closed || one.IsAtEnd || random.Next(200) == 0)
            {
                one.Close(rig.Context);
                connections.RemoveAt(index);
            }
        }
    }

    private void Step(long micros)
    {
        thread.Scheduler.Advance(micros);
        victim.Poll();
        Carry(victim, peer, isLearning: false);
        peer.Poll();
        Carry(peer, victim, isLearning: true);
        victim.Poll();
        Carry(victim, peer, isLearning: false);
    }

    private void Carry(StackRig from, StackRig to, bool isLearning)
    {
        while (from.Wire.Sent.TryDequeue(out byte[]? frame))
        {
            to.Wire.Incoming.Enqueue(frame);
            if (isLearning)
            {
                mutator.Learn(frame);
            }
        }
    }
}
