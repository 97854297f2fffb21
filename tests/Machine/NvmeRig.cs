using System.Buffers.Binary;
using System.Runtime.InteropServices;
using RedLeafSharp.Devices;
using RedLeafSharp.Machine.Media;
using RedLeafSharp.Machine.Nvme;
using RedLeafSharp.Machine.Worlds;
using RedLeafSharp.Memory;
using RedLeafSharp.Scheduling;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Machine;

/// <summary>A completion as the host reads it.</summary>
internal readonly record struct HostCompletion(uint Dword0, int SubmissionHead, int QueueId, ushort CommandId, ushort RawStatus)
{
    /// <summary>Status code type and status code.</summary>
    internal int Status => RawStatus & 0x7FF;

    internal bool HasDoNotRetry => (RawStatus & NvmeStatus.DoNotRetry) != 0;
}

/// <summary>A queue pair from the host's side.</summary>
internal sealed class HostQueue(NvmeRig rig, int id, ulong submission, ulong completion, int size, int completionSize)
{
    internal readonly int Id = id;
    internal readonly int Size = size;
    internal readonly ulong Submission = submission;
    internal readonly ulong Completion = completion;
    private uint phase = 1;

    internal int Tail { get; private set; }

    internal int Head { get; private set; }

    /// <summary>Writes an entry without telling the controller.</summary>
    internal void Put(SubmissionEntry entry)
    {
        MemoryMarshal.Write(rig.Bytes(Submission + ((ulong)Tail * 64), 64), in entry);
        Tail = (Tail + 1) % Size;
    }

    /// <summary>Whether the phase tag says that there is a completion to take.</summary>
    internal bool HasNext => (Volatile.Read(ref MemoryMarshal.AsRef<uint>(rig.Bytes(Completion + ((ulong)Head * 16) + 12, 4))) >> 16 & 1) == phase;

    internal void Ring() => rig.Registers.Write32(0x1000 + (Id * 8), (uint)Tail);

    /// <summary>Takes the next completion, if its phase tag says that there is one.</summary>
    internal bool TryTake(out HostCompletion taken, bool ringsDoorbell = true)
    {
        ReadOnlySpan<byte> entry = rig.Bytes(Completion + ((ulong)Head * 16), 16);
        uint last = BinaryPrimitives.ReadUInt32LittleEndian(entry[12..]);
        uint queue = BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]);
        taken = new HostCompletion(
            BinaryPrimitives.ReadUInt32LittleEndian(entry),
            (ushort)queue,
            (int)(queue >> 16),
            (ushort)last,
            (ushort)(last >> 17));
        if (((last >> 16) & 1) != phase)
        {
            return false;
        }

        Head = (Head + 1) % completionSize;
        phase ^= Head == 0 ? 1u : 0;
        if (ringsDoorbell)
        {
            RingHead();
        }

        return true;
    }

    internal void RingHead() => rig.Registers.Write32(0x1000 + (Id * 8) + 4, (uint)Head);
}

/// <summary>
/// Drives a controller, simulated or of another world, through its registers and the exchange heap, as a driver would,
/// without a driver.
/// </summary>
internal sealed class NvmeRig : IDisposable
{
    internal const ulong BlockCount = 2048;

    /// <summary>Register reads until a controller that works by itself must have answered: some seconds.</summary>
    private const int AnswerReadsMax = 200_000;

    private readonly TestThread thread = new();
    private readonly List<PageBuffer> pages = [];
    private readonly World? world;
    private readonly SimulatedNvme? device;
    private readonly IMedium? medium;
    private ushort nextCommandId = 1;

    internal NvmeRig(SimulatedNvmeOptions? options = null, IMedium? medium = null)
    {
        options ??= new SimulatedNvmeOptions();
        this.medium = medium ?? new MemoryMedium((long)BlockCount * options.BlockBytes);
        Window = new DmaWindow(thread.Heap) { FunctionName = options.Name, Faulted = fault => Faults.Add(fault) };
        device = new SimulatedNvme(options, Medium, Window, thread.Scheduler);
        Registers = Device.GetBar(0)!;
    }

    /// <param name="createWorld">Makes the world whose first function is driven; the rig disposes of it.</param>
    internal NvmeRig(Func<ExchangeHeap, Scheduler, World> createWorld)
    {
        world = createWorld(thread.Heap, thread.Scheduler);
        WorldFunction function = world.Functions[0];
        Window = function.Window;
        Registers = function.Backend.GetBar(0)!;
        function.Backend.WriteConfiguration(0x04, 0x0406);
        _ = function.Backend.GetInterrupt(0);
    }

    internal IMedium Medium => medium ?? throw new InvalidOperationException("the world has its medium for itself");

    internal DmaWindow Window { get; }

    internal SimulatedNvme Device => device ?? throw new InvalidOperationException("the device is not a simulated one");

    internal RegisterBank Registers { get; }

    internal List<DmaFault> Faults { get; } = [];

    internal HostQueue Admin { get; private set; } = null!;

