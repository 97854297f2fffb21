using System.Text;
using RedLeafSharp.Machine.Media;
using RedLeafSharp.Machine.Worlds;
using RedLeafSharp.Tests.Machine;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Worlds;

/// <summary>The simulated controller beside QEMU's: the same dialogues at register level.</summary>
public class ProtocolComparisonTests
{
    private const int BlockBytes = 512;

    [FactNeeding(Need.Qemu)]
    public void SimulatedController_InEveryScenario_DiffersFromQemusOnlyWhereItIsKnown()
    {
        var description = new NvmeDescription { Name = "disk0", MemoryBytes = (long)NvmeRig.BlockCount * BlockBytes };
        using var qemu = new NvmeRig((heap, scheduler) => new QemuWorld(heap, scheduler, description));
        var surprises = new StringBuilder();
        foreach ((string name, Func<NvmeRig, string> dialogue) in ProtocolScenarios.All)
        {
            using var medium = new VolatileCache(new MemoryMedium(description.MemoryBytes), BlockBytes, 4096);
            using var simulated = new NvmeRig(medium: medium);
            string here = Run(simulated, dialogue);
            string there = Run(qemu, dialogue);
            if ((here != there) != KnownDifferences.All.ContainsKey(name))
            {
                surprises.AppendLine($"{name}: here {here}, QEMU {there}");
            }
        }

        Assert.Equal("", surprises.ToString());
    }

    [Fact]
    public void KnownDifferences_NameScenariosThatExist() =>
        Assert.All(KnownDifferences.All.Keys, name => Assert.Contains(name, ProtocolScenarios.All.Keys));

    private static string Run(NvmeRig rig, Func<NvmeRig, string> dialogue)
    {
        rig.Registers.Write32(0x14, 0);
        rig.Steps();
        return dialogue(rig.Enable());
    }
}
