using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Tcp;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>What a simulated link does to packets.</summary>
internal sealed record LinkFaults(
    double Loss = 0, double Duplication = 0, double Reordering = 0, double Corruption = 0, int DelayMicros = 10_000);

/// <summary>Two stacks on a link in virtual time. Everything that happens follows from the seed.</summary>
internal sealed class SimulatedNetwork : IDisposable
{
    private readonly PriorityQueue<(StackRig To, byte[] Packet), (long Micros, long Order)> inFlight = new();
    private readonly TestThread thread = new();
    private readonly LinkFaults faults;
    private readonly Random random;
    private long order;

    /// <param name="faults">What the link does.</param>
    /// <param name="seed">What everything follows from.</param>
    /// <param name="isV6">Whether the stacks talk to each other by IPv6.</param>
    internal SimulatedNetwork(LinkFaults faults, int seed, bool isV6 = false)
    {
        this.faults = faults;
        random = new Random(seed);
        ulong key = (ulong)seed;
        Left = new StackRig(IpAddress.FromV4(10, 0, 0, 1), thread, packetCount: 4_000, hasLinkHeader: true, key: key);
        Right = new StackRig(IpAddress.FromV4(10, 0, 0, 2), thread, packetCount: 4_000, hasLinkHeader: true, key: key + 7);
        Target = Right.Address;
        if (isV6)
        {
            Target = new IpAddress(0x2001_0DB8_0000_0000, 2);
            Assert.True(Left.Stack.TryAddAddress(Left.Wire, new IpAddress(Target.High, 1), 64, isTentative: false));
            Assert.True(Right.Stack.TryAddAddress(Right.Wire, Target, 64, isTentative: false));
        }
    }

    internal StackRig Left { get; }

    internal StackRig Right { get; }

    /// <summary>The address of the right one that the left one connects to.</summary>
    internal IpAddress Target { get; }

    /// <summary>Called when time has passed, before packets arrive, with how much.</summary>
    internal Action<long>? Passed { get; set; }

    internal long Now => thread.Scheduler.UptimeMicros;

    public void Dispose()
    {
        Left.Dispose();
        Right.Dispose();
        thread.Dispose();
    }

    /// <summary>Goes on to whatever happens next: a packet arrives, or a timer expires.</summary>
    internal void Step()
    {
        long next = Math.Min(Left.Stack.DeadlineMicros, Right.Stack.DeadlineMicros);
        next = inFlight.TryPeek(out _, out (long Micros, long Order) first) ? Math.Min(next, first.Micros) : next;
        long micros = Math.Clamp(next - Now, 0, 60_000_000);
        thread.Scheduler.Advance(micros);
        Passed?.Invoke(micros);
        while (inFlight.TryPeek(out (StackRig To, byte[] Packet) arrival, out first) && first.Micros <= Now)
        {
            inFlight.Dequeue();
            arrival.To.Wire.Incoming.Enqueue(arrival.Packet);
        }

        Left.Poll();
        Right.Poll();
        Carry();
    }

    /// <summary>Puts what the stacks have sent on the link.</summary>
    internal void Carry()
    {
        Carry(Left, Right);
        Carry(Right, Left);
    }

    private void Carry(StackRig from, StackRig to)
    {
        while (from.Wire.Sent.TryDequeue(out byte[]? packet))
        {
            if (random.NextDouble() < faults.Loss)
            {
                continue;
            }

            int copies = random.NextDouble() < faults.Duplication ? 2 : 1;
            for (; copies > 0; copies--)
            {
                long delay = faults.DelayMicros + (random.NextDouble() < faults.Reordering ? random.Next(20_000) : 0);
                byte[] arriving = packet;
                if (random.NextDouble() < faults.Corruption)
                {
                    arriving = [.. packet];
                    arriving[random.Next(arriving.Length)] ^= (byte)(1 << random.Next(8));
                }

                inFlight.Enqueue((to, arriving), (Now + delay, order++));
            }
        }
    }
}

