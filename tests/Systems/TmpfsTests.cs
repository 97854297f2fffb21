using RedLeafSharp.Kernel;
using Xunit;

namespace RedLeafSharp.Tests.Systems;

/// <summary>A booted system with a second file system, which its own programs mount and unmount.</summary>
public sealed class TmpfsTests
{
    private const string Yaml = """
        devices:
          - {name: disk0, model: nvme}
        domains:
          - {name: Nvme, device: disk0}
          - {name: BlockShadow, shadows: Nvme}
          - {name: Ext4, use: {IBlockDevice: BlockShadow}}
          - {name: Tmpfs}
          - {name: Personality, use: {IFileSystem: [Ext4, Tmpfs]}, settings: {mounts: "Tmpfs:tmpfs"}}
        programs: [Programs]
        """;

    [Fact]
    public void BuiltInSystem_Tmp_IsATmpfsWithoutADirectoryOnTheDisk()
    {
        using var system = new TestSystem();

        (int status, string output) = system.Shell(
            "ls -A /; grep /tmp /proc/mounts; echo 1 > /tmp/f; cat /tmp/f; cp /tmp/f /f; cd /tmp; pwd; cd ..; pwd; rm /tmp/f; rmdir /tmp; echo $?");

        Assert.Equal(
            (0, "lost+found\nTmpfs /tmp tmpfs rw 0 0\n1\n/tmp\n/\nrmdir: failed to remove '/tmp': Device or resource busy\n1\n"),
            (status, output));
    }

    [Fact]
    public void MountProgram_TmpfsOfTheSystemFile_KeepsItsFilesOverAnUnmount()
    {
        using var system = new TestSystem(SystemDescription.Parse("test.yaml", Yaml));

        (int status, string output) = system.Shell(
            "mkdir /tmp; mount Tmpfs /tmp; echo hi > /tmp/f; cat /proc/mounts; umount /tmp; ls /tmp; mount -t tmpfs Tmpfs /tmp; cat /tmp/f");

        Assert.Equal((0, "root / ext4 rw 0 0\nnone /dev devfs ro 0 0\nnone /proc proc ro 0 0\nTmpfs /tmp tmpfs rw 0 0\nhi\n"), (status, output));
    }
}
