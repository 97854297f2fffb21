using RedLeafSharp.Contracts;
using RedLeafSharp.Devices;
using RedLeafSharp.Memory;
using RedLeafSharp.Tests.BlockDevices;

namespace RedLeafSharp.Tests.Shadow;

/// <summary>Where a driver can die.</summary>
internal enum CrashSite
{
    /// <summary>Before it has touched the device.</summary>
    BeforeSubmit,

    /// <summary>After the doorbell: the device works on, and nobody hears of it.</summary>
    AfterSubmit,

    BeforePoll,

    /// <summary>With completions taken from the device and not handed on.</summary>
    AfterPoll,

    Wait,

    /// <summary>In the first call after a restart.</summary>
    Geometry,

    /// <summary>While it is started.</summary>
    Start,
}

/// <summary>
/// Generations of a driver that die where a test says, over one medium. When one dies its device has carried out some of
/// what was in flight, drawn from a seed, and then reaches no page any more.
/// </summary>
internal sealed class CrashingDriver : IDomainLinkBackend
{
    private readonly ExchangeHeap heap;
    private readonly MemoryBlockOptions options;
    private readonly Random random;
    private Incarnation present;

    internal CrashingDriver(ExchangeHeap heap, int seed = 1, MemoryBlockOptions? options = null)
    {
        this.heap = heap;
        random = new Random(seed);
        Window = new DmaWindow(heap);
        this.options = (options ?? new MemoryBlockOptions { ReorderSeed = seed }) with { Window = Window };
        Content = new byte[this.options.CapacityBytes];
        present = new Incarnation(this);
    }

    internal DmaWindow Window { get; }

    internal byte[] Content { get; set; }

    /// <summary>Asked at every site that a call passes; true kills the driver there.</summary>
    internal Func<CrashSite, bool> CrashesAt { get; set; } = _ => false;

    /// <summary>Recoveries that the supervisor's budget allows.</summary>
    internal int Budget { get; set; } = int.MaxValue;

    /// <summary>Changes an answer of the driver: a driver that lies.</summary>
    internal Func<Reply<int, BlockError>, int, Reply<int, BlockError>>? SubmitLie { get; set; }

    /// <summary>Changes the completions of a poll; returns how many there are to be.</summary>
    internal Func<BlockCompletion[], int, int>? PollLie { get; set; }

    internal int Deaths { get; private set; }

    public object Target => present;

    public uint Generation { get; private set; } = 1;

    /// <summary>The medium of the present generation, for a test that steers it.</summary>
    internal MemoryBlockDevice Device => present.Device;

    public Reply<uint, DomainError> Recover(CallContext context)
    {
        present.Die();
        if (Budget-- <= 0)
        {
            return Reply<uint, DomainError>.FromFault(Fault.GaveUp);
        }

        Window.Fence();
        Generation++;
        present = new Incarnation(this);
        if (CrashesAt(CrashSite.Start))
        {
            present.Die();
            return Reply<uint, DomainError>.FromFault(Fault.CalleeFaulted);
        }

        return Generation;
    }

    private sealed class Incarnation(CrashingDriver owner) : IBlockDevice
    {
        private bool isDead;

        internal MemoryBlockDevice Device { get; } = new(owner.heap, owner.options, owner.Content);

        public Reply<BlockGeometry, BlockError> GetGeometry(CallContext context) =>
            Dies(CrashSite.Geometry, out Fault fault)
                ? Reply<BlockGeometry, BlockError>.FromFault(fault)
                : Device.GetGeometry(context);

        public Reply<int, BlockError> Submit(CallContext context, ReadOnlySpan<BlockRequest> requests, ReadOnlySpan<ulong> pages)
        {
            if (Dies(CrashSite.BeforeSubmit, out Fault fault))
            {
                return Reply<int, BlockError>.FromFault(fault);
            }

            Reply<int, BlockError> reply = Device.Submit(context, requests, pages);
            return Dies(CrashSite.AfterSubmit, out fault)
                ? Reply<int, BlockError>.FromFault(fault)
                : owner.SubmitLie?.Invoke(reply, requests.Length) ?? reply;
        }

        public Reply<int, BlockError> Poll(CallContext context, Span<BlockCompletion> completions)
        {
            if (Dies(CrashSite.BeforePoll, out Fault fault))
            {
                return Reply<int, BlockError>.FromFault(fault);
            }

            Reply<int, BlockError> reply = Device.Poll(context, completions);
            if (Dies(CrashSite.AfterPoll, out fault))
            {
                return Reply<int, BlockError>.FromFault(fault);
            }

            if (owner.PollLie is null)
            {
                return reply;
            }

            BlockCompletion[] copy = completions.ToArray();
            int count = owner.PollLie(copy, reply.Value);
            copy.CopyTo(completions);
            return count;
        }

        public Reply<bool, BlockError> Wait(CallContext context, long timeoutMicros) =>
            Dies(CrashSite.Wait, out Fault fault)
                ? Reply<bool, BlockError>.FromFault(fault)
                : Device.Wait(context, timeoutMicros);

        internal void Die()
        {
            if (!isDead)
            {
                isDead = true;
                owner.Deaths++;
                using var thread = new Support.TestThread(owner.heap);
                _ = Device.Poll(thread.Context, new BlockCompletion[owner.random.Next(Device.InFlightCount + 1)]);
                Device.Reset();
            }
        }

        private bool Dies(CrashSite site, out Fault fault)
        {
            fault = isDead ? Fault.CalleeDead : Fault.CalleeFaulted;
            if (!isDead && owner.CrashesAt(site))
            {
                Die();
                return true;
            }

            return isDead;
        }
    }
}
