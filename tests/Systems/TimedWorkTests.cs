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
        SystemDescription description = SystemDescription.Parse("test.yaml", """
            devices:
              - {name: disk0, model: nvme}
            domains:
              - {name: Nvme, device: disk0}
              - {name: BlockShadow, shadows: Nvme}
              - {name: Ext4, use: {IBlockDevice: BlockShadow}, settings: {format: "true", commitSeconds: 1}}
              - {name: Personality, use: {IFileSystem: Ext4}}
            """);
        using var system = new TestSystem(description);
        system.System.Run("test", (context, calls) =>
            calls.Open(context, "/file"u8, OpenFlags.Create | OpenFlags.WriteOnly, 0x1A4).IsOk ? 0 : 1);
        long before = system.System.DiskBytes;

        Assert.True(SpinWait.SpinUntil(() => system.System.DiskBytes > before, Patience), "nothing has been written");
        system.System.Shutdown();
    }
}
