using RedLeafSharp.Contracts;
using RedLeafSharp.Devices;
using RedLeafSharp.Kernel;
using RedLeafSharp.Kernel.Boot;
using RedLeafSharp.Kernel.Domains;
using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Tests.Shadow;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Supervision;

/// <summary>Rights of a shadow in the hands of whoever still has them after its death.</summary>
public sealed class DeadHolderTests : IDisposable
{
    private const string Refusal = "the shadow is dead, and its rights with it";

    private readonly TestThread thread = new();
    private readonly DomainGate shadow = new(100, "shadow", homeExecutorId: 0, isReentrant: false);

    public void Dispose() => thread.Dispose();

    [Fact]
    public void Loans_OfADeadShadow_GrantAndRevokeNothing()
    {
        var window = new DmaWindow(thread.Heap);
        var loans = new DeviceLoans(window, shadow);
        PageBuffer pages = PageBuffer.Allocate(thread.Context);
        pages.Lend(thread.Context, LoanAccess.DeviceReads);
        ulong address = pages.GetBusAddress(thread.Context);
        Assert.True(loans.Grant(address, LoanAccess.DeviceReads));

        shadow.Kill();

        Assert.Equal(Refusal, Assert.Throws<InvalidOperationException>(() => loans.Grant(address, LoanAccess.DeviceReads)).Message);
        Assert.Equal(Refusal, Assert.Throws<InvalidOperationException>(() => loans.Revoke(address)).Message);
        new DeviceLoans(window).Revoke(address);
        pages.EndLoan(thread.Context);
        PageBuffer.Free(thread.Context, ref pages);
    }

    [Fact]
    public void Link_OfADeadShadow_RecoversNothing()
    {
        Domain driver = MakeDriver();

        // Without a supervisor: whoever asks it for anything fails in another way.
        var link = new DomainLink<IBlockDevice>(new DomainLinkBackend(null!, driver, typeof(IBlockDevice), shadow));
        shadow.Kill();

        Assert.Equal(Refusal, Assert.Throws<InvalidOperationException>(() => link.Recover(thread.Context)).Message);
        Assert.Equal(1u, link.Generation);
    }

    private static Domain MakeDriver()
    {
        DomainDescription description = SystemDescription.Parse("test.yaml", "domains:\n  - {name: Driver}\n").Domains[0];
        var gate = new DomainGate(101, "Driver", homeExecutorId: 0, isReentrant: false);
        var generation = new Generation("Driver", 1, gate, new DomainLoadContext("Driver")) { Limits = DomainLimits.OfDomains };
        Assert.True(generation.TryProvide(typeof(IBlockDevice), new NullDriver()));
        return new Domain(description, null!) { Current = generation };
    }
}
