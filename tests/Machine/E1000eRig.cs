using System.Runtime.InteropServices;
using RedLeafSharp.Devices;
using RedLeafSharp.Machine.E1000e;
using RedLeafSharp.Machine.Links;
using RedLeafSharp.Machine.Worlds;
using RedLeafSharp.Tests.Network;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Machine;

/// <summary>A transmit descriptor as it lies in memory (sections 7.2.10 to 7.2.12).</summary>
internal readonly record struct SentDescriptor(ulong Address, uint Lower, uint Upper)
{
    internal const uint EndOfPacket = 1u << 24;
    internal const uint Segmentation = 1u << 26;
    internal const uint InsertChecksum = 1u << 26;
    internal const uint ReportStatus = 1u << 27;
    internal const uint Extension = 1u << 29;
    internal const uint Vlan = 1u << 30;
    internal const uint Tcp = 1u << 24;
    internal const uint IPv4 = 1u << 25;

    internal static SentDescriptor Data(ulong address, int count, uint command, int options = 0, int tag = 0) =>
        new(address, (uint)count | (1u << 20) | Extension | command, (uint)((options << 8) | (tag << 16)));

    internal static SentDescriptor Legacy(ulong address, int count, uint command, int checksumStart = 0, int checksumOffset = 0) =>
        new(address, (uint)count | (uint)(checksumOffset << 16) | command, (uint)checksumStart << 8);

    /// <summary>A context for a packet of IPv4 and TCP behind an Ethernet header.</summary>
    internal static SentDescriptor Context(int headerBytes, int segmentBytes, int ipOffset = 24, int transportOffset = 50) => new(
        (uint)(14 | (ipOffset << 8) | (33 << 16)) | ((ulong)(uint)(34 | (transportOffset << 8)) << 32),
        Segmentation | Extension | Tcp | IPv4,
        (uint)((headerBytes << 8) | (segmentBytes << 16)));
}

/// <summary>
/// Drives a network controller, simulated or QEMU's, through its registers and the exchange heap, as a driver would, without a driver.
/// </summary>
internal sealed class E1000eRig : IDisposable
{
    internal const int RingEntries = 64;
    internal const int DescriptorBytes = 16;

    private readonly TestThread thread = new();
    private readonly World world;
    private readonly WorldFunction function;
    private readonly RegisterBank registers;
    private ulong transmitRing;
    private ulong receiveRing;
    private uint transmitTail;
    private uint receiveTail;
    private uint receiveHead;
    private uint receiveEntries;

    /// <param name="link">The wire; without, a cable whose other end is <see cref="Peer"/>.</param>
    internal E1000eRig(LinkPort? link = null)
    {
        var wire = new WirePair();
        Peer = wire.Second;
        var options = new E1000eOptions { Address = Frames.Station, Misprogrammed = Complaints.Add };
        world = new NicWorld(thread.Heap, thread.Scheduler, options, link ?? wire.First);
        (function, registers) = Begin();
    }

    private E1000eRig(Func<TestThread, QemuNicWorld> makeWorld)
    {
        QemuNicWorld qemu = makeWorld(thread);
        Peer = qemu.Peer;
        world = qemu;
        (function, registers) = Begin();
        function.Backend.WriteConfiguration(0x04, 0x0406);
    }

    internal LinkPort Peer { get; }

    internal List<string> Complaints { get; } = [];

    internal InlineScheduler Scheduler => thread.Scheduler;

    internal static E1000eRig OnQemu() => new(thread => new QemuNicWorld(thread.Heap, thread.Scheduler, "net0", "52:54:00:12:34:56"));

    internal uint this[int register]
    {
        get => registers.Read32(register);
        set => registers.Write32(register, value);
    }

    /// <summary>Pages that the device may read and write.</summary>
    internal ulong Map(int pageCount = 1)
    {
        PageBuffer buffer = PageBuffer.Allocate(thread.Context, pageCount);
        ulong bus = buffer.GetBusAddress(thread.Context);
        Assert.True(function.Window.Map(bus, LoanAccess.DeviceReads | LoanAccess.DeviceWrites));
        return bus;
    }

    internal Span<byte> Bytes(ulong bus, int length) => thread.Heap.BytesAt(bus, length);

    internal ulong Place(byte[] frame)
    {
        ulong bus = Map((frame.Length + PageBuffer.PageBytes - 1) / PageBuffer.PageBytes);
        frame.CopyTo(Bytes(bus, frame.Length));
        return bus;
    }

    /// <summary>Works the device until it has nothing more to do.</summary>
    internal void Steps()
    {
        for (int step = 0; step < 100 && world.Step(); step++)
        {
        }
    }

    internal void StartTransmit(uint control = E1000eSpec.TransmitEnable)
    {
        transmitRing = Map();
        SetRing(E1000eSpec.TransmitQueue, transmitRing, RingEntries);
        this[E1000eSpec.TransmitControl] = control;
    }

