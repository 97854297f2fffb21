using RedLeafSharp.Machine.Nvme;
using Xunit;

namespace RedLeafSharp.Tests.Machine;

/// <summary>Details of refusals that QEMU's controller and the specification agree on.</summary>
public class NvmeRefusalTests
{
    [Theory]
    [InlineData(0u)]
    [InlineData(1000u)]
    [InlineData(uint.MaxValue)]
    public void GetFeature_OfANamespaceThatIsNone_IsRefused(uint nsid)
    {
        using NvmeRig rig = new NvmeRig().Enable();
        Assert.Equal(0x00B, rig.RunAdmin(AdminOpcode.GetFeatures, 0x05, nsid: nsid).Status);
        Assert.Equal(0, rig.RunAdmin(AdminOpcode.GetFeatures, 0x05, nsid: 1).Status);
    }

    [Theory]
    [InlineData(1u, 0x10F)]
    [InlineData(1000u, 0x00B)]
    [InlineData(uint.MaxValue, 0)]
    public void SetFeature_OfTheController_TakesNoNamespace(uint nsid, int status)
    {
        using NvmeRig rig = new NvmeRig().Enable();
        Assert.Equal(status, rig.RunAdmin(AdminOpcode.SetFeatures, 0x01, nsid: nsid).Status);
    }

    [Fact]
    public void Abort_InAQueueThatIsNotThere_SaysThatNothingWasAborted()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        HostCompletion completion = rig.RunAdmin(AdminOpcode.Abort, 0x0077_0005);
        Assert.Equal(0x002, completion.Status);
        Assert.Equal(1u, completion.Dword0);
    }

    [Fact]
    public void DeleteCompletionQueue_InUse_MayBeTriedAgain()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        rig.CreateQueue(1);
        HostCompletion completion = rig.RunAdmin(AdminOpcode.DeleteCompletionQueue, 1);
        Assert.Equal(0x10C, completion.Status);
        Assert.False(completion.HasDoNotRetry);
    }
}
