using RedLeafSharp.Devices;
using RedLeafSharp.Machine.Media;
using RedLeafSharp.Machine.Nvme;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Machine;

/// <summary>A vector that signals somebody else's event, too.</summary>
public sealed class InterruptRoutingTests : IDisposable
{
    private readonly TestThread thread = new();
    private readonly SimulatedNvme device;
    private readonly PciFunction function;
    private readonly DmaWindow window;
    private readonly MemoryMedium medium = new(1 << 20);

    public InterruptRoutingTests()
    {
        window = new DmaWindow(thread.Heap);
        device = new SimulatedNvme(new SimulatedNvmeOptions(), medium, window, thread.Scheduler);
        function = new PciFunction(device, window);
    }

    [Fact]
    public void Vector_ThatIsRouted_SignalsBothEvents()
    {
        KernelEvent target = KernelEvent.Create(thread.Context);
        function.RouteInterrupt(1, target);
        device.GetInterrupt(1).SignalAll();
        Assert.True(target.IsSignaled);
        Assert.True(device.GetInterrupt(1).IsSignaled);
    }

    [Fact]
    public void Vector_AfterTheFence_SignalsItsRouteNoMore()
    {
        KernelEvent target = KernelEvent.Create(thread.Context);
        function.RouteInterrupt(1, target);
        function.Fence();
        device.GetInterrupt(1).SignalAll();
        Assert.False(target.IsSignaled);
    }

    [Fact]
    public void Vectors_RoutedInACircle_DoNotSignalForEver()
    {
        function.RouteInterrupt(0, function.GetInterrupt(1));
        function.RouteInterrupt(1, function.GetInterrupt(0));
        device.GetInterrupt(0).SignalAll();
        Assert.True(device.GetInterrupt(1).IsSignaled);
    }

    /// <summary>Not even where a page of another heap has the address of one that the next driver's device uses.</summary>
    [Fact]
    public void Page_FreedAfterTheFence_LeavesTheNextDriversPagesMapped()
    {
        function.Fence();
        PageBuffer ring = new PciFunction(device, window).AllocateDma(thread.Context, 1, out ulong busAddress);
        using var elsewhere = new TestThread();
        PageBuffer namesake = PageBuffer.Allocate(elsewhere.Context);
        Assert.Equal(busAddress, namesake.GetBusAddress(elsewhere.Context));

        function.FreeDma(elsewhere.Context, ref namesake);
        Assert.True(window.TryTranslate(busAddress, PageBuffer.PageBytes, LoanAccess.DeviceReads, out _));
        Assert.Throws<OwnershipException>(() => PageBuffer.Free(thread.Context, ref ring));
    }

    public void Dispose()
    {
        medium.Dispose();
        thread.Dispose();
    }
}