    internal void Submit(params ReadOnlySpan<SentDescriptor> descriptors)
    {
        foreach (SentDescriptor descriptor in descriptors)
        {
            Span<byte> entry = Bytes(transmitRing + (transmitTail * DescriptorBytes), DescriptorBytes);
            MemoryMarshal.Write(entry, descriptor.Address);
            MemoryMarshal.Write(entry[8..], descriptor.Lower);
            MemoryMarshal.Write(entry[12..], descriptor.Upper);
            transmitTail = (transmitTail + 1) % RingEntries;
        }

        this[E1000eSpec.TransmitQueue + E1000eSpec.Tail] = transmitTail;
    }

    /// <summary>A ring in the extended format, without buffers yet.</summary>
    internal void StartReceive(uint control, int entries = RingEntries)
    {
        receiveEntries = (uint)entries;
        receiveRing = Map();
        SetRing(E1000eSpec.ReceiveQueue, receiveRing, entries);
        this[E1000eSpec.ReceiveFilterControl] = E1000eSpec.FilterExtendedStatus;
        this[E1000eSpec.ReceiveControl] = control | E1000eSpec.ReceiveEnable | E1000eSpec.ReceiveStripChecksum;
    }

    internal void Post(int count)
    {
        for (int index = 0; index < count; index++)
        {
            Span<byte> entry = Bytes(receiveRing + (receiveTail * DescriptorBytes), DescriptorBytes);
            MemoryMarshal.Write(entry, Map());
            entry[8..].Clear();
            receiveTail = (receiveTail + 1) % receiveEntries;
        }

        this[E1000eSpec.ReceiveQueue + E1000eSpec.Tail] = receiveTail;
    }

    /// <summary>Status, length and tag of the next descriptor; false when it has not been written back.</summary>
    internal bool TryTakeReceived(out uint status, out int lengthBytes, out int tag)
    {
        ReadOnlySpan<byte> entry = Bytes(receiveRing + (receiveHead * DescriptorBytes), DescriptorBytes);
        status = MemoryMarshal.Read<uint>(entry[8..]);
        lengthBytes = MemoryMarshal.Read<ushort>(entry[12..]);
        tag = MemoryMarshal.Read<ushort>(entry[14..]);
        bool isDone = (status & E1000eSpec.ReceiveDone) != 0;
        receiveHead = isDone ? (receiveHead + 1) % receiveEntries : receiveHead;
        return isDone;
    }

    /// <summary>What the other end gets next, or null.</summary>
    internal byte[]? TakeAtPeer()
    {
        if (!Peer.TryPeek(out ReadOnlySpan<byte> frame, out _))
        {
            return null;
        }

        byte[] copy = frame.ToArray();
        Peer.Take();
        return copy;
    }

    /// <summary>Turns MSI-X on and lets a vector through.</summary>
    internal KernelEvent Interrupt(int vector) => function.Backend.GetInterrupt(vector);

    /// <summary>Whether a vector's message has been sent since the last look.</summary>
    internal bool IsSignaled(int vector)
    {
        KernelEvent interrupt = Interrupt(vector);
        bool isSignaled = interrupt.IsSignaled;
        interrupt.IsSignaled = false;
        return isSignaled;
    }

    public void Dispose()
    {
        world.Dispose();
        thread.Dispose();
    }

    private (WorldFunction Function, RegisterBank Registers) Begin() => (world.Functions[0], world.Functions[0].Backend.GetBar(0)!);

    private void SetRing(int queue, ulong bus, int entries)
    {
        this[queue + E1000eSpec.BaseLow] = (uint)bus;
        this[queue + E1000eSpec.BaseHigh] = (uint)(bus >> 32);
        this[queue + E1000eSpec.Length] = (uint)(entries * DescriptorBytes);
        this[queue + E1000eSpec.Head] = 0;
        this[queue + E1000eSpec.Tail] = 0;
    }
}

/// <summary>A link that is left checksums and cutting, in pieces where they lie; it cuts what can be cut, and keeps all.</summary>
internal sealed class FinishingLink : GatheringLink
{
    private readonly SegmentCutter cutter = new();

    internal List<byte[]> Sent { get; } = [];

    internal override bool TakesUnfinished => true;

    internal override bool TakesPieces => true;

    internal override void Send(ReadOnlySpan<byte> frame, in FrameState state)
    {
        byte[] whole = frame.ToArray();
        if (!cutter.TryBegin(whole, in state))
        {
            Sent.Add(whole);
            return;
        }

        while (cutter.HasMore)
        {
            Sent.Add(cutter.Next(whole, out _, out _).ToArray());
        }
    }

    internal override bool TryPeek(out ReadOnlySpan<byte> frame, out FrameState state)
    {
        frame = default;
        state = default;
        return false;
    }

    internal override void Take()
    {
    }
}
