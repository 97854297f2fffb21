using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack;
using RedLeafSharp.Domains.TcpStack.Links;
using RedLeafSharp.Domains.TcpStack.Packets;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>An interface whose other end is a test: what is sent lies in one queue, what is to be received in another.</summary>
internal sealed class TestWire(PacketPool pool, string name, MacAddress mac, int mtuBytes, bool hasLinkHeader)
    : NetworkInterface(name, mac, mtuBytes)
{
    internal Queue<byte[]> Sent { get; } = new();

    internal Queue<byte[]> Incoming { get; } = new();

    internal override bool HasLinkHeader => hasLinkHeader;

    internal override void Transmit(CallContext context, OutgoingPacket packet)
    {
        byte[] bytes = new byte[packet.LengthBytes];
        packet.CopyTo(context, 0, bytes);
        packet.Discard();
        Sent.Enqueue(bytes);
    }

    internal override bool TryReceive(CallContext context, out int packet)
    {
        packet = PacketPool.None;
        if (Incoming.Count == 0 || !pool.TryTake(out packet))
        {
            return false;
        }

        byte[] bytes = Incoming.Dequeue();
        bytes.CopyTo(pool.Buffer(context, packet)[OutgoingPacket.HeadroomBytes..]);
        pool[packet].Offset = OutgoingPacket.HeadroomBytes;
        pool[packet].LengthBytes = bytes.Length;
        return true;
    }
}

/// <summary>A stack with one wire, in virtual time.</summary>
internal sealed class StackRig : IDisposable
{
    private readonly bool ownsThread;
    private readonly Stack<int> hoard = new();

    internal StackRig(
        IpAddress address, TestThread? thread = null, int packetCount = 2_400, int mtuBytes = 1_500, bool hasLinkHeader = false,
        ulong key = 1)
    {
        ownsThread = thread is null;
        Thread = thread ?? new TestThread();
        Assert.True(PacketPool.TryCreate(Thread.Context, packetCount, out PacketPool pool));
        Stack = new NetworkStack(pool, key, ~key);
        Wire = new TestWire(pool, "eth0", new MacAddress(0x0200_0000_0000UL | address.V4), mtuBytes, hasLinkHeader);
        Stack.AddInterface(Wire);
        Address = address;
        Assert.True(Stack.TryAddAddress(Wire, address, 24, isTentative: false));
    }

    internal TestThread Thread { get; }

    internal NetworkStack Stack { get; }

    internal TestWire Wire { get; }

    internal IpAddress Address { get; }

    internal CallContext Context => Thread.Context;

    internal long Now => Thread.Scheduler.UptimeMicros;

    public void Dispose()
    {
        if (ownsThread)
        {
            Thread.Dispose();
        }
    }

    internal void Poll()
    {
        while (Stack.Poll(Context))
        {
        }
    }

    /// <summary>Lets time pass, and the stack do what is due on the way.</summary>
    internal void RunUntil(long micros, Action? afterEachStep = null)
    {
        while (Now < micros)
        {
            StepTowards(micros);
            afterEachStep?.Invoke();
        }
    }

    /// <summary>Goes on to the next timer, or to this time.</summary>
    internal void StepTowards(long micros)
    {
        Thread.Scheduler.Advance(Math.Clamp(Stack.DeadlineMicros, Now + 1, micros) - Now);
        Poll();
    }

    /// <summary>Takes buffers until only so many are free, or gives back what was taken.</summary>
    internal void Hoard(int freeCount)
    {
        while (hoard.Count > 0 && Stack.Pool.FreeCount < freeCount)
        {
            Stack.Pool.Release(hoard.Pop());
        }

        while (Stack.Pool.FreeCount > freeCount && Stack.Pool.TryTake(out int packet))
        {
            hoard.Push(packet);
        }
    }

    /// <summary>Asserts that all buffers are back in the pool.</summary>
    internal void AssertNoLeak() => Assert.Equal(Stack.Pool.Capacity, Stack.Pool.FreeCount);
}
