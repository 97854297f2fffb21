using RedLeafSharp.Machine.Media;
using RedLeafSharp.Machine.Nvme;
using RedLeafSharp.Machine.Worlds;
using RedLeafSharp.Tests.Machine;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Worlds;

/// <summary>The same checks at the registers of both controllers.</summary>
public class ConformanceTests
{
    private const int BlockBytes = 512;

    public static TheoryData<string> Checks => [.. ConformanceChecks.All.Keys];

    [Theory]
    [MemberData(nameof(Checks))]
    public void SimulatedController_Conforms(string check)
    {
        using var rig = new NvmeRig(new SimulatedNvmeOptions { SerialNumber = "RL-disk0" });
        ConformanceChecks.All[check](rig.Enable());
    }

    [Theory]
    [MemberData(nameof(Checks))]
    public void SimulatedController_ThatWorksLater_Conforms(string check)
    {
        using var medium = new VolatileCache(new MemoryMedium((long)NvmeRig.BlockCount * BlockBytes), BlockBytes, 4096);
        var options = new SimulatedNvmeOptions { SerialNumber = "RL-disk0", Deferral = new SeededDelay(3, 5) };
        using var rig = new NvmeRig(options, medium);
        ConformanceChecks.All[check](rig.Enable());
    }

    [TheoryNeeding(Need.Qemu)]
    [MemberData(nameof(Checks))]
    public void QemusController_Conforms(string check)
    {
        var description = new NvmeDescription { Name = "disk0", MemoryBytes = (long)NvmeRig.BlockCount * BlockBytes };
        using var rig = new NvmeRig((heap, scheduler) => new QemuWorld(heap, scheduler, description));
        ConformanceChecks.All[check](rig.Enable());
    }
}
