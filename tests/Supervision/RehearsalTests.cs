using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Kernel.Supervision;
using RedLeafSharp.Machine.E1000e;
using RedLeafSharp.Machine.Worlds;
using RedLeafSharp.Tests.BlockDevices;
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

    public void Dispose() => stage.Dispose();

    private static LoadedDomain Load(string name)
    {
        DomainImage image = DomainImage.Read(Path.Combine(TestSystem.DomainsFolder, name));
        return DomainLoader.Load(
            image.Assembly, image.Symbols, typeof(IDomain), image.Manifest.Entry!, image.Path);
    }
}
