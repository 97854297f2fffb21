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
    public void MountProgram_TmpfsOfTheSystemFile_KeepsItsFilesOverAnUnmount()
    {
        using var system = new TestSystem(SystemDescription.Parse("test.yaml", Yaml));

        (int status, string output) = system.Shell(
            "mkdir /tmp; mount Tmpfs /tmp; echo hi > /tmp/f; cat /proc/mounts; umount /tmp; ls /tmp; mount -t tmpfs Tmpfs /tmp; cat /tmp/f");

        Assert.Equal((0, "root / ext4 rw 0 0\nnone /dev devfs ro 0 0\nnone /proc proc ro 0 0\nTmpfs /tmp tmpfs rw 0 0\nhi\n"), (status, output));
    }
}
