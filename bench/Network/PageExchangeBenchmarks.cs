using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using RedLeafSharp.Bench.Crossings;
using RedLeafSharp.Devices;
using RedLeafSharp.Memory;

namespace RedLeafSharp.Bench.Network;

/// <summary>
/// What it costs to give a program a received packet: the copy of its 1,448 bytes, or the page that the card has written it into. The
/// second one needs a new page for the card. Moving the page through two contracts, and telling the shadow's driver, come on top of it.
/// </summary>
[Config(typeof(ShortInProcess))]
[MemoryDiagnoser]
public class PageExchangeBenchmarks
{
    private const int Packets = 256;
    private const int PayloadBytes = 1_448;
    private const uint Owner = 100;

    private readonly byte[] received = new byte[PayloadBytes];
    private readonly Cell<PageBuffer>[] pages = new Cell<PageBuffer>[Packets];
    private ExchangeHeap? heap;
    private ThreadContext? thread;
    private DmaWindow? window;
    private DeviceLoans? loans;

    /// <summary>Pages that the card has.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        heap = new ExchangeHeap(64L << 20);
        thread = new ThreadContext(new BenchScheduler(), new ExchangeHeapCache(heap), executorId: 0, Owner);
        window = new DmaWindow(heap);
        loans = new DeviceLoans(window);
        for (int packet = 0; packet < Packets; packet++)
        {
            Post(packet);
        }
    }

    /// <summary>One packet's payload.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Packets)]
    public void Copy()
    {
        var context = new CallContext(thread!);
        for (int packet = 0; packet < Packets; packet++)
        {
            pages[packet].Content.Borrow(context).Slice(66, PayloadBytes).CopyTo(received);
        }
    }

    /// <summary>One page taken back from the card, freed by whom it was for, and a new one for the card.</summary>
    [Benchmark(OperationsPerInvoke = Packets)]
    public void Exchange()
    {
        var context = new CallContext(thread!);
        for (int packet = 0; packet < Packets; packet++)
        {
            PageBuffer page = pages[packet].Take();
            loans!.Revoke(page.GetBusAddress(context));
            page.EndLoan(context);
            PageBuffer.Free(context, ref page);
            Post(packet);
        }
    }

    /// <summary>Frees what is not the collector's.</summary>
    [GlobalCleanup]
    public void CleanUp()
    {
        thread?.Dispose();
        heap?.Dispose();
    }

    private void Post(int packet)
    {
        var context = new CallContext(thread!);
        PageBuffer page = PageBuffer.Allocate(context);
        ulong address = page.Lend(context, LoanAccess.DeviceWrites);
        if (!loans!.Grant(address, LoanAccess.DeviceWrites))
        {
            throw new InvalidOperationException("a page is not granted");
        }

        pages[packet].Put(ref page);
    }

    private sealed class ShortInProcess : ManualConfig
    {
        public ShortInProcess() => AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
    }
}
