using System.Text;
using RedLeafSharp.Contracts;
using Xunit;

namespace RedLeafSharp.Tests.Posix;

/// <summary>Mounts, /dev and /proc.</summary>
public sealed class TreeTests
{
    [Fact]
    public void Mount_HidesTheDirectoryUntilItIsUnmounted()
    {
        using var rig = new PosixRig();
        rig.Shell("mkdir -p a/m; echo below > a/m/f");
        rig.Run(context =>
        {
            Assert.True(rig.System.Mount(context, "Scratch"u8, "/a/m"u8, "tmpfs"u8, MountFlags.None).IsOk);
            Assert.Equal(Errno.NoEntry, rig.System.GetAttributes(context, "/a/m/f"u8, followsLinks: true).Error);
            int file = rig.System.Open(context, "/a/m/g"u8, OpenFlags.WriteOnly | OpenFlags.Create, 0x1B6).Value;
            Assert.Equal(Errno.Busy, rig.System.Unmount(context, "/a/m"u8).Error);
            rig.System.Close(context, file);

            Assert.True(rig.System.Unmount(context, "/a/m"u8).IsOk);
            Assert.True(rig.System.GetAttributes(context, "/a/m/f"u8, followsLinks: true).IsOk);
        });
    }

    [Theory]
    [InlineData("domains")]
    [InlineData("faults")]
    [InlineData("filesystems")]
    [InlineData("meminfo")]
    [InlineData("mounts")]
    [InlineData("uptime")]
    [InlineData("self/cmdline")]
    [InlineData("self/environ")]
    [InlineData("self/limits")]
    [InlineData("self/mounts")]
    [InlineData("self/status")]
    public void ProcFile_ReadToItsEnd_Ends(string name)
    {
        using var rig = new PosixRig();
        rig.Run(context =>
        {
            int file = rig.System.Open(context, PosixRig.Bytes($"/proc/{name}"), OpenFlags.ReadOnly, 0).Value;
            var buffer = new byte[1 << 16];
            Assert.True(rig.System.Read(context, file, buffer).IsOk);
            Reply<int, Errno> end = rig.System.Read(context, file, buffer);

            Assert.Equal((true, 0), (end.IsOk, end.Value));
        });
    }

    [Fact]
    public void MountPoint_StaysWhereItIs_AndIsAnotherDevice()
    {
        using var rig = new PosixRig();
        rig.Shell("mkdir -p a/m x; echo 1 > f");
        rig.Run(context =>
        {
            rig.System.Mount(context, "Scratch"u8, "/a/m"u8, "tmpfs"u8, MountFlags.None);

            Assert.Equal(Errno.Busy, rig.System.RemoveDirectory(context, "/a/m"u8).Error);
            Assert.Equal(Errno.Busy, rig.System.Rename(context, "/a/m"u8, "/a/n"u8).Error);
            Assert.Equal(Errno.CrossDevice, rig.System.Link(context, "/f"u8, "/a/m/f"u8).Error);
            Assert.Equal(Errno.CrossDevice, rig.System.Rename(context, "/f"u8, "/a/m/f"u8).Error);
            Assert.True(rig.System.Rename(context, "/a"u8, "/b"u8).IsOk);
            Assert.True(rig.System.ChangeDirectory(context, "/b/m"u8).IsOk);
            Assert.Equal("/b/m", WorkingDirectory(rig, context));
            Assert.True(rig.System.ChangeDirectory(context, ".."u8).IsOk);
            Assert.Equal("/b", WorkingDirectory(rig, context));
        });
    }

    [Theory]
    [InlineData("Nobody", "/d", "", Errno.NoDevice)]
    [InlineData("Scratch", "/d", "ext4", Errno.NoDevice)]
    [InlineData("Scratch", "/missing", "", Errno.NoEntry)]
    [InlineData("Scratch", "/f", "", Errno.NotDirectory)]
    [InlineData("Scratch", "/", "", Errno.Busy)]
    [InlineData("none", "/d", "proc", Errno.None)]
    [InlineData("none", "/d", "devfs", Errno.None)]
    public void Mount_OfThisOnThat_Answers(string source, string target, string type, Errno expected)
    {
        using var rig = new PosixRig();
        rig.Shell("mkdir d; echo > f");
        rig.Run(context => Assert.Equal(
            expected,
            rig.System.Mount(context, PosixRig.Bytes(source), PosixRig.Bytes(target), PosixRig.Bytes(type), MountFlags.None).Error));
    }

    [Fact]
    public void ReadOnlyMount_CannotBeChanged()
    {
        using var rig = new PosixRig();
        rig.Shell("mkdir m");
        rig.Run(context =>
        {
            rig.System.Mount(context, "Scratch"u8, "/m"u8, default, MountFlags.ReadOnly);

            Assert.Equal(Errno.ReadOnlyFileSystem, rig.System.MakeDirectory(context, "/m/d"u8, 0x1ED).Error);
            Assert.Equal(Errno.ReadOnlyFileSystem, rig.System.CheckAccess(context, "/m"u8, AccessModes.Write).Error);
            Assert.True(rig.System.GetFileSystemStatus(context, "/m"u8).Value.IsReadOnly);
        });
    }

