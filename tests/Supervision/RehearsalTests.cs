using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Kernel.Supervision;
using RedLeafSharp.Machine.E1000e;
using RedLeafSharp.Machine.Worlds;
using RedLeafSharp.Tests.BlockDevices;
using RedLeafSharp.Tests.Hostile;
using RedLeafSharp.Tests.Support;
using RedLeafSharp.Tests.Systems;
using Xunit;

namespace RedLeafSharp.Tests.Supervision;

public sealed class RehearsalTests : IDisposable
{
    private readonly RehearsalStage stage = RehearsalStage.ForDisk(new NvmeDescription { Name = "disk0" });

    [Fact]
    public void Run_OfTheNvmeDriverAgainAndAgain_PlaysToTheEndAndLeavesNothing()
    {
        for (int time = 0; time < 3; time++)
        {
            Assert.True(Rehearsal.Run(stage, new TestServices(), Load("Nvme")));
            Assert.Equal(0, stage.UsedBytes);
        }
    }

    [Fact]
    public void Run_OfTheNetworkDriverAgainAndAgain_PlaysToTheEndAndLeavesNothing()
    {
        using RehearsalStage network = RehearsalStage.ForNetwork(new E1000eOptions());
        for (int time = 0; time < 3; time++)
        {
            Assert.True(Rehearsal.Run(network, new TestServices(), Load("E1000e")));
            Assert.Equal(0, network.UsedBytes);
        }
    }

    [Fact]
    public void Run_OfADriverThatRefuses_LeavesNothing()
    {
        var settings = new TestServices();
        settings.Settings["queueDepth"] = 0L;

        Assert.False(Rehearsal.Run(stage, settings, Load("Nvme")));
        Assert.Equal(0, stage.UsedBytes);
        Assert.Empty(settings.Reports);
    }

    [Fact]
    public void Run_OfADriverThatThrows_DoesNotConcernTheNext()
    {
        var settings = new TestServices();
        settings.Settings["queueDepth"] = new object();

        Assert.False(Rehearsal.Run(stage, settings, Load("Nvme")));
        Assert.True(Rehearsal.Run(stage, new TestServices(), Load("Nvme")));
    }

    [Fact]
    public void Run_OfADriverThatFillsTheStage_LeavesNothing()
    {
        LoadedDomain hoarder = DomainLoader.Load(Guest.Compile(Hoarder), null, typeof(IDomain), "D", "Hoarder.dll");

        Assert.False(Rehearsal.Run(stage, new TestServices(), hoarder));
        Assert.Equal(0, stage.UsedBytes);
    }

    [Fact]
    public void Event_OfTheStage_IsNotWaitedForByOtherThreads()
    {
        using var elsewhere = new TestThread();
        var kept = new KernelEvent(stage);

        Assert.Throws<InvalidOperationException>(() => kept.Wait(elsewhere.Context, 1));
    }

    public void Dispose() => stage.Dispose();

    /// <summary>It answers whatever is asked, and leaves no page to those who ask.</summary>
    private const string Hoarder = """
        using System; using RedLeafSharp; using RedLeafSharp.Contracts;
        public sealed class Node { public Cell<PageBuffer> Page; public Node Next; }
        public sealed class D : IDomain, IBlockDevice {
            private Node head;
            public Reply<Unit, DomainError> Start(CallContext context, DomainServices services) {
                services.Provide<IBlockDevice>(this); return default(Unit); }
            public Reply<Unit, DomainError> Stop(CallContext context) => default(Unit);
            public Reply<BlockGeometry, BlockError> GetGeometry(CallContext context) {
                while (PageBuffer.TryAllocate(context, 1, out PageBuffer page)) { head = new Node { Next = head }; head.Page.Put(ref page); }
                return new BlockGeometry { BlockBytes = 512, BlockCount = 1 }; }
            public Reply<int, BlockError> Submit(CallContext c, ReadOnlySpan<BlockRequest> r, ReadOnlySpan<ulong> p) => 1;
            public Reply<int, BlockError> Poll(CallContext c, Span<BlockCompletion> d) => 1;
            public Reply<bool, BlockError> Wait(CallContext c, long t) => true;
        }
        """;

    private static LoadedDomain Load(string name)
    {
        DomainImage image = DomainImage.Read(Path.Combine(TestSystem.DomainsFolder, name));
        return DomainLoader.Load(
            image.Assembly, image.Symbols, typeof(IDomain), image.Manifest.Entry!, image.Path);
    }
}
