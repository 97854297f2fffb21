using RedLeafSharp.Tests.Cli;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Fuse;

/// <summary>How the command begins and ends, seen from outside.</summary>
public sealed class MountCommandTests : IDisposable
{
    private const Need Needs = Need.Fuse | Need.E2fsprogs;

    private readonly TemporaryFolder folder = new();
    private readonly string image;
    private readonly string mountPoint;

    public MountCommandTests()
    {
        image = Path.Combine(folder.Path, "disk.img");
        mountPoint = Directory.CreateDirectory(Path.Combine(folder.Path, "mnt")).FullName;
    }

    public void Dispose()
    {
        _ = Outside.Run("umount", "-l", mountPoint);
        folder.Dispose();
    }

    [FactNeeding(Needs)]
    public void Mount_UnmountedByUmount_EndsWithACleanImage()
    {
        using RedLeafProcess command = StartOnNewImage();
        Outside.Run("cp", "-r", "/etc/init.d", mountPoint);

        Outside.Unmount(mountPoint);

        Assert.Equal((0, ""), command.WaitForEnd());
        AssertClean();
        Assert.Contains("init.d", Outside.Run("debugfs", "-R", "ls /", image).Output, StringComparison.Ordinal);
    }

    [TheoryNeeding(Needs)]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public void Mount_SignalWhileAProgramHasFilesOpen_KeepsWhatItWroteAndLeavesACleanImage(string signal, int status)
    {
        using RedLeafProcess command = StartOnNewImage();
        Directory.CreateDirectory(Path.Combine(folder.Path, "ready"));
        string client = $"exec 3> {mountPoint}/open; echo written >&3; rmdir {folder.Path}/ready; while echo more >&3; do sleep 0.1; done";
        Task<(int, string Output)> busy = Task.Run(() => Outside.Run("timeout", "60", "bash", "-c", client));
        WaitUntil(() => !Directory.Exists(Path.Combine(folder.Path, "ready")));

        Outside.Run("kill", $"-{signal}", $"{command.Id}");

        Assert.Equal((status, ""), command.WaitForEnd());
        Assert.Contains("write error", busy.GetAwaiter().GetResult().Output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(mountPoint));
        AssertClean();
        Assert.StartsWith("written\n", Outside.Run("debugfs", "-R", "cat /open", image).Output, StringComparison.Ordinal);
    }

    [FactNeeding(Needs)]
    public void Mount_Killed_LeavesADisconnectedFolderAndAnImageThatRecovers()
    {
        using (RedLeafProcess command = StartOnNewImage())
        {
            Assert.Equal(0, Outside.Run("bash", "-c", $"cd {mountPoint} && seq 100000 > synced && sync -f . && sync synced && seq 9 > late").ExitStatus);
            Outside.Run("kill", "-KILL", $"{command.Id}");
            _ = command.WaitForEnd();
        }

        Assert.Contains("not connected", Outside.Run("ls", mountPoint).Output, StringComparison.Ordinal);
        (int status, _, string error) = RedLeafProcess.Run("", "mount", mountPoint);
        Assert.Equal((2, $"redleaf: {mountPoint} is left over from a mount whose server has ended: umount it first\n"), (status, error));
        Outside.Unmount(mountPoint);

        using (RedLeafProcess again = Start())
        {
            Assert.Equal("100000\n", Outside.Run("tail", "-n1", Path.Combine(mountPoint, "synced")).Output);
            Outside.Unmount(mountPoint);
            Assert.Equal((0, ""), again.WaitForEnd());
        }

        AssertClean();
    }

    [Fact]
    public void Mount_FolderThatIsNotThere_IsNamed() => AssertRefused(mountPoint + "/none", $"no such directory: {mountPoint}/none");

    [Fact]
    public void Mount_FileInsteadOfAFolder_IsNamed()
    {
        string file = folder.Write("file", "");

        AssertRefused(file, $"{file} is not a directory");
    }

    [Fact]
    public void Mount_PlaceWhereSomethingIsMounted_IsNamedAsBusy() =>
        AssertRefused("/proc", "/proc is busy: something is mounted there already");

    private static void AssertRefused(string place, string message)
    {
        (int status, _, string error) = RedLeafProcess.Run("", "mount", place);

        Assert.Equal((2, $"redleaf: {message}\n"), (status, error));
    }

    private static void WaitUntil(Func<bool> condition) =>
        Assert.True(SpinWait.SpinUntil(condition, TimeSpan.FromSeconds(60)), "the condition does not come true");

    private RedLeafProcess StartOnNewImage()
    {
        Assert.Equal(0, RedLeafProcess.Run("", "mkfs", image, "64M").Status);
        return Start();
    }

    private RedLeafProcess Start()
    {
        RedLeafProcess command = RedLeafProcess.Start("mount", mountPoint, "--disk", image);
        Assert.Equal($"mounted at {mountPoint}; umount it, or press Ctrl+C, to end", command.Output.ReadLine());
        return command;
    }

    private void AssertClean()
    {
        (int status, string output) = Outside.Run("e2fsck", "-fn", image);
        Assert.True(status == 0, output);
    }
}