    internal uint Status => Registers.Read32(0x1C);

    /// <summary>Pages that the device may read and write.</summary>
    internal ulong Map(int pageCount = 1, LoanAccess access = LoanAccess.DeviceReads | LoanAccess.DeviceWrites)
    {
        ulong bus = Allocate(pageCount);
        Assert.True(Window.Map(bus, access));
        return bus;
    }

    /// <summary>Pages that the device may not touch.</summary>
    internal ulong Allocate(int pageCount = 1)
    {
        PageBuffer buffer = PageBuffer.Allocate(thread.Context, pageCount);
        pages.Add(buffer);
        return buffer.GetBusAddress(thread.Context);
    }

    internal Span<byte> Bytes(ulong bus, int length) => thread.Heap.BytesAt(bus, length);

    /// <summary>Fills with a pattern that differs from place to place.</summary>
    internal byte[] Fill(ulong bus, int length, int seed = 1)
    {
        new Random(seed).NextBytes(Bytes(bus, length));
        return Bytes(bus, length).ToArray();
    }

    /// <summary>The enable handshake with admin queues of the given size.</summary>
    internal NvmeRig Enable(int size = 32, uint configuration = 0x0046_0001)
    {
        Admin = new HostQueue(this, 0, Map(), Map(), size, size);
        Registers.Write32(0x24, (uint)((size - 1) | ((size - 1) << 16)));
        Registers.Write64(0x28, Admin.Submission);
        Registers.Write64(0x30, Admin.Completion);
        Registers.Write32(0x14, configuration);
        Steps();
        Assert.Equal(1u, Status);
        return this;
    }

    /// <summary>Steps a deferred controller until nothing is left to do.</summary>
    internal void Steps()
    {
        for (int step = 0; step < 10_000 && (device?.Step() ?? world!.Step()); step++)
        {
        }
    }

    /// <summary>Takes the next completion; a world that works by itself is given time, measured in register reads.</summary>
    internal bool TryAwait(HostQueue queue, out HostCompletion completion)
    {
        Steps();
        for (int read = 0; world is not null && read < AnswerReadsMax && !queue.HasNext; read++)
        {
            _ = Status;
        }

        return queue.TryTake(out completion);
    }

    internal HostCompletion Run(HostQueue queue, SubmissionEntry entry)
    {
        queue.Put(entry);
        queue.Ring();
        Assert.True(TryAwait(queue, out HostCompletion completion), "no completion");
        Assert.Equal(entry.CommandId, completion.CommandId);
        return completion;
    }

    internal HostCompletion RunAdmin(AdminOpcode opcode, uint dword10 = 0, uint dword11 = 0, ulong prp1 = 0, uint nsid = 0) =>
        Run(Admin, Command((byte)opcode, nsid, prp1, 0, dword10, dword11));

    internal HostQueue CreateQueue(int id, int size = 64, int completionSize = 64, bool hasInterrupt = false)
    {
        var queue = new HostQueue(this, id, Map(16), Map(4), size, completionSize);
        Assert.Equal(0, CreateCompletion(id, completionSize, queue.Completion, hasInterrupt ? 3u : 1u, (uint)id).Status);
        Assert.Equal(0, CreateSubmission(id, size, queue.Submission, id).Status);
        return queue;
    }

    internal HostCompletion CreateCompletion(int id, int size, ulong bus, uint flags = 1, uint vector = 0) =>
        RunAdmin(AdminOpcode.CreateCompletionQueue, (uint)id | ((uint)(size - 1) << 16), flags | (vector << 16), bus);

    internal HostCompletion CreateSubmission(int id, int size, ulong bus, int completionId, uint flags = 1) =>
        RunAdmin(AdminOpcode.CreateSubmissionQueue, (uint)id | ((uint)(size - 1) << 16), flags | ((uint)completionId << 16), bus);

    internal SubmissionEntry Command(
        byte opcode, uint nsid = 1, ulong prp1 = 0, ulong prp2 = 0, uint dword10 = 0, uint dword11 = 0, uint dword12 = 0) => new()
        {
            Dword0 = opcode | ((uint)nextCommandId++ << 16),
            NamespaceId = nsid,
            Prp1 = prp1,
            Prp2 = prp2,
            Dword10 = dword10,
            Dword11 = dword11,
            Dword12 = dword12,
        };

    internal SubmissionEntry Transfer(IoOpcode opcode, ulong block, int count, ulong prp1, ulong prp2 = 0, uint flags = 0) =>
        Command((byte)opcode, 1, prp1, prp2, (uint)block, (uint)(block >> 32), (uint)(count - 1) | flags);

    internal bool IsSignaled(int vector)
    {
        KernelEvent interrupt = Device.GetInterrupt(vector);
        bool isSignaled = interrupt.IsSignaled;
        interrupt.IsSignaled = false;
        return isSignaled;
    }

    public void Dispose()
    {
        world?.Dispose();
        Window.Release();
        medium?.Dispose();
        thread.Dispose();
    }
}
