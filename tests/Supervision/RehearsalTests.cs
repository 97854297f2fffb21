using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Kernel.Supervision;
using RedLeafSharp.Machine.Worlds;
using RedLeafSharp.Tests.BlockDevices;
using RedLeafSharp.Tests.Systems;
using Xunit;

namespace RedLeafSharp.Tests.Supervision;

public sealed class RehearsalTests : IDisposable
{
    private readonly RehearsalStage stage = new(new NvmeDescription { Name = "disk0" });

    [Fact]
    public void Run_OfTheNvmeDriverAgainAndAgain_PlaysToTheEndAndLeavesNothing()
    {
        for (int time = 0; time < 3; time++)
        {
            Assert.True(Rehearsal.Run(stage, new TestServices(), LoadNvme()));
            Assert.Equal(0, stage.UsedBytes);
        }
    }

    [Fact]
    public void Run_OfADriverThatRefuses_LeavesNothing()
    {
        var settings = new TestServices();
        settings.Settings["queueDepth"] = 0L;

        Assert.False(Rehearsal.Run(stage, settings, LoadNvme()));
        Assert.Equal(0, stage.UsedBytes);
        Assert.Empty(settings.Reports);
    }

    [Fact]
    public void Run_OfADriverThatThrows_DoesNotConcernTheNext()
    {
        var settings = new TestServices();
        settings.Settings["queueDepth"] = new object();

        Assert.False(Rehearsal.Run(stage, settings, LoadNvme()));
        Assert.True(Rehearsal.Run(stage, new TestServices(), LoadNvme()));
    }

    public void Dispose() => stage.Dispose();

    private static LoadedDomain LoadNvme()
    {
        DomainImage image = DomainImage.Read(Path.Combine(TestSystem.DomainsFolder, "Nvme"));
        return DomainLoader.Load(
            image.Assembly, image.Symbols, typeof(IDomain), image.Manifest.Entry!, image.Path);
    }
}