    [Fact]
    public void ChangedRoot_CannotBeLeft()
    {
        using var rig = new PosixRig();
        rig.Shell("mkdir -p jail/in; echo secret > f");
        rig.Run(context =>
        {
            Assert.True(rig.System.ChangeRoot(context, "/jail"u8).IsOk);
            Assert.True(rig.System.ChangeDirectory(context, "/in"u8).IsOk);
            Assert.Equal("/in", WorkingDirectory(rig, context));
            Assert.Equal(Errno.NoEntry, rig.System.GetAttributes(context, "/../../f"u8, followsLinks: true).Error);
        });
    }

    [Theory]
    [InlineData("cat /proc/self/cmdline", "cat\0/proc/self/cmdline\0")]
    [InlineData("cat /proc/domains", "report Domains\n")]
    [InlineData("cat /proc/faults", "report Faults\n")]
    [InlineData("head -1 /proc/1/status", "Name:\thost\n")]
    [InlineData("head -1 /proc/mounts", "root / ext4 rw 0 0\n")]
    [InlineData("ls /proc | head -3", "1\n2\n3\n")]
    [InlineData("ls /dev", "console\nfull\nnull\nrandom\ntty\nurandom\nzero\n")]
    [InlineData("head -c 100 /dev/urandom | wc -c", "100\n")]
    public void SystemFile_SaysWhatItShould(string command, string expected)
    {
        using var rig = new PosixRig();

        Assert.Equal(new CommandResult(0, expected, ""), rig.Shell(command));
    }

    [Fact]
    public void Environment_IsTheChildsOwn()
    {
        using var rig = new PosixRig();
        rig.Run(context =>
        {
            DescriptorMapping[] streams = [new(1, 1)];
            Reply<int, Errno> child = rig.System.Spawn(
                context, "cat\0/proc/self/environ\0"u8, "A=1\0B=2\0"u8, streams, SpawnFlags.None);
            Assert.Equal(0, rig.System.WaitForChild(context, child.Value).Value.Status);
        });

        Assert.Equal("A=1\0B=2\0", rig.Console.Output);
    }

    [Fact]
    public void Spawn_HandsDownDescriptorsThatAreNotCloseOnExec()
    {
        using var rig = new PosixRig();
        int found = 0;
        rig.Loader.Extra["look"] = (context, system) =>
        {
            for (int descriptor = 0; descriptor < 10; descriptor++)
            {
                found |= system.Control(context, descriptor, DescriptorCommand.GetDescriptorFlags, 0).IsOk ? 1 << descriptor : 0;
            }

            return 0;
        };
        rig.Run(context =>
        {
            rig.System.Open(context, "/dev/null"u8, OpenFlags.ReadOnly, 0);
            rig.System.Open(context, "/dev/null"u8, OpenFlags.CloseOnExec, 0);
            DescriptorMapping[] mappings = [new(-1, 0), new(4, 7)];
            int child = rig.System.Spawn(context, "look\0"u8, default, mappings, SpawnFlags.None).Value;
            rig.System.WaitForChild(context, child);
        });

        Assert.Equal(0b10001110, found);
    }

    [Fact]
    public void FileSizeLimit_CutsAWriteAndThenRefusesIt()
    {
        using var rig = new PosixRig();
        rig.Run(context =>
        {
            var limit = new ResourceLimit { Soft = 5, Hard = 5 };
            Assert.True(rig.System.SetLimit(context, LimitedResource.FileSize, limit).IsOk);
            int file = rig.System.Open(context, "/f"u8, OpenFlags.WriteOnly | OpenFlags.Create, 0x1B6).Value;

            Assert.Equal(5, rig.System.Write(context, file, "1234567"u8).Value);
            Assert.Equal(Errno.FileTooLarge, rig.System.Write(context, file, "x"u8).Error);
        });
    }

    [Fact]
    public void Fifo_Opened_WaitsForTheOtherSide()
    {
        using var rig = new PosixRig();
        rig.Loader.Extra["writer"] = (context, system) =>
        {
            int end = system.Open(context, "/p"u8, OpenFlags.WriteOnly, 0).Value;
            return system.Write(context, end, "through"u8).Value;
        };
        rig.Run(context =>
        {
            Assert.True(rig.System.MakeFifo(context, "/p"u8, 0x1B6).IsOk);
            int child = rig.System.Spawn(context, "writer\0"u8, -1, -1, -1).Value;
            int end = rig.System.Open(context, "/p"u8, OpenFlags.ReadOnly, 0).Value;
            Assert.Equal(7, rig.System.WaitForChild(context, child).Value.Status);
            byte[] buffer = new byte[20];

            Assert.Equal(7, rig.System.Read(context, end, buffer).Value);
            Assert.Equal(0, rig.System.Read(context, end, buffer).Value);
        });
    }

    private static string WorkingDirectory(PosixRig rig, CallContext context)
    {
        byte[] buffer = new byte[100];
        return Encoding.Latin1.GetString(buffer, 0, rig.System.GetWorkingDirectory(context, buffer).Value);
    }
}