/// <summary>A transfer of random bytes both ways over a simulated network, checked byte by byte.</summary>
internal sealed class Transfer
{
    private const int ChunkBytes = 8_000;

    /// <summary>
    /// A day. Where three of ten packets are lost each way, some segment in a thousand has no luck for the ten minutes after which
    /// connections give up.
    /// </summary>
    private const long PatienceMicros = 86_400_000_000;

    private readonly SimulatedNetwork network;
    private readonly byte[] data;
    private int leftSent;
    private int rightSent;
    private int leftReceived;
    private int rightReceived;
    private readonly byte[] buffer = new byte[ChunkBytes];

    private Transfer(SimulatedNetwork network, int lengthBytes, int seed)
    {
        this.network = network;
        data = new byte[lengthBytes];
        new Random(seed).NextBytes(data);
    }

    /// <summary>Sends all bytes both ways, closes both sides, and returns how long it took in virtual time.</summary>
    internal static TimeSpan Run(SimulatedNetwork network, int lengthBytes, int seed, int stepsMax = 400_000)
    {
        var transfer = new Transfer(network, lengthBytes, seed);
        long start = network.Now;
        TcpConnection client = transfer.Open(out TcpConnection server);
        for (int step = 0; !(client.IsAtEnd && server.IsAtEnd); step++)
        {
            Assert.True(step < stepsMax, $"{transfer.leftReceived} and {transfer.rightReceived} bytes after {step} steps");
            Assert.True(client.Error == SocketError.None && server.Error == SocketError.None, $"{client.Error} {server.Error}");
            transfer.Pump(network.Left, client, ref transfer.leftSent, ref transfer.leftReceived);
            transfer.Pump(network.Right, server, ref transfer.rightSent, ref transfer.rightReceived);
            network.Carry();
            network.Step();
        }

        Assert.Equal((lengthBytes, lengthBytes), (transfer.leftReceived, transfer.rightReceived));
        TimeSpan elapsed = TimeSpan.FromMicroseconds(network.Now - start);
        client.Close(network.Left.Context);
        server.Close(network.Right.Context);
        for (int step = 0; network.Left.Stack.Tcp.ConnectionCount + network.Right.Stack.Tcp.ConnectionCount > 0; step++)
        {
            Assert.True(step < 10_000, "connections do not end");
            network.Carry();
            network.Step();
        }

        return elapsed;
    }

    private TcpConnection Open(out TcpConnection server)
    {
        Assert.Equal(SocketError.None, network.Right.Stack.Tcp.Listen(IpAddress.AnyV6, 80, 8, out TcpListener listener));
        StackRig left = network.Left;
        SocketError error = left.Stack.Tcp.Connect(
            left.Context, IpAddress.AnyV6, 0, network.Target, 80, TcpOptionsOfSocket.Default, out TcpConnection? client);
        Assert.Equal(SocketError.None, error);
        TcpConnection? accepted;
        for (int step = 0; !listener.TryAccept(out accepted); step++)
        {
            Assert.True(step < 10_000, "no connection");
            network.Carry();
            network.Step();
        }

        server = accepted!;
        client!.Settings.UserTimeoutMicros = PatienceMicros;
        server.Settings.UserTimeoutMicros = PatienceMicros;
        network.Right.Stack.Tcp.Close(network.Right.Context, listener);
        return client;
    }

    private void Pump(StackRig rig, TcpConnection connection, ref int sent, ref int received)
    {
        if (sent < data.Length)
        {
            sent += connection.Send(rig.Context, data.AsSpan(sent, Math.Min(ChunkBytes, data.Length - sent)), out _);
        }

        if (sent == data.Length)
        {
            connection.ShutdownSend(rig.Context);
        }

        while (true)
        {
            int count = connection.Receive(rig.Context, buffer, isPeek: false, out _);
            if (count == 0)
            {
                return;
            }

            Assert.True(buffer.AsSpan(0, count).SequenceEqual(data.AsSpan(received, count)), $"wrong bytes at {received}");
            received += count;
        }
    }
}
