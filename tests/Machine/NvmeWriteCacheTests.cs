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

    /// <summary>A driver's buffer may begin in the middle of a page, so that a block comes in two pieces.</summary>
    [Fact]
    public void ForcedWrite_InTwoPieces_SurvivesAPowerCutAndItsNeighbourDoesNot()
    {
        var cache = new VolatileCache(new MemoryMedium(1 << 20), 512, 64);
        using NvmeRig rig = new NvmeRig(medium: cache).Enable();
        HostQueue queue = rig.CreateQueue(1);
        ulong pages = rig.Map(2);
        byte[] data = rig.Fill(pages, 8192)[3584..4608];
        ulong start = pages + 3584 + 256;
        rig.Run(queue, rig.Transfer(IoOpcode.Write, 2047, 1, start, pages + 4096, 1u << 30));
        rig.Run(queue, rig.Transfer(IoOpcode.Write, 2046, 1, start, pages + 4096));

        cache.PowerCut(seed: 0);

        var found = new byte[1024];
        cache.Read(2046 * 512, found);
        Assert.Equal([.. new byte[512], .. data[256..768]], found);
    }
}
