using RedLeafSharp.Machine.Media;
using RedLeafSharp.Machine.Nvme;
using Xunit;

namespace RedLeafSharp.Tests.Machine;

public sealed class NvmeWriteCacheTests
{
    [Fact]
    public void WriteCache_OnAFileMedium_CanBeSwitchedOff()
    {
        using NvmeRig rig = new NvmeRig(medium: new VolatileCache(new MemoryMedium(1 << 20), 512, 64)).Enable();
        HostQueue queue = rig.CreateQueue(1);
        Assert.Equal(1u, rig.RunAdmin(AdminOpcode.GetFeatures, 6).Dword0);
        Assert.Equal(0, rig.RunAdmin(AdminOpcode.SetFeatures, 6, 0).Status);
        rig.Run(queue, rig.Transfer(IoOpcode.Write, 0, 1, rig.Map()));
        Assert.Equal(0, ((VolatileCache)rig.Medium).DirtyCount);
    }
}
