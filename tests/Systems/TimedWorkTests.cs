using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel;
using Xunit;

namespace RedLeafSharp.Tests.Systems;

public sealed class TimedWorkTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public void FileSystem_ChangedAndLeftAlone_CommitsByItself()
    {
        using TestSystem system = Boot(commitSeconds: 1);
        long before = system.System.DiskBytes;

        Change(system);

        Assert.True(SpinWait.SpinUntil(() => system.System.DiskBytes > before, Patience), "nothing has been written");
        system.System.Shutdown();
    }

    /// <summary>What the other test sees is the timer, and not the change itself.</summary>
    [Fact]
    public void FileSystem_ChangedBeforeItsTime_HasWrittenNothing()
    {
        using TestSystem system = Boot(commitSeconds: 300);
        long before = system.System.DiskBytes;

        Change(system);

        Assert.Equal(before, system.System.DiskBytes);
        system.System.Shutdown();
    }

    private static void Change(TestSystem system) => Assert.Equal(0, system.System.Run("test", (context, calls) =>
        calls.Open(context, "/file"u8, OpenFlags.Create | OpenFlags.WriteOnly, 0x1A4).IsOk ? 0 : 1));

    private static TestSystem Boot(int commitSeconds) => new(
        SystemDescription.Parse("test.yaml", $$$"""
            devices:
              - {name: disk0, model: nvme}
            domains:
              - {name: Nvme, device: disk0}
              - {name: BlockShadow, shadows: Nvme}
              - {name: Ext4, use: {IBlockDevice: BlockShadow}, settings: {format: "true", commitSeconds: {{{commitSeconds}}} } }
              - {name: Personality, use: {IFileSystem: Ext4}}
            """));
}
