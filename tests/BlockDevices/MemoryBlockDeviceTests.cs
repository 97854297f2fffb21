using RedLeafSharp.Contracts;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.BlockDevices;

/// <summary>The reference implementation keeps the contract, in order and out of order.</summary>
public class MemoryBlockDeviceTests : BlockDeviceContractTests
{
    [Fact]
    public void Request_DecidedToFail_FailsAndChangesNothing()
    {
        using BlockDeviceRig rig = CreateRig();
        var device = (MemoryBlockDevice)rig.Device;
        device.Decide = request => request.FirstBlock == 3 ? BlockError.MediaError : BlockError.None;

        Assert.Equal(BlockError.MediaError, rig.Write(3, Pattern(512, 1)));
        Assert.Equal(BlockError.None, rig.Write(4, Pattern(512, 1)));

        Assert.Equal(new byte[512], device.Content[(3 * 512)..(4 * 512)]);
    }

    [Fact]
    public void Loan_OfARequestInFlight_CannotBeEnded()
    {
        using BlockDeviceRig rig = CreateRig();
        Lent lent = rig.Lend(new byte[512], LoanAccess.DeviceReads);
        rig.Device.Submit(rig.Context, [rig.Request(BlockOperation.Write, 0, 1, 1)], lent.Pages);

        Assert.Throws<OwnershipException>(() => lent.Buffer.Content.EndLoan(rig.Context));
    }

    internal override BlockDeviceRig CreateRig() => Create(new MemoryBlockOptions());

    internal static BlockDeviceRig Create(MemoryBlockOptions options)
    {
        var thread = new TestThread();
        return new BlockDeviceRig(thread, new MemoryBlockDevice(thread.Heap, options));
    }
}

/// <summary>The same with 4,096-byte blocks and completions out of order.</summary>
public class MemoryBlockDeviceReorderingTests : BlockDeviceContractTests
{
    internal override BlockDeviceRig CreateRig() =>
        MemoryBlockDeviceTests.Create(new MemoryBlockOptions { BlockBytes = 4096, ReorderSeed = 1 });
}
