using RedLeafSharp.Machine.Nvme;
using Xunit;

namespace RedLeafSharp.Tests.Machine;

public class PciConfigurationTests
{
    [Fact]
    public void Header_SaysNvmeController()
    {
        using var rig = new NvmeRig();
        Assert.Equal(0x010802u, rig.Device.ReadConfiguration(8) >> 8);
        Assert.Equal(0u, (rig.Device.ReadConfiguration(0x0C) >> 16) & 0xFF);
        rig.Device.WriteConfiguration(0, 0);
        Assert.NotEqual(0u, rig.Device.ReadConfiguration(0));
    }

    [Theory]
    [InlineData(0x10, 8192)]
    [InlineData(0x20, 4096)]
    public void Bar_WrittenWithOnes_TellsItsSize(int offset, int size)
    {
        using var rig = new NvmeRig();
        uint address = rig.Device.ReadConfiguration(offset);
        rig.Device.WriteConfiguration(offset, ~0u);
        uint sized = rig.Device.ReadConfiguration(offset);
        Assert.Equal(4u, sized & 0xF);
        Assert.Equal((uint)size, ~(sized & ~0xFu) + 1);
        rig.Device.WriteConfiguration(offset, address);
        Assert.Equal(address, rig.Device.ReadConfiguration(offset));
    }

    [Fact]
    public void Capabilities_AreExpressAndMsix()
    {
        using var rig = new NvmeRig();
        Assert.NotEqual(0u, rig.Device.ReadConfiguration(4) & (1u << 20));
        uint first = rig.Device.ReadConfiguration((int)rig.Device.ReadConfiguration(0x34));
        uint second = rig.Device.ReadConfiguration((int)((first >> 8) & 0xFF));
        Assert.Equal((0x10u, 0x11u, 0u), (first & 0xFF, second & 0xFF, (second >> 8) & 0xFF));
        Assert.Equal(16u, (second >> 16) & 0x7FF);
    }

    [Fact]
    public void FunctionLevelReset_ByConfiguration_DisablesTheController()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        rig.Device.WriteConfiguration(0x48, 1 << 15);
        Assert.Equal(0u, rig.Status);
        rig.Enable();
    }

    [Fact]
    public void Msix_NotEnabled_HoldsInterruptsBack()
    {
        using NvmeRig rig = new NvmeRig().Enable();
        HostQueue queue = rig.CreateQueue(1, hasInterrupt: true);
        KernelEvent interrupt = rig.Device.GetInterrupt(1);
        rig.Device.WriteConfiguration(0x80, 0);
        rig.Run(queue, rig.Command((byte)IoOpcode.Flush));
        Assert.False(interrupt.IsSignaled);
        rig.Device.WriteConfiguration(0x80, 1u << 31);
        Assert.True(interrupt.IsSignaled);
    }
}
